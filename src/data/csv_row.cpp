#include "data/csv_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <vector>

#include "data/bad_data.h"

namespace mnist {
namespace {

constexpr std::int32_t kMaxLabel = 65535;
constexpr unsigned kMaxPixel = 255;

std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

template <class Number>
std::optional<Number> parse_whole(std::string_view field) {
  Number value{};
  const char* end = field.data() + field.size();
  const auto result = std::from_chars(field.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

bool is_number(std::string_view field) { return parse_whole<double>(field).has_value(); }

/// A header row's first name is no number. A row of data with a damaged label is not taken for one:
/// its pixels repeat a number, and no two columns of a header bear the same.
bool is_header(const std::vector<std::string_view>& fields) {
  if (is_number(fields.front())) return false;
  std::vector<std::string_view> numbers;
  std::copy_if(fields.begin(), fields.end(), std::back_inserter(numbers), is_number);
  std::sort(numbers.begin(), numbers.end());
  return std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end();
}

/// A field as a message can show it: short and printable.
std::string quoted(std::string_view field) {
  constexpr std::size_t kShown = 20;
  std::string text(field.substr(0, kShown));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return fmt::format("'{}{}'", text, field.size() > kShown ? "..." : "");
}

std::string columns_text(std::size_t n) { return fmt::format("{} column{}", n, n == 1 ? "" : "s"); }

/// The value of up to three decimal digits: bytes 0 to 2 hold them as 0 .. 9, the last one in byte
/// 2, with zeros before the first. Byte 3 does not matter.
std::uint32_t decimal_value(std::uint32_t digits) {
  return (digits & 0xff) * 100 + ((digits >> 8) & 0xff) * 10 + ((digits >> 16) & 0xff);
}

/// Reads two pixels, each with a comma behind, within the 8 bytes at `p`: without a branch that
/// depends on the numbers of digits, for these are hard to predict. The bytes read, or 0 where the
/// bytes are not of that form.
std::size_t parse_pixel_pair(const char* p, std::uint8_t* out) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t text;
  std::memcpy(&text, p, sizeof(text));
  // A byte of `digits` is a digit's value where the text has one, and above 9 elsewhere.
  const std::uint64_t digits = text ^ 0x3030303030303030;
  const std::uint64_t others =
      (((digits & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | digits) & 0x8080808080808080;
  const unsigned first = static_cast<unsigned>(std::countr_zero(others)) / 8;
  const unsigned second = static_cast<unsigned>(std::countr_zero(others & (others - 1))) / 8;
  const unsigned second_length = second - first - 1;
  // Lengths from 1 to 3; a length of 0 wraps around.
  if (first - 1 > 2 || second_length - 1 > 2 || p[first] != ',' || p[second] != ',') return 0;
  const std::uint32_t a = decimal_value(static_cast<std::uint32_t>(digits) << (24 - 8 * first));
  const std::uint32_t b = decimal_value(static_cast<std::uint32_t>(digits >> (8 * first + 8))
                                        << (24 - 8 * second_length));
  if ((a | b) > kMaxPixel) return 0;
  out[0] = static_cast<std::uint8_t>(a);
  out[1] = static_cast<std::uint8_t>(b);
  return second + 1;
}

/// Reads one pixel of one to three digits; the bytes read, without its separator, or 0.
std::size_t parse_pixel(const char* p, std::uint8_t* out) {
  unsigned value = 0;
  std::size_t length = 0;
  for (; length < 3; ++length) {
    const unsigned digit = static_cast<unsigned char>(p[length]) - unsigned{'0'};
    if (digit > 9) break;
    value = value * 10 + digit;
  }
  if (value > kMaxPixel) return 0;
  *out = static_cast<std::uint8_t>(value);
  return length;
}

bool parse_pixels(const char* p, std::size_t n, std::uint8_t* out) {
  std::size_t i = 0;
  while (i + 2 <= n) {
    if (std::memcmp(p, "0,0,0,0,", 8) == 0) {  // by far the most frequent text
      p += 8;
      i += 4;
    } else if (const std::size_t length = parse_pixel_pair(p, out + i); length != 0) {
      p += length;
      i += 2;
    } else {
      break;
    }
  }
  // The last pixels, and whatever is not as it should be.
  for (; i < n; ++i) {
    const std::size_t length = parse_pixel(p, out + i);
    const char separator = i + 1 == n ? '\0' : ',';
    if (length == 0 || p[length] != separator) return false;
    p += length + 1;
  }
  // Four zeros at once can run past the last column; then p is not behind a '\0'.
  return p[-1] == '\0' && i == n;
}

}  // namespace

CsvLayout csv_layout(std::string_view first_line, const DataFileOptions& options,
                     const std::string& name) {
  const std::vector<std::string_view> fields = split_fields(first_line);
  const std::size_t columns = fields.size();
  const auto bad_line = [&](const std::string& problem) {
    return bad_data(name, "line 1: " + problem);
  };
  if (first_line.empty()) throw bad_line("is blank; begin with a row of data or a header");
  CsvLayout layout;
  layout.classes = options.classes;
  layout.header = is_header(fields);
  if (!options.features) {
    if (columns < 2) {
      throw bad_line("has one column; give each row a label and its pixels, separated by commas");
    }
    layout.features = columns - 1;
    layout.labelled = true;
    return layout;
  }
  layout.features = *options.features;
  layout.labelled = columns == layout.features + 1;
  if (!layout.labelled && columns != layout.features) {
    throw bad_line(fmt::format("{}; the network takes {} pixels a row, with or without a label",
                               columns_text(columns), layout.features));
  }
  if (!layout.labelled && options.require_labels) {
    throw bad_line(fmt::format("{}, just the network's pixels; put a label before them",
                               columns_text(columns)));
  }
  return layout;
}

bool parse_csv_row(const char* line, const CsvLayout& layout, std::int32_t& label,
                   std::uint8_t* pixels) {
  if (layout.labelled) {
    label = 0;
    const char* const start = line;
    for (; *line >= '0' && *line <= '9'; ++line) {
      label = label * 10 + (*line - '0');
      if (label > kMaxLabel) return false;
    }
    if (line == start || *line != ',') return false;
    if (layout.classes && static_cast<std::size_t>(label) >= *layout.classes) return false;
    ++line;
  }
  return parse_pixels(line, layout.features, pixels);
}

std::string csv_row_problem(std::string_view line, const CsvLayout& layout) {
  const std::vector<std::string_view> fields = split_fields(line);
  if (fields.size() != layout.columns()) {
    return fmt::format("{} where line 1 has {}; give every row {}{} pixels",
                       columns_text(fields.size()), layout.columns(),
                       layout.labelled ? "a label and " : "", layout.features);
  }
  std::size_t column = 0;
  if (layout.labelled) {
    const auto label = parse_whole<std::uint32_t>(fields[0]);
    if (!label || *label > kMaxLabel) {
      return fmt::format("label {} in column 1 is no integer from 0 to {}", quoted(fields[0]),
                         kMaxLabel);
    }
    if (layout.classes && *label >= *layout.classes) return beyond_classes(*label, *layout.classes);
    column = 1;
  }
  for (; column + 1 < fields.size(); ++column) {
    const auto pixel = parse_whole<std::uint32_t>(fields[column]);
    if (!pixel || *pixel > kMaxPixel || fields[column].size() > 3) break;
  }
  return fmt::format("pixel {} in column {} is no integer from 0 to {}", quoted(fields[column]),
                     column + 1, kMaxPixel);
}

}  // namespace mnist
