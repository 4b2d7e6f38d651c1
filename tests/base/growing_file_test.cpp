#include "base/growing_file.h"

#include <filesystem>
#include <string>

#include "base/error.h"
#include "catch.h"

using namespace mnist;

TEST_CASE("base: a growing file reports a full disk with its name") {
  if (!std::filesystem::exists("/dev/full")) return;
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
