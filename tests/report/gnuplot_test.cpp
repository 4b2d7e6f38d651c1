#include "report/gnuplot.h"

#include "base/error.h"
#include "catch.h"
#include "report/needs_gnuplot.h"

namespace mnist {
namespace {

// What gnuplot takes a string of its script for.
std::string read_back(const std::string& text) {
  return run_gnuplot("set print '-'\nprint " + gnuplot_string(text) + "\n");
}

TEST_CASE("gnuplot: what a script prints comes back") {
  if (!has_gnuplot()) return;
  CHECK(run_gnuplot("set print '-'\nprint 6*7\n") == "42\n");
  CHECK(run_gnuplot("").empty());
}

TEST_CASE("gnuplot: no text in a string has a meaning to it") {
  if (!has_gnuplot()) return;
  for (const std::string text : {"runs/a b 1", "it's '' \"quoted\"", "`echo run`", "$(echo run)",
                                 "'", "''''", "\\", "\\\\\"", "\\n\\x41 {/Symbol a}_b^c",
                                 "# no comment", "@macro", "é ∂L/∂W", "x;y,z", "-", ""}) {
    INFO(text);
    CHECK(read_back(text) == text + "\n");
  }
}

TEST_CASE("gnuplot: a string stays on its line and is UTF-8") {
  if (!has_gnuplot()) return;
  CHECK(read_back("a\nprint 1\tb\x7f") == "a print 1 b \n");
  CHECK(read_back("a\xff'b") == "a\xef\xbf\xbd'b\n");
}

TEST_CASE("gnuplot: its words on a script that is wrong are told") {
  if (!has_gnuplot()) return;
  try {
    run_gnuplot("x = 1\nplott x\n");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kFailure);
    CHECK_THAT(error.what(), contains("gnuplot") && contains("invalid command"));
  }
}

}  // namespace
}  // namespace mnist
