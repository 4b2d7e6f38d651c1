#include "base/text_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "base/split.h"
#include "base/text.h"

namespace mnist {
/// The text of the quoted field whose opening quotation mark is at `position`. Moves `position`
/// behind the closing mark, or to the end of the line if there is none.
std::string_view FieldSplitter::quoted(std::string_view line, std::size_t& position) {
  const char quote = line[position];
  const std::size_t begin = ++position;
  bool doubled = false;
  for (; position < line.size(); ++position) {
    if (line[position] != quote) continue;
    if (position + 1 == line.size() || line[position + 1] != quote) break;
    doubled = true;
    ++position;
  }
  std::string_view text = line.substr(begin, position - begin);
  open_ = position == line.size();
  if (!open_) ++position;
  if (!doubled) return text;
  std::string& plain = unquoted_.emplace_back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == quote) ++i;
    plain += text[i];
  }
  return plain;
}

const std::vector<std::string_view>& FieldSplitter::split(std::string_view line) {
  fields_.clear();
  unquoted_.clear();
  open_ = false;
  const bool blanks = separator_ == ' ';
  if (blanks) line = trimmed(line, kBlanks);
  std::size_t position = 0;
  while (true) {
    position =
        std::min(line.find_first_not_of(separator_ == '\t' ? " " : kBlanks, position), line.size());
    std::string_view field;
    if (position < line.size() && quotes_.find(line[position]) != std::string_view::npos) {
      field = quoted(line, position);
    }
    const std::size_t end =
        std::min(blanks ? line.find_first_of(kBlanks, position) : line.find(separator_, position),
                 line.size());
    // Text behind the closing quotation mark is malformed CSV; take that text as the field.
    const std::string_view rest = trimmed(line.substr(position, end - position), kBlanks);
    fields_.push_back(rest.empty() ? field : rest);
    if (end == line.size()) return fields_;
    position = end + 1;
  }
}

std::optional<double> read_decimal(std::string_view field, bool comma_is_point) {
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  std::string with_point;
  if (comma_is_point && field.find(',') != std::string_view::npos) {
    with_point = field;
    std::ranges::replace(with_point, ',', '.');
    field = with_point;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::string shown_field(std::string_view field) {
  constexpr std::size_t kShown = 20;
  return fmt::format("'{}{}'", printable_line(clipped(field, kShown)),
                     field.size() > kShown ? "..." : "");
}

}  // namespace mnist
