#include "cli/report_data.h"

#include "catch.h"

namespace mnist::testing {

nlohmann::ordered_json data_of_page(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t at = page.find(begin) + begin.size();
  return nlohmann::ordered_json::parse(page.substr(at, page.find("</script>", at) - at));
}

nlohmann::ordered_json report_of(const Sandbox& box, const std::string& arguments) {
  const Outcome outcome = box.mnist("report " + arguments);
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  return data_of_page(box.read("report.html"));
}

}  // namespace mnist::testing
