#include "report/html_page.h"

#include "catch.h"
#include "cli/report_data.h"

using namespace mnist;

using mnist::testing::data_of_page;

TEST_CASE("report: a page holds its style, its scripts and its data") {
  const nlohmann::ordered_json data{{"kind", "run"}, {"value", 0.1}};
  const std::string page = html_page(data);
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK_THAT(page, contains("prefers-color-scheme: dark"));
  CHECK_THAT(page, contains("function runPage("));
  CHECK(data_of_page(page) == data);
  for (const char* place : {"/* STYLE */", "/* SCRIPTS */", "/* DATA */"}) {
    CHECK(page.find(place) == std::string::npos);
  }
}

TEST_CASE("report: a page forbids itself all requests and names no address") {
  const std::string page = html_page({{"kind", "run"}});
  CHECK_THAT(page, contains("default-src 'none'"));
  CHECK_THAT(page, !contains("https:"));
  CHECK_THAT(page, !contains("src=\""));
}

TEST_CASE("report: no text in its data ends the page's script") {
  const nlohmann::ordered_json data{{"name", "</script><script>alert(1)</script><!--/* DATA */"}};
  const std::string page = html_page(data);
  CHECK(data_of_page(page) == data);
  CHECK_THAT(page, !contains("alert(1)</script>"));
  CHECK_THAT(page, !contains("<!--"));
}

TEST_CASE("report: text that is not UTF-8 is mended") {
  CHECK(data_of_page(html_page({{"name", "a\xff"}}))["name"] == "a\xef\xbf\xbd");
}
