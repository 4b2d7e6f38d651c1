// The fields of a line of a text table.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// What may stand around a field.
inline constexpr std::string_view kBlanks = " \t";

/// What may stand around text in which a separator counts as text; in ARFF either of two.
inline constexpr std::string_view kQuotes = "\"";
inline constexpr std::string_view kArffQuotes = "\"'";

/// Splits lines into fields. Those of one line are valid until the next is split.
class FieldSplitter {
 public:
  /// A separator of ' ' means any run of blanks and tabs. `quotes` are the characters that can
  /// stand around a field.
  explicit FieldSplitter(char separator, std::string_view quotes = kQuotes)
      : separator_(separator), quotes_(quotes) {}

  /// The fields of a line without its line end: without blanks around them and the quotation marks
  /// of RFC 4180, in which a separator counts as text. At least one.
  const std::vector<std::string_view>& split(std::string_view line);

  /// Whether the line ended inside of quotation marks.
  bool open() const { return open_; }

 private:
  std::string_view quoted(std::string_view line, std::size_t& position);

  char separator_;
  std::string_view quotes_;
  bool open_ = false;
  std::vector<std::string_view> fields_;
  std::deque<std::string> unquoted_;  // fields that hold quotation marks
};

/// A number as people write it: 5, 5.0, 5e0, +5, and 0,5 where a comma cannot be a separator.
/// Nothing for anything else, infinity and NaN among it.
std::optional<double> read_decimal(std::string_view field, bool comma_is_point = false);

/// A field as a message can show it: in quotation marks, short and printable.
std::string shown_field(std::string_view field);

}  // namespace mnist
