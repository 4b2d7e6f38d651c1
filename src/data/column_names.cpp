#include "data/column_names.h"

#include <algorithm>
#include <array>

#include "base/split.h"
#include "base/text.h"
#include "base/text_fields.h"

namespace mnist {
namespace {

std::string plain(std::string_view name) { return lowercase(trimmed(name, kBlanks)); }

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

}  // namespace

int label_likeness(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames{"digit", "y",      "target",
                                                   "class", "labels", "label"};
  const auto found = std::ranges::find(kNames, plain(name));
  return found == kNames.end() ? 0 : static_cast<int>(found - kNames.begin()) + 1;
}

bool is_id_name(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames{"",         "id",         "index", "imageid",
                                                   "image_id", "unnamed: 0", "row"};
  return std::ranges::find(kNames, plain(name)) != kNames.end();
}

bool is_pixel_name(std::string_view name) {
  constexpr std::array<std::string_view, 10> kWords{"pixel",   "pixels", "px",    "pix", "p",
                                                    "feature", "feat",   "image", "img", "att"};
  const std::string text = plain(name);
  const std::size_t cross = text.find('x');  // row x column
  if (cross != std::string::npos && all_digits(std::string_view(text).substr(0, cross)) &&
      all_digits(std::string_view(text).substr(cross + 1))) {
    return true;
  }
  const std::size_t digits = text.find_first_of("0123456789");
  if (digits == std::string::npos) return false;
  std::string word = text.substr(0, digits);
  while (!word.empty() && (word.back() == '_' || word.back() == ' ' || word.back() == '-' ||
                           word.back() == '.' || word.back() == '[' || word.back() == '(')) {
    word.pop_back();
  }
  return std::ranges::find(kWords, word) != kWords.end();
}

}  // namespace mnist
