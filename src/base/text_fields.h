// The fields of a line of a text table.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// Blanks that may surround a field.
inline constexpr std::string_view kBlanks = " \t";

/// The quotation marks of fields; ARFF has two kinds.
inline constexpr std::string_view kQuotes = "\"";
inline constexpr std::string_view kArffQuotes = "\"'";

/// Splits lines into fields. The fields of a line are valid until the next call of split().
class FieldSplitter {
 public:
  /// The separator ' ' stands for any run of blanks and tabs. `quotes` are the characters that can
  /// stand around a field.
  explicit FieldSplitter(char separator, std::string_view quotes = kQuotes)
      : separator_(separator), quotes_(quotes) {}

  /// The fields of a line, at least one; `line` has no line break. Fields come without surrounding
  /// blanks and without quotation marks (RFC 4180); a separator between those is text.
  const std::vector<std::string_view>& split(std::string_view line);

  /// Whether the last line ended within quotation marks.
  bool open() const { return open_; }

 private:
  std::string_view quoted(std::string_view line, std::size_t& position);

  char separator_;
  std::string_view quotes_;
  bool open_ = false;
  std::vector<std::string_view> fields_;
  std::deque<std::string> unquoted_;  // text of fields with doubled quotation marks
};

/// The value of a decimal number: 5, 5.0, 5e0, +5, and 0,5 if `comma_is_point`. Nothing for any
/// other text, infinity and NaN included.
std::optional<double> read_decimal(std::string_view field, bool comma_is_point = false);

/// The field for a message: quoted, shortened, printable.
std::string shown_field(std::string_view field);

}  // namespace mnist
