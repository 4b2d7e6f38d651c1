#include "base/text.h"

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("base: UTF-8 is told from other bytes") {
  for (const char* good : {"", "a", "\u00e9", "\u20ac", "\U0001F600", "\u07ff\u0800\uffff",
                           "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"}) {
    CHECK(is_utf8(good));
  }
  // Latin-1, a lone continuation, cut short, overlong forms, a surrogate, beyond U+10FFFF.
  for (const char* bad :
       {"\xe9", "r\xe9sum\xe9", "\x80", "\xe2\x82", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("base: what would command a terminal is shown as a question mark") {
  CHECK(printable("a\tb\n\u00e9 \u20ac") == "a\tb\n\u00e9 \u20ac");
  CHECK(printable("\x1b[31m\x7f\r\a") == "?[31m???");
  CHECK(printable("\xc2\x9b[2J") == "?[2J");  // a control sequence in one character
  CHECK(printable("\xe9t\xe9") == "?t?");
  CHECK(has_control_character("a\nb"));
  CHECK(has_control_character("\xc2\x85"));
  CHECK_FALSE(has_control_character("\u00e9\u00a0"));
}

TEST_CASE("base: text is cut between characters") {
  CHECK(clipped("abc", 3) == "abc");
  CHECK(clipped("abc", 2) == "ab");
  CHECK(clipped("a\u20acb", 3) == "a");
  CHECK(clipped("a\u20acb", 4) == "a\u20ac");
  CHECK(clipped("", 0).empty());
  CHECK(clipped(std::string(9, '\x80'), 6).size() == 2);  // no text
}

TEST_CASE("base: a word for a shell") {
  CHECK(shell_quoted("runs/a-1=2,x@y%:") == "runs/a-1=2,x@y%:");
  CHECK(shell_quoted("") == "''");
  CHECK(shell_quoted("a b") == "'a b'");
  CHECK(shell_quoted("it's $HOME") == "'it'\\''s $HOME'");
}

TEST_CASE("base: a name that is no text is refused") {
  CHECK_NOTHROW(check_name("--out", "r\u00e9sum\u00e9 'x'"));
  for (const char* bad : {"r\xe9", "a\nb", "\x1b"}) {
    try {
      check_name("--out", bad);
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      CHECK_THAT(error.what(), contains("--out"));
    }
  }
}

}  // namespace
}  // namespace mnist
