// Each row is read by the first of these methods that can read it:
//   plain bytes    no branch depends on the number of digits
//   plain floats   from one separator to the next
//   fields         quoted, padded or separated by blanks; reports what is wrong
#include "data/table_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "data/short_decimal.h"
#include "data/table_columns.h"

namespace mnist {
namespace {

constexpr unsigned kMaxPixel = 255;

/// The value of up to three decimal digits. Bytes 0 to 2 hold them as 0 .. 9, the last digit in
/// byte 2, with zeros before the first one. Byte 3 is ignored.
std::uint32_t decimal_value(std::uint32_t digits) {
  return (digits & 0xff) * 100 + ((digits >> 8) & 0xff) * 10 + ((digits >> 16) & 0xff);
}

/// Reads two pixels, each with a separator after it, from the 8 bytes at `p`. No branch depends on
/// the number of digits, because such branches are hard to predict. Returns the number of bytes
/// read, or 0 if the text is not of this form.
std::size_t parse_pixel_pair(const char* p, char separator, std::uint8_t* out) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t text;
  std::memcpy(&text, p, sizeof(text));
  // A byte of `digits` is 0 .. 9 if the text has a digit there, otherwise above 9.
  const std::uint64_t digits = text ^ 0x3030303030303030;
  const std::uint64_t others =
      (((digits & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | digits) & 0x8080808080808080;
  const unsigned first = static_cast<unsigned>(std::countr_zero(others)) / 8;
  const unsigned second = static_cast<unsigned>(std::countr_zero(others & (others - 1))) / 8;
  const unsigned second_length = second - first - 1;
  // Lengths are 1 to 3; a length of 0 wraps around.
  if (first - 1 > 2 || second_length - 1 > 2 || p[first] != separator || p[second] != separator) {
    return 0;
  }
  const std::uint32_t a = decimal_value(static_cast<std::uint32_t>(digits) << (24 - 8 * first));
  const std::uint32_t b = decimal_value(static_cast<std::uint32_t>(digits >> (8 * first + 8))
                                        << (24 - 8 * second_length));
  if ((a | b) > kMaxPixel) return 0;
  out[0] = static_cast<std::uint8_t>(a);
  out[1] = static_cast<std::uint8_t>(b);
  return second + 1;
}

/// Reads a pixel of one to three digits. Returns the number of bytes read without the separator, or
/// 0.
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

/// Reads n pixels; `zeros` is "0" and a separator four times. Returns the position after them, or
/// nullptr if they are not pixels. `out` must be all 0.
const char* parse_pixels(const char* p, std::size_t n, const char* zeros, bool last,
                         std::uint8_t* out) {
  const char separator = zeros[1];
  std::size_t i = 0;
  while (i + 4 <= n) {
    if (std::memcmp(p, zeros, 8) == 0) {  // the most frequent text
      p += 8;
      i += 4;
    } else if (const std::size_t length = parse_pixel_pair(p, separator, out + i); length != 0) {
      p += length;
      i += 2;
    } else {
      break;
    }
  }
  // The last pixels, and any text that is not of the fast form.
  for (; i < n; ++i) {
    const std::size_t length = parse_pixel(p, out + i);
    const char end = last && i + 1 == n ? '\0' : separator;
    if (length == 0 || p[length] != end) return nullptr;
    p += length + 1;
  }
  // A match of four zeros can run past the last column; then there is no '\0' before p.
  return !last || p[-1] == '\0' ? p : nullptr;
}

/// The end of the field that begins at `p`: its separator or the line's end.
const char* field_end(const char* p, const char* end, char separator) {
  const void* found = std::memchr(p, separator, static_cast<std::size_t>(end - p));
  return found == nullptr ? end : static_cast<const char*>(found);
}

/// The text of a zero with its separator. Most values of images are zeros, and a file writes them
/// all alike, so a comparison with the last one recognises the next.
class ZeroText {
 public:
  /// The length of the text at `p` if it is the same, otherwise 0.
  std::size_t length_at(const char* p, const char* end) const {
    std::uint64_t text;
    std::memcpy(&text, p, sizeof(text));
    if (((text ^ head_) & mask_) != 0 || length_ > static_cast<std::size_t>(end - p)) return 0;
    return length_ <= sizeof(text) || std::memcmp(p, text_, length_) == 0 ? length_ : 0;
  }

  void remember(const char* text, std::size_t length) {
    text_ = text;
    length_ = length;
    mask_ = ~std::uint64_t{0};
    if (length < sizeof(mask_)) mask_ >>= 8 * (sizeof(mask_) - length);
    std::memcpy(&head_, text, sizeof(head_));
  }

 private:
  const char* text_ = nullptr;
  std::size_t length_ = 0;
  std::uint64_t head_ = 0;
  std::uint64_t mask_ = 0;
};

/// Reads n floats from a line that ends at `end`. Returns the position after them, or nullptr if
/// they are not numbers. `out` must be all 0.
const char* parse_floats(const char* p, const char* end, std::size_t n, char separator, bool last,
                         float* out) {
  ZeroText zero;
  for (std::size_t i = 0; i < n; ++i) {
    if (const std::size_t length = zero.length_at(p, end); length != 0) {
      p += length;
      continue;
    }
    const char* behind = read_short_decimal(p, out + i);
    if (behind == nullptr) {
      const auto [stop, error] = std::from_chars(p, end, out[i]);
      if (error != std::errc() || !std::isfinite(out[i])) return nullptr;
      behind = stop;
    }
    if (*behind != (last && i + 1 == n ? '\0' : separator)) return nullptr;
    ++behind;
    if (std::bit_cast<std::uint32_t>(out[i]) == 0) {
      zero.remember(p, static_cast<std::size_t>(behind - p));
    }
    p = behind;
  }
  return p;
}

bool is_pixel(float value) {
  return value >= 0 && value <= kMaxPixel && value == std::floor(value);
}

std::string zeros_between(char separator) {
  std::string zeros;
  for (int i = 0; i < 4; ++i) zeros.append(1, '0').append(1, separator);
  return zeros;
}

}  // namespace

TableRowReader::TableRowReader(const TableForm& form, const KnownLabels& known,
                               std::size_t max_rows, Dataset& rows)
    : form_(form),
      rows_(rows),
      splitter_(form.separator, form.quotes),
      labels_(known),
      zeros_(zeros_between(form.separator)),
      max_rows_(max_rows) {
  rows.shape = shape_of_row(form.features);
  rows.id_name = form.id_name;
  rows.pixels.resize(max_rows * form.features);
}

bool TableRowReader::read(const char* line, const char* end) {
  const std::size_t labels = rows_.labels.size();
  const std::size_t ids = rows_.ids.size();
  const auto undo = [&] {
    rows_.labels.resize(labels);
    rows_.ids.resize(ids);
    if (floats_) {
      rows_.values.resize(read_ * form_.features);
    } else {
      std::fill_n(rows_.pixels.begin() + static_cast<std::ptrdiff_t>(read_ * form_.features),
                  form_.features, std::uint8_t{0});
    }
  };
  const auto read_whole = [&](auto&& way) {
    if (way()) return true;
    undo();
    return false;
  };
  problem_.clear();
  if (form_.plain) {
    const auto plain = [&] { return read_plain(line, end); };
    bool good = read_whole(plain);
    if (!good && !floats_ && problem_.empty()) {
      become_floats();
      good = read_whole(plain);
    }
    if (good) {
      ++read_;
      return true;
    }
  }
  if (!read_whole([&] { return read_fields({line, end}); })) return false;
  ++read_;
  return true;
}

// Whether a field has no quotation marks and no blanks around it.
bool TableRowReader::is_bare(std::string_view field) const {
  if (field.empty()) return true;
  const auto around = [&](char c) {
    return c == ' ' || c == '\t' || form_.quotes.find(c) != std::string_view::npos;
  };
  return !around(field.front()) && !around(field.back());
}

bool TableRowReader::read_plain(const char* p, const char* end) {
  const char separator = form_.separator;
  std::size_t column = 0;
  std::size_t feature = read_ * form_.features;
  if (floats_) rows_.values.resize(feature + form_.features);
  for (const ColumnRun& run : form_.runs) {
    const bool last = column + run.count == form_.columns();
    if (run.role == ColumnRole::kFeature) {
      p = floats_ ? parse_floats(p, end, run.count, separator, last, rows_.values.data() + feature)
                  : parse_pixels(p, run.count, zeros_.c_str(), last, rows_.pixels.data() + feature);
      if (p == nullptr) return false;
      feature += run.count;
      column += run.count;
      continue;
    }
    for (std::size_t i = 0; i < run.count; ++i, ++column) {
      if (p > end) return false;
      const char* const behind = field_end(p, end, separator);
      if ((behind == end) != (column + 1 == form_.columns())) return false;
      const std::string_view field(p, static_cast<std::size_t>(behind - p));
      if (!is_bare(field)) return false;
      if (!take_other(run.role, i, column, field)) return false;
      p = behind + 1;
    }
    if (run.role == ColumnRole::kOneHot && hot_ == kNone) return false;
  }
  return p == end + 1;
}

bool TableRowReader::take_other(ColumnRole role, std::size_t place, std::size_t column,
                                std::string_view field) {
  switch (role) {
    case ColumnRole::kLabel:
      return take_label(field, column);
    case ColumnRole::kOneHot: {
      if (place == 0) hot_ = kNone;
      const auto value = one_hot_value(field, form_.comma_is_point);
      if (!value || (*value != 0 && *value != 1) || (*value == 1 && hot_ != kNone)) {
        problem_ = fmt::format(
            "value {} in column {}: one of the columns that tell the label is 1 and all others are "
            "0",
            shown_field(field), column + 1);
        return false;
      }
      if (*value == 0) return true;
      hot_ = place;
      const auto& names = form_.hot_labels;
      return take_label(names.empty() ? std::to_string(place) : names[place], column);
    }
    case ColumnRole::kId:
      rows_.ids.emplace_back(field);
      return true;
    default:
      return true;
  }
}

bool TableRowReader::is_damaged(std::string_view label) const {
  if (label.empty()) return form_.words_are_damage;
  const bool digit = label[0] >= '0' && label[0] <= '9';
  if (digit && label.size() == 1) return false;
  if (label[0] == '-' && form_.negatives_are_damage) return true;
  return form_.words_are_damage && !labels_.known() && !read_decimal(label, form_.comma_is_point);
}

bool TableRowReader::take_label(std::string_view field, std::size_t column) {
  std::optional<std::int32_t> label;
  if (is_damaged(field)) {
    problem_ =
        fmt::format("label {} in column {} is {}; mend the row{}", shown_field(field), column + 1,
                    read_decimal(field, form_.comma_is_point) ? "negative, the others are not"
                    : field.empty()                           ? "missing"
                                                              : "no number, the others are",
                    field.empty() ? "" : ", or name all labels with --class-names");
    return false;
  }
  if (field.size() == 1 && field[0] >= '0' && field[0] <= '9') {
    label = labels_.of(std::int64_t{field[0] - '0'});
  } else {
    label = labels_.of(field, form_.comma_is_point);
  }
  if (label) {
    rows_.labels.push_back(*label);
  } else {
    problem_ = labels_.problem();
  }
  return label.has_value();
}

bool TableRowReader::read_fields(std::string_view line) {
  const std::vector<std::string_view>& fields = splitter_.split(line);
  if (splitter_.open()) {
    problem_ = kOpenQuote;
    return false;
  }
  if (fields.size() != form_.columns()) {
    problem_ = fmt::format("{} where the rows before have {}; give every row as many",
                           columns_text(fields.size()), form_.columns());
    return false;
  }
  problem_.clear();
  row_.clear();
  bool pixels = true;
  std::size_t column = 0;
  for (const ColumnRun& run : form_.runs) {
    for (std::size_t i = 0; i < run.count; ++i, ++column) {
      const std::string_view field = fields[column];
      if (run.role != ColumnRole::kFeature) {
        if (!take_other(run.role, i, column, field)) return false;
        continue;
      }
      const auto number = read_decimal(field, form_.comma_is_point);
      const auto value = static_cast<float>(number.value_or(NAN));
      if (!std::isfinite(value)) {
        problem_ = fmt::format("value {} in column {} is no number{}", shown_field(field),
                               column + 1, field.empty() ? "; fill what is missing" : "");
        return false;
      }
      pixels = pixels && is_pixel(value);
      row_.push_back(value);
    }
    if (run.role == ColumnRole::kOneHot && hot_ == kNone) {
      problem_ = "none of the columns that tell the label is 1";
      return false;
    }
  }
  if (!floats_ && !pixels) become_floats();
  if (floats_) {
    rows_.values.insert(rows_.values.end(), row_.begin(), row_.end());
  } else {
    std::ranges::transform(row_, rows_.pixels.data() + read_ * form_.features,
                           [](float value) { return static_cast<std::uint8_t>(value); });
  }
  return true;
}

void TableRowReader::become_floats() {
  floats_ = true;
  rows_.values.reserve(max_rows_ * form_.features);
  rows_.values.assign(rows_.pixels.begin(),
                      rows_.pixels.begin() + static_cast<std::ptrdiff_t>(read_ * form_.features));
  rows_.pixels.clear();
}

void TableRowReader::finish() {
  if (!floats_) rows_.pixels.resize(read_ * form_.features);
  labels_.set_classes(rows_);
  if (floats_) {
    add_rows(rows_.summary, rows_.shape, std::span<const float>(rows_.values));
  } else {
    add_rows(rows_.summary, rows_.shape, std::span<const std::uint8_t>(rows_.pixels));
  }
}

}  // namespace mnist
