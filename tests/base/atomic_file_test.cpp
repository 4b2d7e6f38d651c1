#include "base/atomic_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

/// Writing must end with an Error(kFailure) that names the path and the reason.
void check_failure(const fs::path& path, const std::string& text, const std::string& reason) {
  std::string message;
  try {
    write_file_atomically(path, text);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kFailure);
    message = error.what();
  }
  CAPTURE(message);
  CHECK(message.find(path.string()) != std::string::npos);
  CHECK(message.find(reason) != std::string::npos);
}

/// While it lives, files cannot grow beyond `bytes`, as on a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_limit_);
    rlimit limit = old_limit_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int);
};

TEST_CASE("base: a file appears with its bytes and nothing beside it") {
  const TemporaryDirectory directory;
  const std::string text("a\0b\n\xff", 5);
  write_file_atomically(directory / "new", text);
  CHECK(content(directory / "new") == text);
  write_file_atomically(directory / "new", "shorter");
  CHECK(content(directory / "new") == "shorter");
  write_file_atomically(directory / "new", "");
  CHECK(content(directory / "new").empty());
  const std::byte bytes[] = {std::byte{1}, std::byte{0}, std::byte{255}};
  write_file_atomically(directory / "new", bytes);
  CHECK(content(directory / "new") == std::string("\1\0\xff", 3));
  CHECK(entries(directory.path()) == 1);
}

TEST_CASE("base: a file is written whatever its name, also relative to the working directory") {
  const TemporaryDirectory directory;
  const std::string longest(255, 'n');
  write_file_atomically(directory / longest, "long");
  CHECK(content(directory / longest) == "long");

  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  write_file_atomically("here", "plain name");
  fs::current_path(before);
  CHECK(content(directory / "here") == "plain name");
}

TEST_CASE("base: a new file has the permissions that the umask leaves") {
  const TemporaryDirectory directory;
  const mode_t before = umask(027);
  write_file_atomically(directory / "file", "");
  umask(before);
  CHECK(fs::status(directory / "file").permissions() == static_cast<fs::perms>(0640));
}

TEST_CASE("base: a file cannot be written into a directory that is missing or is a file") {
  const TemporaryDirectory directory;
  check_failure(directory / "missing/file", "x", "No such file or directory");
  write_file_atomically(directory / "file", "x");
  check_failure(directory / "file/file", "x", "Not a directory");
  CHECK(entries(directory.path()) == 1);
}

TEST_CASE("base: a directory, a pipe or a device is not replaced by a file") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "target");
  check_failure(directory / "target", "x", "Is a directory");
  CHECK(fs::is_directory(directory / "target"));

  REQUIRE(mkfifo((directory / "pipe").c_str(), 0600) == 0);
  check_failure(directory / "pipe", "x", "not a regular file");
  CHECK(fs::is_fifo(directory / "pipe"));

  check_failure("/dev/null", "x", "not a regular file");
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(entries(directory.path()) == 2);
}

TEST_CASE("base: writing through a link replaces the file that it names") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "real");
  write_file_atomically(directory / "real/file", "old");
  fs::create_symlink("real/file", directory / "link");
  write_file_atomically(directory / "link", "new");
  CHECK(fs::is_symlink(directory / "link"));
  CHECK(content(directory / "real/file") == "new");

  fs::create_symlink("nowhere", directory / "dangling");
  write_file_atomically(directory / "dangling", "text");
  CHECK(content(directory / "dangling") == "text");
}

TEST_CASE("base: a full disk leaves the old file as it was and no other") {
  const TemporaryDirectory directory;
  write_file_atomically(directory / "file", "old");
  {
    const FileSizeLimit limit(1000);
    check_failure(directory / "file", std::string(100'000, 'x'), "File too large");
  }
  CHECK(content(directory / "file") == "old");
  CHECK(entries(directory.path()) == 1);
}

TEST_CASE("base: a directory without permission to write is named with the reason") {
  if (geteuid() == 0) return;  // root may write anywhere
  const TemporaryDirectory directory;
  fs::permissions(directory.path(), fs::perms::owner_read | fs::perms::owner_exec);
  check_failure(directory / "file", "x", "Permission denied");
  fs::permissions(directory.path(), fs::perms::owner_all);
}

TEST_CASE("base: a reader sees one whole file or the other, never a part") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "file";
  const auto text = [](char letter) { return std::string(50'000, letter); };
  write_file_atomically(path, text('a'));
  std::atomic<bool> done{false};
  const auto write_often = [&](char letter) {
    for (int i = 0; i < 20; ++i) write_file_atomically(path, text(letter));
  };
  std::thread first(write_often, 'b');
  std::thread second([&] {
    write_often('c');
    done = true;
  });
  bool whole = true;
  while (!done) {
    const std::string seen = content(path);
    whole = whole && !seen.empty() && seen == text(seen.front());
  }
  first.join();
  second.join();
  CHECK(whole);
  CHECK(entries(directory.path()) == 1);
}

}  // namespace
}  // namespace mnist
