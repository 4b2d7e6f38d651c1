#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string_view line; reader.next(line);) {
    lines.emplace_back(line);
    if (!reader.whole()) lines.back() += "...";
  }
  CHECK(reader.position() == fs::file_size(path));
  return lines;
}

template <class Call>
void check_refused(const Call& call, const std::string& why) {
  try {
    call();
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    CHECK_THAT(error.what(), contains(why));
  }
}

TEST_CASE("base: a file is read whole and by lines") {
  const TemporaryDirectory directory;
  using Lines = std::vector<std::string>;
  CHECK(lines_of(directory.write("empty", "")).empty());
  CHECK(lines_of(directory.write("one", "a\n")) == Lines{"a"});
  CHECK(lines_of(directory.write("cut", "a\n\nb")) == Lines{"a", "", "b..."});
  const std::string zeros("x\0y\n", 4);
  CHECK(lines_of(directory.write("zeros", zeros)) == Lines{std::string("x\0y", 3)});
  CHECK(read_file(directory / "zeros") == zeros);
  // Lines that cross the blocks of 64 KiB in which a file is read.
  std::string text;
  Lines expected;
  for (std::size_t n = 1; n < 200'000; n = n * 7 / 4 + 1) {
    expected.emplace_back(n, static_cast<char>('a' + n % 26));
    text += expected.back() + "\n";
  }
  CHECK(lines_of(directory.write("long", text)) == expected);
  CHECK(read_file(directory / "long") == text);
  CHECK(read_file(directory / "long", text.size()) == text);
  check_refused([&] { read_file(directory / "long", text.size() - 1); }, "is larger than");
  check_refused([&] { read_file(directory / "one", 1); }, "is larger than 1 bytes");
}

TEST_CASE("base: an error of reading is not the end of a file") {
  const TemporaryDirectory directory;
  check_refused([&] { read_file(directory / "missing"); }, "no such file");
  check_refused([&] { read_file(directory.path()); }, "Is a directory");
  check_refused([&] { LineReader(directory.path()); }, "Is a directory");
  // Its first page is not mapped, so that the kernel answers EIO.
  check_refused([&] { read_file("/proc/self/mem"); }, "cannot be read");
  check_refused(
      [&] {
        std::string_view line;
        LineReader("/proc/self/mem").next(line);
      },
      "cannot be read");
  check_refused([&] { read_file("/dev/zero", 1000); }, "larger than 1000 bytes");
  check_refused(
      [&] {
        std::string_view line;
        LineReader("/dev/zero").next(line);
      },
      "line is longer");
}

TEST_CASE("base: a descriptor that does not block gets all bytes and gives them") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_NONBLOCK) == 0);
  const std::string sent(1'000'000, 'x');
  std::string received(sent.size(), ' ');
  std::ptrdiff_t got = 0;
  std::thread reader([&] {  // Catch2 knows one thread only
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    got = read_up_to(ends[0], std::as_writable_bytes(std::span(received)));
  });
  CHECK(write_all(ends[1], sent) == 0);
  reader.join();
  CHECK(got == static_cast<std::ptrdiff_t>(sent.size()));
  CHECK(received == sent);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("base: programs that are started inherit no descriptor") {
  const TemporaryDirectory directory;
  const Descriptor file = open_file(directory / "file", O_WRONLY | O_CREAT);
  REQUIRE(file.opened());
  CHECK((::fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("base: a rename says what failed") {
  const TemporaryDirectory directory;
  directory.write("a", "text");
  rename_for_good(directory / "a", directory / "b");
  CHECK(read_file(directory / "b") == "text");
  CHECK_THROWS_AS(rename_for_good(directory / "a", directory / "b"), Error);
  CHECK_THROWS_AS(sync_directory(directory / "missing"), Error);
}

}  // namespace
}  // namespace mnist
