#include "base/growing_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

using namespace mnist;

TEST_CASE("base: a growing file reports a full disk with its name") {
  if (!std::filesystem::exists("/dev/full")) {
    skip_test("needs /dev/full");
    return;
  }
  std::string message;
  try {
    GrowingFile file("/dev/full", "header");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kFailure);
    message = error.what();
  }
  CHECK(message.find("/dev/full") != std::string::npos);
  CHECK(message.find("No space left") != std::string::npos);
}

TEST_CASE("base: a growing file starts empty with its header, or goes on where it ended") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory / "log.csv";
  const auto content = [&] {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  std::ofstream(path) << "of an earlier run";
  {
    GrowingFile file(path, "step,loss\n");
    file.append("1,0.5\n");
    file.flush();
    CHECK(content() == "step,loss\n1,0.5\n");
  }
  {
    GrowingFile file(path, "step,loss\n", GrowingFile::Start::kAppend);
    file.append("2,0.25\n");
  }
  CHECK(content() == "step,loss\n1,0.5\n2,0.25\n");
}
