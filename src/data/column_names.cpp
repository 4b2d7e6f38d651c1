#include "data/column_names.h"

#include <algorithm>
#include <array>
#include <map>

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
  constexpr std::array<std::string_view, 6> kSure{"digit", "y",      "target",
                                                  "class", "labels", "label"};
  constexpr std::array<std::string_view, 11> kLikely{
      "outcome",  "species",    "category", "character",   "class_name", "label_name",
      "class_id", "classlabel", "label_id", "class_label", "digit_label"};
  const std::string text = plain(name);
  const auto place = [&](const auto& names) {
    return static_cast<int>(std::ranges::find(names, text) - names.begin());
  };
  if (const int sure = place(kSure); sure < static_cast<int>(kSure.size())) {
    return kSureLabel + sure;
  }
  const int likely = place(kLikely);
  return likely < static_cast<int>(kLikely.size()) ? 1 + likely : 0;
}

bool is_unnamed(std::string_view name) {
  constexpr std::string_view kUnnamed = "unnamed:";
  return plain(name).starts_with(kUnnamed);
}

int id_likeness(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNumbers{"",    "index",    "level_0",
                                                     "row", "rownames", "row_names"};
  constexpr std::array<std::string_view, 12> kIds{
      "id",       "idx",       "imageid",    "sampleid",   "uid",  "uuid",
      "filename", "file_name", "image_name", "image_path", "path", "rowid"};
  const std::string text = plain(name);
  if (std::ranges::find(kIds, text) != kIds.end() || text.ends_with("_id")) return 2;
  return is_unnamed(name) || std::ranges::find(kNumbers, text) != kNumbers.end() ? 1 : 0;
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

std::vector<bool> in_family(const std::vector<std::string>& names) {
  constexpr std::size_t kFewest = 16;
  std::vector<std::string> stems;
  std::map<std::string, std::size_t> counts;
  for (const std::string& name : names) {
    std::string stem;
    for (const char c : plain(name)) {
      if (!is_digit(c)) {
        stem += c;
      } else if (stem.empty() || stem.back() != '#') {
        stem += '#';
      }
    }
    ++counts[stem];
    stems.push_back(std::move(stem));
  }
  std::vector<bool> members(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t count = counts[stems[i]];
    members[i] = stems[i].find('#') != std::string::npos && count >= kFewest &&
                 4 * count >= 3 * names.size();
  }
  return members;
}

}  // namespace mnist
