#include "data/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/checked_product.h"
#include "base/error.h"
#include "base/number.h"
#include "base/split.h"

namespace mnist {
namespace {

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr std::size_t kPrefix = 8;  // magic and version
constexpr std::size_t kMostHeader = 1 << 16;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::size_t kMostDimensions = 8;

struct Header {
  char kind = 'u';       // u, i, f, b: number; U, S: text
  std::size_t size = 1;  // bytes per value
  bool big_endian = false;
  bool fortran = false;
  std::vector<std::size_t> shape;
};

[[noreturn]] void damaged(const std::string& name, const std::string& why) {
  throw bad_input(name, fmt::format("a NumPy array that cannot be read: {}; save it again", why));
}

// The text after 'key': in a Python dictionary.
std::string_view value_of(std::string_view dictionary, std::string_view key,
                          const std::string& name) {
  const std::size_t found = dictionary.find(fmt::format("'{}'", key));
  if (found == std::string_view::npos) damaged(name, fmt::format("its header has no '{}'", key));
  std::string_view rest = dictionary.substr(found + key.size() + 2);
  rest.remove_prefix(std::min(rest.find_first_not_of(" :"), rest.size()));
  return rest;
}

Header parse_header(std::string_view dictionary, const std::string& name) {
  Header header;
  std::string_view descr = value_of(dictionary, "descr", name);
  if (descr.starts_with('\'')) {
    descr = descr.substr(1, descr.find('\'', 1) - 1);
    header.big_endian = descr.starts_with('>');
    if (!descr.empty() && std::string_view("<>|=").find(descr[0]) != std::string_view::npos) {
      descr.remove_prefix(1);
    }
  } else {
    descr = "V";
  }
  header.kind = descr.empty() ? 'V' : descr[0];
  const auto size = read_number<std::size_t>(descr.substr(std::min<std::size_t>(1, descr.size())));
  const bool number = std::string_view("uifb").find(header.kind) != std::string_view::npos;
  const bool text = header.kind == 'U' || header.kind == 'S';
  if (header.kind == 'O') {
    throw bad_input(
        name, "an array of Python objects; save numbers or text, as by array.astype('float32')");
  }
  constexpr std::size_t kLongestWord = 1000;
  if (!size || *size == 0 || !(number ? *size <= 8 && std::has_single_bit(*size) : text) ||
      *size > kLongestWord) {
    throw bad_input(name, fmt::format("an array of type '{}'; save it as numbers or text", descr));
  }
  header.size = header.kind == 'U' ? *size * 4 : *size;
  header.fortran = value_of(dictionary, "fortran_order", name).starts_with("True");
  std::string_view shape = value_of(dictionary, "shape", name);
  const std::size_t end = shape.find(')');
  if (!shape.starts_with('(') || end == std::string_view::npos) damaged(name, "it has no shape");
  for (const std::string_view side : split(shape.substr(1, end - 1), ',')) {
    if (side.empty()) continue;
    const auto n = read_number<std::size_t>(side);
    if (!n) damaged(name, "its shape holds no number");
    header.shape.push_back(*n);
  }
  if (header.shape.size() > kMostDimensions) damaged(name, "it has too many dimensions");
  return header;
}

// The offset of the dictionary and its size in bytes.
std::pair<std::size_t, std::size_t> dictionary_place(std::string_view head,
                                                     const std::string& name) {
  const bool wide = head.size() > 6 && head[6] > 1;
  const std::size_t begin = kPrefix + (wide ? 4 : 2);
  if (!head.starts_with(kNpyMagic) || head.size() < begin) damaged(name, "it is cut short");
  std::size_t size = 0;
  for (std::size_t i = begin; i-- > kPrefix;) size = size << 8 | static_cast<std::uint8_t>(head[i]);
  if (size > kMostHeader) damaged(name, "its header is too long");
  return {begin, size};
}

double number_at(const char* bytes, const Header& header) {
  std::array<char, 8> value{};
  std::copy_n(bytes, header.size, value.data());
  if (header.big_endian) std::reverse(value.begin(), value.begin() + header.size);
  const auto as = [&]<class T>(T) {
    T number;
    std::memcpy(&number, value.data(), sizeof(T));
    return static_cast<double>(number);
  };
  switch (header.kind) {
    case 'f':
      if (header.size == 8) return as(double{});
      if (header.size == 4) return as(float{});
      {  // half precision
        const unsigned bits = static_cast<std::uint8_t>(value[0]) |
                              static_cast<unsigned>(static_cast<std::uint8_t>(value[1])) << 8;
        const int exponent = static_cast<int>(bits >> 10 & 31);
        const double mantissa = bits & 1023;
        const double magnitude = exponent == 0    ? std::ldexp(mantissa, -24)
                                 : exponent == 31 ? HUGE_VAL
                                                  : std::ldexp(mantissa + 1024, exponent - 25);
        return (bits & 0x8000) != 0 ? -magnitude : magnitude;
      }
    case 'i':
      if (header.size == 8) return as(std::int64_t{});
      if (header.size == 4) return as(std::int32_t{});
      if (header.size == 2) return as(std::int16_t{});
      return as(std::int8_t{});
    default:
      if (header.size == 8) return as(std::uint64_t{});
      if (header.size == 4) return as(std::uint32_t{});
      if (header.size == 2) return as(std::uint16_t{});
      return as(std::uint8_t{});
  }
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 63));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  } else {
    put(0xF0 | (code >> 18 & 7));
    put(0x80 | (code >> 12 & 63));
    put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  }
}

// The position of a value, for a message.
std::string place_text(std::size_t index, const Header& header) {
  const std::size_t rows = header.shape.empty() ? 1 : header.shape[0];
  const std::size_t columns = checked_product(header.shape).value_or(rows) / rows;
  if (columns <= 1) return fmt::format("row {}: its value", index + 1);
  const std::size_t row = header.fortran ? index % rows : index / columns;
  return fmt::format("row {}: one of its values", row + 1);
}

std::string word_at(const char* bytes, const Header& header) {
  std::string word;
  if (header.kind == 'S') {
    word.assign(bytes, header.size);
  } else {
    for (std::size_t i = 0; i < header.size; i += 4) {
      std::uint32_t code = 0;
      for (std::size_t b = 0; b < 4; ++b) {
        const std::size_t place = header.big_endian ? 3 - b : b;
        code |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i + b])) << (8 * place);
      }
      append_utf8(word, code);
    }
  }
  word.resize(std::min(word.find('\0'), word.size()));
  return word;
}

// Converts column-major (Fortran) to row-major (C) order.
template <class T>
void to_c_order(std::vector<T>& values, const std::vector<std::size_t>& shape) {
  std::vector<T> ordered(values.size());
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t d = 1; d < shape.size(); ++d) strides[d] = strides[d - 1] * shape[d - 1];
  std::vector<std::size_t> index(shape.size());
  std::size_t from = 0;
  for (T& value : ordered) {
    value = values[from];
    for (std::size_t d = shape.size(); d-- > 0;) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
  values = std::move(ordered);
}

}  // namespace

bool looks_like_npy(std::string_view head) { return head.starts_with(kNpyMagic); }

NpyArray read_npy(ByteSource& source, std::uint64_t most_bytes) {
  const std::string& name = source.name();
  std::string start(kPrefix + 2, '\0');
  start.resize(source.read(start.data(), start.size()));
  if (start.size() > 6 && start[6] > 1) {
    std::string more(2, '\0');
    more.resize(source.read(more.data(), more.size()));
    start += more;
  }
  const auto [begin, size] = dictionary_place(start, name);
  std::string dictionary(size, '\0');
  if (source.read(dictionary.data(), size) < size) damaged(name, "its header is cut short");
  const Header header = parse_header(dictionary, name);
  const auto values = checked_product(header.shape);
  const auto total = values ? checked_product({*values, header.size}) : std::nullopt;
  if (!total || *total > most_bytes) damaged(name, "it says to hold far more than the file can");
  NpyArray array;
  array.shape = header.shape;
  const bool text = header.kind == 'U' || header.kind == 'S';
  const bool one_byte = header.size == 1 && (header.kind == 'u' || header.kind == 'b');
  const bool line = array.shape.size() < 2 || (array.shape.size() == 2 && array.shape[1] == 1);
  const std::size_t step = std::max<std::size_t>(1, kReadBytes / header.size) * header.size;
  std::vector<char> block;
  for (std::size_t done = 0; done < *total;) {
    block.resize(std::min(step, *total - done));
    const std::size_t got = source.read(block.data(), block.size());
    if (got < block.size()) {
      damaged(name,
              fmt::format("it ends after {} of {} values", (done + got) / header.size, *values));
    }
    done += got;
    if (one_byte && !line) {
      array.bytes.insert(array.bytes.end(), block.begin(), block.end());
      continue;
    }
    for (std::size_t i = 0; i < block.size(); i += header.size) {
      if (text) {
        array.words.push_back(word_at(block.data() + i, header));
        continue;
      }
      const double number = number_at(block.data() + i, header);
      if (!std::isfinite(number) || std::abs(number) > 3e38) {
        const std::size_t place = (done - block.size() + i) / header.size;
        throw bad_input(
            name, fmt::format("{} is no number; fill what is missing", place_text(place, header)));
      }
      if (line) {
        array.numbers.push_back(number);
      } else {
        array.floats.push_back(static_cast<float>(number));
      }
    }
  }
  char behind = 0;
  if (source.read(&behind, 1) != 0) damaged(name, "there is more behind its values");
  if (header.fortran && array.shape.size() > 1 && !line) {
    if (!array.bytes.empty()) to_c_order(array.bytes, array.shape);
    if (!array.floats.empty()) to_c_order(array.floats, array.shape);
    if (!array.words.empty()) to_c_order(array.words, array.shape);
  }
  return array;
}

}  // namespace mnist
