#include "cli/sweeps.h"

#include "catch.h"

namespace mnist::testing {

std::vector<std::string> sweep_rows(const Sandbox& box, const std::string& sweep) {
  std::vector<std::string> rows = lines_of(box.read(sweep + "/trials.csv"));
  for (std::string& row : rows) {
    const std::size_t status = row.rfind(',');
    const std::size_t seconds = row.rfind(',', status - 1);
    row.erase(seconds, status - seconds);
  }
  return rows;
}

bool has_programs(const std::string& programs, const std::string& packages) {
  if (Sandbox().shell("for p in " + programs + "; do command -v $p || exit 1; done").code == 0) {
    return true;
  }
  skip_test("needs " + programs + " (" + packages + ")");
  return false;
}

}  // namespace mnist::testing
