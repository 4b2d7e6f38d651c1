#include "data/table_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/number.h"
#include "base/text.h"
#include "base/text_fields.h"
#include "data/column_names.h"
#include "data/label_index.h"

namespace mnist {
namespace {

// With this many rows, a pattern is hardly chance.
constexpr std::size_t kFewRows = 5;
constexpr std::size_t kManyRows = 20;
// At most one row in this many is damaged.
constexpr std::size_t kRare = 20;

// What the values of a column are.
struct Content {
  bool numbers = true;  // all
  bool words = true;    // all
  bool whole = true;    // numbers without a fraction, apart from damaged fields
  bool bits = true;     // only 0 and 1
  bool empty = true;    // all fields are empty
  bool counts_up = true;
  bool neighbours = false;  // whole numbers without a gap, none in most rows, like classes
  std::size_t known = 0;    // labels of the network, if there is one
  std::size_t distinct = 0;
};

class Decision {
 public:
  Decision(const TableColumns& columns, const DataFileOptions& options, bool comma_is_point,
           const std::function<Error(const std::string&)>& bad)
      : columns_(columns),
        options_(options),
        bad_(bad),
        comma_is_point_(comma_is_point),
        roles_(columns.width),
        content_(columns.width) {}

  DecidedRoles decide() {
    for (std::size_t c = 0; c < columns_.width && columns_.width > 2; ++c) {
      // If each line ends with a separator, pandas reads an empty last column and writes it again.
      const bool nameless = name(c).empty() ? c + 1 == columns_.width : is_unnamed(name(c));
      if (nameless && content(c).empty) roles_[c] = ColumnRole::kIgnored;
    }
    take_flags();
    if (!columns_.names.empty()) take_names();
    take_content();
    for (auto& role : roles_) role = role.value_or(ColumnRole::kFeature);
    check();
    return result();
  }

 private:
  const Content& content(std::size_t column) const {
    std::optional<Content>& known = content_[column];
    if (!known) known = look_at(column);
    return *known;
  }

  Content look_at(std::size_t column) const {
    Content content;
    std::map<std::string, std::size_t> counts;
    std::set<double> numbers;
    LabelIndex labels(options_.known);
    std::size_t whole = 0;
    for (std::size_t r = 0; r < columns_.rows.size(); ++r) {
      const std::string& field = columns_.rows[r][column];
      ++counts[field];
      content.known += labels.of(field, comma_is_point_) ? 1U : 0U;
      content.empty = content.empty && field.empty();
      const auto number = read_decimal(field, comma_is_point_);
      content.numbers = content.numbers && number;
      content.words = content.words && !number && !field.empty();
      if (number) numbers.insert(*number);
      whole += number && *number == std::floor(*number) ? 1U : 0U;
      content.bits = content.bits && number && (*number == 0 || *number == 1);
      const auto first = read_decimal(columns_.rows[0][column], comma_is_point_);
      content.counts_up = content.counts_up && number && first && (*first == 0 || *first == 1) &&
                          *number == *first + static_cast<double>(r);
    }
    const std::size_t damaged = rows() < 3 ? 0 : std::max<std::size_t>(1, rows() / kRare);
    content.whole = whole + damaged >= rows();
    content.distinct = counts.size();
    const std::size_t most = std::ranges::max_element(counts, {}, [](const auto& entry) {
                               return entry.second;
                             })->second;
    content.neighbours =
        content.numbers && content.whole && rows() >= kManyRows && 3 * content.distinct <= rows() &&
        4 * most <= 3 * rows() &&
        *numbers.rbegin() - *numbers.begin() + 1 == static_cast<double>(content.distinct);
    return content;
  }

  bool is_number(const std::string& field) const {
    return read_decimal(field, comma_is_point_).has_value();
  }

  std::size_t rows() const { return columns_.rows.size(); }
  std::string name(std::size_t column) const {
    return columns_.names.empty() ? "" : columns_.names[column];
  }

  std::size_t find(const std::string& text) const {
    if (text == "first") return 0;
    if (text == "last") {
      std::size_t last = columns_.width - 1;
      while (last > 0 && roles_[last] == ColumnRole::kIgnored) --last;
      return last;
    }
    if (const auto number = read_number<std::size_t>(text)) {
      if (*number >= 1 && *number <= columns_.width) return *number - 1;
      throw bad_(fmt::format("there is no column {}; they are 1 to {}", *number, columns_.width));
    }
    auto found = std::ranges::find(columns_.names, text);
    if (found == columns_.names.end()) {
      found = std::ranges::find(columns_.names, lowercase(text),
                                [](const std::string& name) { return lowercase(name); });
    }
    if (found == columns_.names.end()) {
      throw bad_(columns_.names.empty()
                     ? fmt::format("there is no header that names a column {}; give its number",
                                   shown_field(text))
                     : fmt::format("the header names no column {}", shown_field(text)));
    }
    return static_cast<std::size_t>(found - columns_.names.begin());
  }

  void take_flags() {
    const ColumnChoice& choice = options_.columns;
    for (const std::string& ignored : choice.ignored) roles_[find(ignored)] = ColumnRole::kIgnored;
    if (!choice.id.empty()) roles_[find(choice.id)] = ColumnRole::kId;
    if (choice.label.empty()) return;
    label_known_ = true;
    if (choice.label == "none") return;
    const std::size_t label = find(choice.label);
    if (roles_[label] == ColumnRole::kId) {
      throw bad_(fmt::format("{} cannot be label and id at once", column_text(label)));
    }
    set_label(label);
  }

  void set_label(std::size_t column) {
    roles_[column] = ColumnRole::kLabel;
    label_known_ = true;
  }

  void take_names() {
    if (!label_known_) {
      std::optional<std::size_t> best;
      for (std::size_t c = 0; c < columns_.width; ++c) {
        if (roles_[c] || label_likeness(name(c)) == 0) continue;
        if (!best || label_likeness(name(c)) > label_likeness(name(*best))) best = c;
      }
      if (best) {
        set_label(*best);
        for (std::size_t c = 0; c < columns_.width; ++c) {
          if (!roles_[c] && label_likeness(name(c)) >= kSureLabel) roles_[c] = ColumnRole::kIgnored;
        }
      }
    }
    if (options_.columns.id.empty()) {
      std::optional<std::size_t> id;
      for (std::size_t c = 0; c < columns_.width; ++c) {
        if (roles_[c] || id_likeness(name(c)) == 0 || (name(c).empty() && c > 0)) continue;
        roles_[c] = ColumnRole::kIgnored;
        if (!id || id_likeness(name(c)) > id_likeness(name(*id))) id = c;
      }
      if (id) roles_[*id] = ColumnRole::kId;
    }
    const auto nominal = std::ranges::find(columns_.arff_class, true);
    if (!label_known_ && nominal != columns_.arff_class.end() &&
        (columns_.arff_class.back() || std::ranges::count(columns_.arff_class, true) == 1)) {
      set_label(columns_.arff_class.back()
                    ? columns_.width - 1
                    : static_cast<std::size_t>(nominal - columns_.arff_class.begin()));
    }
    take_unlike_pixels();
  }

  // Decides columns whose names differ from those of the pixels.
  void take_unlike_pixels() {
    const std::vector<bool> alike = in_family(columns_.names);
    std::vector<std::size_t> others;
    std::size_t pixels = 0;
    bool by_name = true;  // all pixels have names of pixels, not only names of a series
    for (std::size_t c = 0; c < columns_.width; ++c) {
      if (roles_[c]) continue;
      if (!is_pixel_name(name(c)) && !alike[c]) {
        others.push_back(c);
        continue;
      }
      ++pixels;
      by_name = by_name && is_pixel_name(name(c));
    }
    if (pixels == 0) return;
    if (!label_known_ && others.empty() && by_name) {
      // If there is exactly one column too many for the network, one of them is not a pixel.
      all_pixels_ = !(options_.features && pixels == *options_.features + 1);
      label_known_ = all_pixels_;
    }
    if (others.empty()) return;
    // A pixel is not a label. So the only other column is the label, even if all rows have the
    // same.
    if (!label_known_ && others.size() == 1 && !is_index(others[0])) {
      const Content& values = content(others[0]);
      if (values.distinct == 1 || can_be_label(others[0])) set_label(others[0]);
    }
    if (!label_known_ && others.size() > 1 && others.back() - others.front() + 1 == others.size() &&
        is_one_hot(others.front(), others.size())) {
      set_one_hot(others.front(), others.size());
    }
    const auto labels =
        std::ranges::count_if(others, [&](std::size_t c) { return can_be_label(c); });
    if (!label_known_ && labels == 1) {
      set_label(*std::ranges::find_if(others, [&](std::size_t c) { return can_be_label(c); }));
    }
    // If the pixels alone form the image, the other columns are not features.
    const bool image = options_.features
                           ? pixels == *options_.features
                           : image_side(pixels) && !image_side(pixels + others.size());
    if (!label_known_ || !image) return;
    for (const std::size_t c : others) {
      if (roles_[c]) continue;
      const bool id = std::ranges::count(roles_, ColumnRole::kId) == 0 &&
                      options_.columns.id.empty() && content(c).distinct == rows();
      roles_[c] = id ? ColumnRole::kId : ColumnRole::kIgnored;
    }
  }

  bool can_be_label(std::size_t column) const {
    const Content& values = content(column);
    if (!values.whole && !values.words) return false;
    if (values.counts_up && rows() >= kManyRows) return false;
    // Nearly as many values as rows is an index; check_trainable() refuses what is only too many.
    if (rows() >= kManyRows && values.distinct * 10 > rows() * 9) return false;
    return values.distinct > 1 || rows() < kFewRows;
  }

  bool is_index(std::size_t column) const {
    const Content& values = content(column);
    if (values.counts_up && rows() >= kManyRows) return true;
    return values.words && values.distinct == rows() && rows() > 1 && !can_be_label(column);
  }

  // Whether the column holds distinct whole numbers and would be one too many for an image of
  // `count` columns and its label.
  bool is_shuffled_index(std::size_t column, std::size_t count) const {
    const Content& values = content(column);
    if (!values.numbers || !values.whole || values.distinct < rows() || rows() < kManyRows) {
      return false;
    }
    const std::size_t rest = count - (label_known_ ? 1 : 2);
    return options_.features ? rest == *options_.features
                             : image_side(rest) && !image_side(rest + 1);
  }

  // Whether distinct whole numbers come first and words, which can be the label, second.
  bool is_number_before_word(const std::vector<std::size_t>& left) const {
    const Content& values = content(left[0]);
    return left.size() > 3 && rows() >= kManyRows && values.numbers && values.whole &&
           values.distinct == rows() && content(left[1]).words && can_be_label(left[1]);
  }

  // Whether the last of these columns is the label, although the first one could be it as well.
  bool last_is_likelier(const std::vector<std::size_t>& left) const {
    const Content& first = content(left.front());
    const Content& last = content(left.back());
    if (!can_be_label(left.back()) || left.size() < 3) return false;
    if (options_.known.classes && rows() >= kFewRows) {
      return last.known == rows() && 2 * first.known < rows();
    }
    return last.neighbours && !first.neighbours && first.numbers &&
           content(left[left.size() - 2]).distinct > 2 * last.distinct;
  }

  bool is_one_hot(std::size_t begin, std::size_t count) const {
    constexpr std::size_t kEnoughRows = 10;
    if (count < 2 || rows() < kEnoughRows) return false;
    std::vector<bool> hit(count);
    for (const auto& row : columns_.rows) {
      std::size_t ones = 0;
      for (std::size_t c = 0; c < count; ++c) {
        const auto value = one_hot_value(row[begin + c], comma_is_point_);
        if (!value || (*value != 0 && *value != 1)) return false;
        if (*value == 0) continue;
        ++ones;
        hit[c] = true;
      }
      if (ones != 1) return false;
    }
    // A single column can hold all ones, because the rows may be sorted by label. But if the other
    // columns form an image, that column may also be the label 1 beside empty pixels.
    const std::size_t n = undecided().size();
    return std::ranges::count(hit, true) > 1 || options_.features || !image_side(n - 1);
  }

  // How many columns at the beginning of [begin, end), or at its end, are one-hot labels if the
  // rest is a square image.
  std::optional<std::size_t> one_hot_columns(std::size_t begin, std::size_t end,
                                             bool at_end) const {
    constexpr std::size_t kFewest = 3;
    constexpr std::size_t kMost = 1000;
    constexpr std::size_t kSmallestImage = 4;
    const std::size_t n = end - begin;
    for (std::size_t k = kFewest; k + kSmallestImage <= n && k <= kMost; ++k) {
      if (!content(at_end ? end - k : begin + k - 1).bits) return std::nullopt;
      if (image_side(n - k) && is_one_hot(at_end ? end - k : begin, k)) return k;
    }
    return std::nullopt;
  }

  void set_one_hot(std::size_t begin, std::size_t count) {
    for (std::size_t c = begin; c < begin + count; ++c) roles_[c] = ColumnRole::kOneHot;
    label_known_ = true;
  }

  // The columns without a role. Their position only tells them apart if they are adjacent.
  std::vector<std::size_t> undecided() const {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < columns_.width; ++c) {
      if (!roles_[c]) columns.push_back(c);
    }
    return columns;
  }

  void take_content() {
    std::vector<std::size_t> left = undecided();
    const std::optional<std::size_t> wanted = options_.features;
    if (left.empty() || (wanted && left.size() <= *wanted)) {
      label_known_ = true;
      return;
    }
    const bool id_known = std::ranges::count(roles_, ColumnRole::kId) > 0;
    const bool index = is_index(left.front()) || is_shuffled_index(left.front(), left.size());
    if (!id_known && (index || is_number_before_word(left)) && left.size() > 2) {
      roles_[left.front()] = ColumnRole::kId;
      left.erase(left.begin());
    }
    if (label_known_) return;
    if (wanted && left.size() == *wanted) return;
    const std::size_t begin = left.front();
    const std::size_t end = left.back() + 1;
    if (end - begin == left.size()) {
      if (wanted) {
        const std::size_t k = left.size() - *wanted;
        if (k > 1 && is_one_hot(begin, k)) return set_one_hot(begin, k);
        if (k > 1 && is_one_hot(end - k, k)) return set_one_hot(end - k, k);
      } else {
        if (const auto k = one_hot_columns(begin, end, false)) return set_one_hot(begin, *k);
        if (const auto k = one_hot_columns(begin, end, true)) return set_one_hot(end - *k, *k);
      }
    }
    if (wanted && left.size() != *wanted + 1) return;  // check() reports it
    std::vector<std::size_t> words;
    for (const std::size_t c : left) {
      if (content(c).words) words.push_back(c);
    }
    if (words.size() == 1 && (wanted || can_be_label(words[0]))) return set_label(words[0]);
    if (can_be_label(begin) && !last_is_likelier(left)) return set_label(begin);
    // Columns that form an image only without a label; the first one is constant, as a corner pixel
    // is.
    constexpr std::size_t kSmallImage = 64;
    const bool corner = content(begin).whole && content(begin).distinct == 1;
    if (!wanted && corner && left.size() >= kSmallImage && image_side(left.size())) return;
    if (can_be_label(left.back())) return set_label(left.back());
    // Neither can be the label. Columns that form an image only without a label are all pixels.
    if (!wanted && image_side(left.size()) && !image_side(left.size() - 1)) return;
    if (!content(begin).whole && !content(begin).words && content(begin).numbers) {
      if (!wanted) return;
      throw bad_(
          "neither the first nor the last column can be the label; name it with --label-column, or "
          "--ignore-columns what is no feature");
    }
    set_label(begin);  // the reader reports the row that has no valid label
  }

  void check() const {
    const auto count = [&](ColumnRole role) {
      return static_cast<std::size_t>(std::ranges::count(roles_, std::optional(role)));
    };
    const bool labelled = count(ColumnRole::kLabel) + count(ColumnRole::kOneHot) > 0;
    const std::size_t features = count(ColumnRole::kFeature);
    if (options_.features && features != *options_.features) {
      throw bad_(fmt::format(
          "{}, {} of them features; the network takes {} values a row, with or without a label",
          columns_text(columns_.width), features, *options_.features));
    }
    if (features == 0) throw bad_("no column is left for features");
    for (std::size_t c = 0; c < columns_.width; ++c) {
      if (roles_[c] != ColumnRole::kFeature || is_number(columns_.rows[0][c])) continue;
      if (!content(c).words) continue;
      throw bad_(
          fmt::format("{} holds words such as {}; name the label with --label-column, or leave it "
                      "out with --ignore-columns",
                      column_text(c), shown_field(columns_.rows[0][c])));
    }
    if (labelled || !options_.require_labels) return;
    if (all_pixels_) {
      throw bad_(
          fmt::format("no label: all {} columns have names of pixels, as {}; labelled data have a "
                      "column 'label', or --label-column names it",
                      features, shown_field(name(columns_.width - 1))));
    }
    throw bad_(fmt::format(
        "no label: {} are {}; put a label before them, or name it with --label-column",
        columns_text(features),
        options_.features ? "just the values that the network takes"
                          : fmt::format("just an image of {}", to_string(shape_of_row(features)))));
  }

  std::string column_text(std::size_t column) const {
    if (name(column).empty()) return fmt::format("column {}", column + 1);
    return fmt::format("column {} {}", column + 1, shown_field(name(column)));
  }

  std::string place(std::size_t column) const {
    if (column == 0) return "first column";
    return column == find("last") ? "last column" : fmt::format("column {}", column + 1);
  }

  std::string described(const char* what, std::size_t column) const {
    if (name(column).empty()) return fmt::format("{} ({})", what, place(column));
    return fmt::format("{} {} ({})", what, shown_field(name(column)), place(column));
  }

  // The labels of one-hot columns, from their names: "label_7" is 7, "cat" is cat.
  std::vector<std::string> hot_labels(std::size_t begin, std::size_t count) const {
    std::vector<std::string> labels;
    if (columns_.names.empty()) return labels;
    bool numbered = true;
    for (std::size_t c = 0; c < count; ++c) {
      const std::string full = name(begin + c);
      labels.push_back(full.substr(full.find_last_of("_= ") + 1));
      numbered = numbered && labels.back() == std::to_string(c);
    }
    const bool distinct = std::set(labels.begin(), labels.end()).size() == count;
    if (numbered || !distinct || is_pixel_name(name(begin))) labels.clear();
    return labels;
  }

  // If nearly all labels are numbers, a word is damage; if nearly none is negative, a negative
  // number is.
  void find_damage(std::size_t column, DecidedRoles& result) const {
    std::size_t words = 0;
    std::size_t negatives = 0;
    for (const auto& row : columns_.rows) {
      const auto number = read_decimal(row[column], comma_is_point_);
      words += number ? 0U : 1U;
      negatives += number && *number < 0 ? 1U : 0U;
    }
    const std::size_t most = std::max<std::size_t>(1, rows() / kRare);
    result.words_are_damage = words <= most && words < rows();
    result.negatives_are_damage = negatives <= most && negatives < rows();
  }

  DecidedRoles result() const {
    DecidedRoles result;
    std::vector<std::string> ignored;
    std::vector<std::string> reading;
    for (std::size_t c = 0; c < columns_.width; ++c) {
      result.roles.push_back(*roles_[c]);
      if (*roles_[c] == ColumnRole::kLabel) {
        reading.push_back(described("label", c));
        find_damage(c, result);
      }
      if (*roles_[c] == ColumnRole::kId) {
        result.id_name = name(c).empty() ? "id" : name(c);
        reading.push_back(described("id", c));
      }
      if (*roles_[c] == ColumnRole::kIgnored && !(content(c).empty && name(c).empty())) {
        ignored.push_back(name(c).empty() ? fmt::format("column {}", c + 1) : shown_field(name(c)));
      }
    }
    const auto hot =
        static_cast<std::size_t>(std::ranges::count(result.roles, ColumnRole::kOneHot));
    if (hot > 0) {
      const auto begin = static_cast<std::size_t>(
          std::ranges::find(result.roles, ColumnRole::kOneHot) - result.roles.begin());
      result.hot_labels = hot_labels(begin, hot);
      reading.push_back(fmt::format("label one-hot in columns {} to {}", begin + 1, begin + hot));
    }
    result.labelled = hot > 0 || std::ranges::count(result.roles, ColumnRole::kLabel) > 0;
    if (!result.labelled) reading.insert(reading.begin(), "no labels");
    if (!ignored.empty()) reading.push_back(fmt::format("without {}", fmt::join(ignored, ", ")));
    result.reading = fmt::format("{}", fmt::join(reading, ", "));
    return result;
  }

  const TableColumns& columns_;
  const DataFileOptions& options_;
  const std::function<Error(const std::string&)>& bad_;
  bool comma_is_point_;
  std::vector<std::optional<ColumnRole>> roles_;
  mutable std::vector<std::optional<Content>> content_;  // filled when first needed
  bool label_known_ = false;                             // whether there is a label, and where
  bool all_pixels_ = false;                              // according to their names
};

}  // namespace

DecidedRoles decide_roles(const TableColumns& columns, const DataFileOptions& options,
                          bool comma_is_point,
                          const std::function<Error(const std::string&)>& bad) {
  return Decision(columns, options, comma_is_point, bad).decide();
}

std::optional<double> one_hot_value(std::string_view field, bool comma_is_point) {
  if (field == "True" || field == "true" || field == "TRUE") return 1;
  if (field == "False" || field == "false" || field == "FALSE") return 0;
  return read_decimal(field, comma_is_point);
}

std::string columns_text(std::size_t n) { return fmt::format("{} column{}", n, n == 1 ? "" : "s"); }

}  // namespace mnist
