#include "base/available_cores.h"

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

TEST_CASE("base: there is a core to run on") { CHECK(available_cores() >= 1); }

TEST_CASE("base: the tightest quota of a control group and those above it counts") {
  const TemporaryDirectory directory;
  const fs::path& root = directory.path();
  fs::create_directories(root / "outer/inner");
  const auto set = [&](const char* group, const char* quota) {
    std::ofstream(root / group / "cpu.max") << quota << '\n';
  };

  CHECK(cores_in_quota(root, "outer/inner") == 0);
  set("outer", "max 100000");
  CHECK(cores_in_quota(root, "outer/inner") == 0);
  set("outer", "350000 100000");
  CHECK(cores_in_quota(root, "outer/inner") == 4);
  set("outer/inner", "150000 100000");
  CHECK(cores_in_quota(root, "outer/inner") == 2);
  CHECK(cores_in_quota(root, "outer") == 4);
  set(".", "50000 100000");
  CHECK(cores_in_quota(root, "outer/inner") == 1);
  CHECK(cores_in_quota(root, "") == 1);
  CHECK(cores_in_quota(root / "missing", "outer") == 0);
}

}  // namespace
}  // namespace mnist
