#include "data/byte_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::Form;
using test::holds;
using test::kForms;
using test::packed;

/// Text that does not compress away: several blocks of every format.
std::string some_text(std::size_t lines) {
  std::mt19937 random(7);
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += std::to_string(random()) + ",0,0,0,0\n";
  return text;
}

std::string read_all(ByteSource& source, std::size_t piece) {
  std::string all;
  std::string buffer(piece, '\0');
  while (const std::size_t got = source.read(buffer.data(), piece)) {
    all.append(buffer, 0, got);
    if (got < piece) CHECK(source.read(buffer.data(), piece) == 0);
  }
  return all;
}

std::string read_all(const std::filesystem::path& path) {
  ByteSource source(path);
  return read_all(source, 4096);
}

/// Standard input is `fd` while this lives.
class StandardInput {
 public:
  explicit StandardInput(int fd) : before_(::dup(STDIN_FILENO)) {
    ::dup2(fd, STDIN_FILENO);
    ::close(fd);
  }
  ~StandardInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_;
};

TEST_CASE("data: every form of a file gives the same bytes, whatever its name") {
  const TemporaryDirectory directory;
  for (const std::size_t lines : {1U, 100U, 30000U}) {
    const std::string text = some_text(lines);
    for (const Form form : kForms) {
      const auto path = directory.write("file", packed(form, text));
      for (const std::size_t piece : {std::size_t{5}, std::size_t{1000}, 2 * text.size()}) {
        if (piece < 1000 && lines > 100) continue;
        ByteSource source(path);
        CHECK(source.head() == text.substr(0, 512));
        CHECK(read_all(source, piece) == text);
        if (lines > 100) CHECK(source.progress() == Approx(1).margin(0.15));
      }
    }
  }
}

TEST_CASE("data: a file packed twice is unpacked twice") {
  const TemporaryDirectory directory;
  CHECK(read_all(directory.write("file", packed(Form::kZstd, packed(Form::kGzip, "1,2\n")))) ==
        "1,2\n");
}

TEST_CASE("data: a zip archive stands for its only file, or for the one that is named") {
  const TemporaryDirectory directory;
  CHECK(read_all(directory.write(
            "one", test::zip({{"folder/", ""}, {"folder/first.csv", "1,2\n"}}))) == "1,2\n");
  const auto several = directory.write(
      "a", test::zip({{"folder/", ""}, {"folder/first.csv", "1,2\n"}, {"second.csv", "3,4\n"}}));
  CHECK(read_all(several.string() + ":second.csv") == "3,4\n");
  CHECK(holds(error_of([&] { read_all(several); }), "folder/first.csv, second.csv; name one"));
  CHECK(holds(error_of([&] {
                read_all(directory.write("b", test::zip({{"folder/", ""}})));
              }),
              "a zip archive without a file in it"));
}

TEST_CASE("data: standard input is read in every form, from a file or a pipe") {
  const TemporaryDirectory directory;
  const std::string text = some_text(30000);
  for (const Form form : kForms) {
    const std::string bytes = packed(form, text);
    const auto path = directory.write("file", bytes);
    {
      const StandardInput input(::open(path.c_str(), O_RDONLY));
      CHECK(read_all("-") == text);
    }
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    std::thread writer([&] {
      for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::write(ends[1], bytes.data() + done, bytes.size() - done);
        if (n <= 0) break;
        done += static_cast<std::size_t>(n);
      }
      ::close(ends[1]);
    });
    {
      const StandardInput input(ends[0]);
      ByteSource source("-");
      CHECK(source.name() == "standard input");
      CHECK(source.progress() == 0);
      CHECK(read_all(source, 777) == text);
    }
    writer.join();
  }
}

TEST_CASE("data: a file that cannot be read is named with what to do") {
  const TemporaryDirectory directory;
  const auto open = [](const std::filesystem::path& path) {
    return error_of([&] { ByteSource source(path); });
  };
  const std::string missing = (directory.path() / "missing.csv").string();
  CHECK(open(missing) == missing + ": no such file; check the path");
  CHECK(holds(open(directory.path()), "is a directory"));
  CHECK(holds(open(directory.path() / "missing" / "x.csv"), "no such file"));
  const auto file = directory.write("file", "1,2\n");
  CHECK(holds(open(file / "x.csv"), "cannot be opened: Not a directory"));
}

TEST_CASE("data: an empty file is called empty in every form") {
  const TemporaryDirectory directory;
  for (const Form form : kForms) {
    const auto path = directory.write("file", packed(form, ""));
    CHECK(error_of([&] { ByteSource source(path); }) == path.string() + ": is empty");
  }
}

TEST_CASE(
    "data: a compressed file cut short anywhere is an error, never a "
    "shorter file") {
  const TemporaryDirectory directory;
  const std::string text = some_text(20000);
  for (const Form form : {Form::kGzip, Form::kBzip2, Form::kXz, Form::kZstd, Form::kZip}) {
    const std::string whole = packed(form, text);
    // From behind the header to the last byte of the trailer. A zip's directory
    // at the end is not needed to read its first file.
    const std::size_t end = form == Form::kZip ? whole.size() * 9 / 10 : whole.size();
    for (const std::size_t size : {std::size_t{32}, std::size_t{100}, whole.size() / 2, end - 9,
                                   end - 5, end - 4, end - 1}) {
      INFO("form " << static_cast<int>(form) << ", " << size << " of " << whole.size());
      const auto path = directory.write("file", whole.substr(0, size));
      CHECK(holds(error_of([&] { read_all(path); }), path.string() + ": "));
    }
  }
}

TEST_CASE("data: damaged compressed data are an error") {
  const TemporaryDirectory directory;
  for (const Form form : {Form::kBzip2, Form::kXz, Form::kZstd, Form::kZip}) {
    std::string bytes = packed(form, some_text(20000));
    for (std::size_t i = bytes.size() / 3; i < bytes.size() / 3 + 50; ++i) bytes[i] ^= '\x55';
    const auto path = directory.write("file", bytes);
    CHECK(holds(error_of([&] { read_all(path); }), "fetch or copy it again"));
  }
}

// What a source says of its bytes, or the bytes.
std::string outcome_of(const std::filesystem::path& path) {
  try {
    ByteSource source(path);
    std::string bytes(10'000, ' ');
    bytes.resize(source.read(bytes.data(), bytes.size()));
    return bytes;
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    return error.what();
  }
}

TEST_CASE("data: no bit of a gzip file changes its data unnoticed") {
  const TemporaryDirectory directory;
  std::string text;
  for (int i = 0; i < 400; ++i) text += std::to_string(i * i % 251) + (i % 5 == 4 ? "\n" : ",");
  const std::string file = packed(Form::kGzip, text);
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string flipped = file;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const std::string outcome = outcome_of(directory.write("flipped", flipped));
    // Told, or where the bit is one of its name or time, of no matter. Without the first two bytes
    // it is a plain file.
    const bool noticed = outcome.find("cannot be read") != std::string::npos;
    CHECK((noticed || outcome == text || bit < 16));
  }
}

TEST_CASE("data: what is behind a gzip member is another one, or zeros, or damage") {
  const TemporaryDirectory directory;
  const std::string one = packed(Form::kGzip, "1,2\n");
  const std::string two = packed(Form::kGzip, "3,4\n");
  CHECK(outcome_of(directory.write("both", one + two)) == "1,2\n3,4\n");
  CHECK(outcome_of(directory.write("padded", one + std::string(100'000, '\0'))) == "1,2\n");
  CHECK_THAT(outcome_of(directory.write("more", one + "3,4\n")), mnist::contains("other bytes"));
  CHECK_THAT(outcome_of(directory.write("cut", one + two.substr(0, two.size() - 1))),
             mnist::contains("cut short"));
}

TEST_CASE("data: a file that unpacks to a thousand times its size is refused") {
  const TemporaryDirectory directory;
  const std::string zeros(600'000'000, '\0');
  for (const Form form : {Form::kGzip, Form::kZstd, Form::kXz}) {
    const auto path = directory.write("bomb", packed(form, zeros));
    std::vector<char> block(1 << 20);
    CHECK_THROWS_AS(
        [&] {
          ByteSource source(path);
          while (source.read(block.data(), block.size()) == block.size()) {
          }
        }(),
        Error);
  }
}

}  // namespace
}  // namespace mnist
