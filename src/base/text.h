// Text of unknown origin: what may be kept, shown on a terminal, or given to a shell.
#pragma once

#include <string>
#include <string_view>

namespace mnist {

/// Whether text is UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

/// Whether it holds a control character: U+0000 to U+001F, or U+007F to U+009F.
bool has_control_character(std::string_view text);

/// The text as a terminal may show it: each control character but line breaks and tabs, and each
/// byte that is no UTF-8, is a question mark.
std::string printable(std::string_view text);

/// The same on one line: line breaks and tabs are question marks, too.
std::string printable_line(std::string_view text);

/// The text as one word of a POSIX shell's command line.
std::string shell_quoted(std::string_view text);

/// Whether it is one of 0 to 9, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The text with the letters A to Z as small ones; all else, UTF-8 included, stays.
std::string lowercase(std::string_view text);

/// Throws Error(kUsage) unless `text`, which `what` calls, is UTF-8 without control characters: a
/// name that JSON, TOML and a command line can hold.
void check_name(std::string_view what, std::string_view text);

}  // namespace mnist
