#include "train/event_file.h"

#include <filesystem>
#include <string>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

TEST_CASE("train: records that cannot be read are an error that names their file") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "events";
  std::filesystem::create_directory(path);
  try {
    const EventFile file(path, 5);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    CHECK(std::string(error.what()).starts_with(path.string() + ": cannot be read: "));
  }
}

}  // namespace
}  // namespace mnist
