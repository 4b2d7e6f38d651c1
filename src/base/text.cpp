#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/error.h"

namespace mnist {
namespace {

struct Character {
  std::size_t bytes = 1;
  bool valid = false;
  char32_t code = 0;
};

// The first character of `text`, which is not empty.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(0) < 0x80) return {1, true, byte(0)};
  // The smallest code point that needs this number of bytes; a smaller one is overlong.
  constexpr std::array<char32_t, 5> kFirst{0, 0, 0x80, 0x800, 0x10000};
  const std::size_t bytes = byte(0) < 0xC0 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (bytes == 1 || bytes > text.size() || byte(0) > 0xF4) return {};
  char32_t code = byte(0) & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kFirst[bytes] || surrogate || code > 0x10FFFF) return {};
  return {bytes, true, code};
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code <= 0x9F); }

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (!character.valid) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

bool has_control_character(std::string_view text) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.valid && is_control(character.code)) return true;
    text.remove_prefix(character.bytes);
  }
  return false;
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    const bool layout = character.code == '\n' || character.code == '\t';
    if (character.valid && (layout || !is_control(character.code))) {
      shown += text.substr(0, character.bytes);
    } else {
      shown += '?';
    }
    text.remove_prefix(character.bytes);
  }
  return shown;
}

std::string printable_line(std::string_view text) {
  std::string line = printable(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, '?');
  return line;
}

std::string_view clipped(std::string_view text, std::size_t bytes) {
  constexpr std::size_t kLongestCharacter = 4;
  if (bytes >= text.size()) return text;
  std::size_t end = bytes;
  while (end > 0 && bytes - end < kLongestCharacter && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string shell_quoted(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string lowercase(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

void check_name(std::string_view what, std::string_view text) {
  if (!is_utf8(text)) {
    refuse(fmt::format("{}: '{}' is no UTF-8; choose another name", what, printable_line(text)));
  }
  if (has_control_character(text)) {
    refuse(
        fmt::format("{}: '{}' holds a line break or another control character; choose another name",
                    what, printable_line(text)));
  }
}

}  // namespace mnist
