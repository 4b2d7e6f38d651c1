// Text of unknown origin: checks it, and makes it safe for terminals and shells.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mnist {

/// Whether text is UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

/// Whether text contains a control character: U+0000 to U+001F, or U+007F to U+009F.
bool has_control_character(std::string_view text);

/// The text in a form that is safe for a terminal: a question mark replaces each invalid UTF-8 byte
/// and each control character except line breaks and tabs.
std::string printable(std::string_view text);

/// The same, and question marks replace line breaks and tabs, too.
std::string printable_line(std::string_view text);

/// The beginning of UTF-8 text: whole characters in at most so many bytes.
std::string_view clipped(std::string_view text, std::size_t bytes);

/// The text, quoted as one word for a POSIX shell.
std::string shell_quoted(std::string_view text);

/// Whether `c` is one of 0 to 9, in any locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The text with A to Z in lower case; other characters, also beyond ASCII, stay.
std::string lowercase(std::string_view text);

/// Throws Error(kUsage) unless `text` is UTF-8 without control characters, so that JSON, TOML and a
/// command line can hold it. The message calls it `what`.
void check_name(std::string_view what, std::string_view text);

}  // namespace mnist
