#include "base/available_cores.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "catch.h"
#include "temporary_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

TEST_CASE("base: there is a core to run on") { CHECK(available_cores() >= 1); }

std::size_t cores(const fs::path& root, const std::string& groups) {
  std::istringstream lines(groups);
  return cores_in_quotas(lines, root);
}

TEST_CASE("base: the tightest quota of a control group and those above it counts") {
  const TemporaryDirectory directory;
  const fs::path& root = directory.path();
  fs::create_directories(root / "outer/inner");
  const auto set = [&](const char* group, const char* quota) {
    std::ofstream(root / group / "cpu.max") << quota << '\n';
  };

  CHECK(cores(root, "0::/outer/inner\n") == 0);
  set("outer", "max 100000");
  CHECK(cores(root, "0::/outer/inner\n") == 0);
  set("outer", "350000 100000");
  CHECK(cores(root, "0::/outer/inner\n") == 4);
  set("outer/inner", "150000 100000");
  CHECK(cores(root, "0::/outer/inner\n") == 2);
  CHECK(cores(root, "0::/outer\n") == 4);
  set(".", "50000 100000");
  CHECK(cores(root, "0::/outer/inner\n") == 1);
  CHECK(cores(root, "0::/\n") == 1);
  CHECK(cores(root / "missing", "0::/outer\n") == 0);
  CHECK(cores(root, "") == 0);
}

TEST_CASE("base: quotas of control groups of version 1 count like those of version 2") {
  const TemporaryDirectory directory;
  const fs::path& root = directory.path();
  fs::create_directories(root / "cpu,cpuacct/docker/box");
  fs::create_directories(root / "memory/docker/box");
  const auto set = [&](const char* group, const char* quota) {
    std::ofstream(root / group / "cpu.cfs_quota_us") << quota << '\n';
    std::ofstream(root / group / "cpu.cfs_period_us") << "100000\n";
  };
  const std::string groups = "5:memory:/docker/box\n4:cpu,cpuacct:/docker/box\n0::/system\n";

  CHECK(cores(root, groups) == 0);
  set("cpu,cpuacct/docker/box", "-1");
  set("memory/docker/box", "100000");  // not where quotas of time lie
  CHECK(cores(root, groups) == 0);
  set("cpu,cpuacct/docker/box", "250000");
  CHECK(cores(root, groups) == 3);
  set("cpu,cpuacct/docker", "200000");
  CHECK(cores(root, groups) == 2);
  std::ofstream(root / "cpu.max") << "100000 100000\n";  // both at once, as in hybrid set-ups
  CHECK(cores(root, groups) == 1);
  // In a container the group's own directory is the root of what is mounted.
  CHECK(cores(root, "4:cpu,cpuacct:/a/path/of/the/host\n") == 0);
  set("cpu,cpuacct", "150000");
  CHECK(cores(root, "4:cpu,cpuacct:/a/path/of/the/host\n") == 2);
}

}  // namespace
}  // namespace mnist
