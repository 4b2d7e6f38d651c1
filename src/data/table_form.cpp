// Decides in this order: lines before the table, separator, header, roles. The role of a column
// comes from a flag, otherwise from the header, otherwise from its values.
#include "data/table_form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/number.h"
#include "base/split.h"
#include "base/text_fields.h"
#include "data/arff_head.h"
#include "data/column_names.h"
#include "data/table_columns.h"

namespace mnist {
namespace {

constexpr std::size_t kSampleLines = 64;

// Iterates over the lines of a text.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  bool done() const { return position_ >= text_.size(); }
  std::size_t bytes() const { return position_; }
  std::size_t count() const { return count_; }
  std::string_view peek() const {
    std::string_view line = text_.substr(position_, text_.find('\n', position_) - position_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  void skip() {
    position_ = std::min(text_.find('\n', position_), text_.size() - 1) + 1;
    ++count_;
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t count_ = 0;
};

// The separator of a line "sep=;", as Excel writes and reads it.
std::optional<char> separator_line(std::string_view line) {
  constexpr std::string_view kKey = "sep=";
  line = line.starts_with('"') && line.ends_with('"') && line.size() > 1
             ? line.substr(1, line.size() - 2)
             : line;
  if (!line.starts_with(kKey) || line.size() != kKey.size() + 1) return std::nullopt;
  return line.back();
}

bool is_comment(std::string_view line) { return line.starts_with('#') || line.starts_with('%'); }

// The separator that divides every line into the same number of fields, more than one.
char find_separator(const std::vector<std::string_view>& lines) {
  for (const char separator : {'\t', ';', ',', '|', ' '}) {
    FieldSplitter splitter(separator);
    const std::size_t columns = splitter.split(lines.back()).size();
    const auto fits = [&](std::string_view line) {
      const std::size_t n = splitter.split(line).size();
      return n == columns || (line.data() == lines.front().data() && n + 1 == columns);
    };
    if (columns > 1 && std::ranges::all_of(lines, fits)) return separator;
  }
  // The lines do not agree. Use the most frequent separator; the reader will report the line that
  // does not fit.
  std::array<std::size_t, 4> found{};
  constexpr std::array<char, 4> kSeparators{',', ';', '\t', '|'};
  for (const std::string_view line : lines) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      found[i] += static_cast<std::size_t>(std::ranges::count(line, kSeparators[i]));
    }
  }
  const auto most = std::ranges::max_element(found);
  return *most == 0 ? ' ' : kSeparators[static_cast<std::size_t>(most - found.begin())];
}

using Fields = std::vector<std::string>;

Fields fields_of(std::string_view line, char separator, std::string_view quotes = kQuotes) {
  FieldSplitter splitter(separator, quotes);
  const auto& fields = splitter.split(line);
  return {fields.begin(), fields.end()};
}

// Whether the fields from `begin` on are 0, 1, 2, ... or 1, 2, 3, ....
bool counts_up(const Fields& fields, std::size_t begin) {
  const auto first = begin < fields.size() ? read_number<std::size_t>(fields[begin]) : std::nullopt;
  if (!first || *first > 1) return false;
  for (std::size_t i = begin; i < fields.size(); ++i) {
    if (read_number<std::size_t>(fields[i]) != *first + i - begin) return false;
  }
  return true;
}

bool all_differ(const Fields& fields) {
  return std::set(fields.begin(), fields.end()).size() == fields.size();
}

// Whether the row holds data that pandas took for a header. Pandas makes equal names different by
// the endings .1, .2, ....
bool made_to_differ(const Fields& row) {
  constexpr std::size_t kMany = 10;
  const std::set<std::string> known(row.begin(), row.end());
  std::size_t ended = 0;
  for (const std::string& field : row) {
    const std::size_t point = field.find('.');
    if (point == std::string::npos) continue;
    if (!known.contains(field.substr(0, point))) return false;
    ++ended;
  }
  return row.size() >= kMany && ended > 1 && known.size() == row.size();
}

// Whether the first row holds names, judged by itself and the next row, if there is one.
bool is_header(const Fields& row, const Fields* next, bool comma_is_point) {
  const auto numeric = [&](const std::string& field) {
    return read_decimal(field, comma_is_point).has_value();
  };
  Fields numbers;
  std::ranges::copy_if(row, std::back_inserter(numbers), numeric);
  if (numbers.size() == row.size()) {
    if (next == nullptr) return false;
    const bool counted = counts_up(row, 0) && !counts_up(*next, 0) && row.size() > 2;
    return counted || (made_to_differ(row) && !all_differ(*next));
  }
  // A row of data with a damaged field or a word as its label is not a header: its numbers repeat,
  // and those of a header do not.
  if (!all_differ(numbers)) return false;
  if (numbers.empty()) return true;
  if (next == nullptr || next->size() != row.size()) return !numeric(row.front());
  // A header has words where the rows have numbers, or numbers that count the columns.
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!numeric(row[i]) && numeric((*next)[i])) return true;
  }
  const std::size_t words = row.size() - numbers.size();
  return counts_up(row, words) && !counts_up(*next, words) && numbers.size() > 1;
}

std::vector<ColumnRun> runs_of(const std::vector<ColumnRole>& roles) {
  std::vector<ColumnRun> runs;
  for (const ColumnRole role : roles) {
    if (runs.empty() || runs.back().role != role || role == ColumnRole::kLabel) {
      runs.push_back({role, 0});
    }
    ++runs.back().count;
  }
  return runs;
}

// What comments, blank lines and Excel's line before the table say about it.
struct Prologue {
  std::optional<char> separator;
  std::string comment;  // the last one
};

Prologue skip_prologue(Lines& lines) {
  Prologue prologue;
  for (; !lines.done(); lines.skip()) {
    const std::string_view line = lines.peek();
    if (const auto separator = separator_line(line)) {
      prologue.separator = separator;
    } else if (is_comment(line)) {
      prologue.comment = trimmed(line.substr(1), kBlanks);
    } else if (!trimmed(line, kBlanks).empty()) {
      break;
    }
  }
  return prologue;
}

std::vector<std::string_view> sample_lines(Lines lines) {
  std::vector<std::string_view> sample;
  for (; !lines.done() && sample.size() <= kSampleLines; lines.skip()) {
    if (!trimmed(lines.peek(), kBlanks).empty()) sample.push_back(lines.peek());
  }
  return sample;
}

// Throws if the names are those of the training data in another order.
void check_order(const Fields& names, const Fields& trained,
                 const std::function<Error(const std::string&)>& bad) {
  if (!std::ranges::is_permutation(names, trained)) return;
  const auto [here, there] = std::ranges::mismatch(names, trained);
  if (here == names.end()) return;
  throw bad(
      fmt::format("feature {} is {}, of the training data {}; give the columns in their order",
                  here - names.begin() + 1, shown_field(*here), shown_field(*there)));
}

std::string separator_text(char separator) {
  switch (separator) {
    case '\t':
      return "tabs";
    case ' ':
      return "blanks";
    default:
      return fmt::format("'{}'", separator);
  }
}

}  // namespace

TableForm table_form(std::string_view text, const DataFileOptions& options,
                     const std::string& name) {
  TableForm form;
  Lines lines(text);
  const Prologue prologue = skip_prologue(lines);
  const auto bad_line = [&](const std::string& problem) {
    return bad_input(name, fmt::format("line {}: {}", lines.count() + 1, problem));
  };
  TableColumns columns;
  bool header = false;
  std::vector<std::string_view> sample;
  if (is_arff(lines.peek())) {
    const ArffHead arff = read_arff_head(text.substr(lines.bytes()), name, lines.count());
    for (std::size_t i = 0; i < arff.lines; ++i) lines.skip();
    columns.names = arff.names;
    columns.arff_class = arff.nominal;
    skip_prologue(lines);
    sample = sample_lines(lines);
    if (!sample.empty() && sample.front().starts_with('{')) {
      throw bad_line(
          "sparse rows of ARFF are not read; Weka's filter SparseToNonSparse writes them in full");
    }
    form.separator = ',';
    form.quotes = kArffQuotes;
    header = true;
  } else {
    sample = sample_lines(lines);
    if (sample.empty()) throw bad_input(name, "holds no rows, nothing but blank lines or comments");
    form.separator = prologue.separator.value_or(find_separator(sample));
  }
  const auto check_closed = [&] {
    FieldSplitter splitter(form.separator, form.quotes);
    if (sample.empty()) return;
    splitter.split(sample.front());
    if (splitter.open()) throw bad_line(kOpenQuote);
  };
  check_closed();
  std::vector<Fields> rows;
  rows.reserve(sample.size());
  for (const std::string_view line : sample) {
    rows.push_back(fields_of(line, form.separator, form.quotes));
  }
  if (!header && !rows.empty()) {
    header = is_header(rows[0], rows.size() > 1 ? &rows[1] : nullptr, form.separator != ',');
    if (header) {
      columns.names = std::move(rows[0]);
      rows.erase(rows.begin());
      sample.erase(sample.begin());
      lines.skip();
      check_closed();
    } else if (!prologue.comment.empty()) {
      // NumPy writes the names after a '#'.
      Fields names = fields_of(prologue.comment, form.separator);
      if (names.size() > 1 && names.size() == rows[0].size()) columns.names = std::move(names);
    }
  }
  if (rows.empty()) throw bad_input(name, "holds a header and no rows behind it");
  const std::size_t width = rows[0].size();
  const bool arff = !columns.arff_class.empty();
  if (!arff && columns.names.size() + 1 == width) {
    // The rows end with a separator and the header does not, or R gave no name to the column of row
    // names.
    const bool at_end = std::ranges::all_of(
        rows, [&](const Fields& row) { return row.size() == width && row.back().empty(); });
    columns.names.insert(at_end ? columns.names.end() : columns.names.begin(), "");
  }
  if (columns.names.size() == width + 1 && columns.names.back().empty()) columns.names.pop_back();
  if (!columns.names.empty() && columns.names.size() != width) {
    throw bad_input(name,
                    fmt::format("line {}: {} where the header has {}; give every row as many",
                                lines.count() + 1, columns_text(width), columns.names.size()));
  }
  if (width < 2) {
    throw bad_line(
        "has one column; give each row a label and its values, separated by commas, semicolons, "
        "tabs or blanks");
  }
  form.comma_is_point = form.separator != ',';
  std::erase_if(rows, [&](const Fields& row) { return row.size() != width; });
  columns.rows = std::move(rows);
  columns.width = width;

  const DecidedRoles decided = decide_roles(columns, options, form.comma_is_point,
                                            [&](const std::string& p) { return bad_line(p); });
  form.roles = decided.roles;
  if (options.skip_labels) {
    std::ranges::replace(form.roles, ColumnRole::kLabel, ColumnRole::kIgnored);
    std::ranges::replace(form.roles, ColumnRole::kOneHot, ColumnRole::kIgnored);
  }
  form.runs = runs_of(form.roles);
  form.features = static_cast<std::size_t>(std::ranges::count(form.roles, ColumnRole::kFeature));
  for (std::size_t c = 0; c < columns.names.size(); ++c) {
    if (form.roles[c] == ColumnRole::kFeature) form.feature_names.push_back(columns.names[c]);
  }
  check_order(form.feature_names, options.feature_names, bad_line);
  form.labelled = decided.labelled && !options.skip_labels;
  form.id_name = decided.id_name;
  form.hot_labels = decided.hot_labels;
  form.reading = decided.reading;
  form.words_are_damage = decided.words_are_damage;
  form.negatives_are_damage = decided.negatives_are_damage;
  if (form.separator != ',') {
    form.reading += fmt::format(", separated by {}", separator_text(form.separator));
  }
  form.head_bytes = lines.bytes();
  form.head_lines = lines.count();
  const auto has = [&](const char* characters) {
    return std::ranges::any_of(sample, [&](std::string_view line) {
      return line.find_first_of(characters) != std::string_view::npos;
    });
  };
  form.plain = form.separator != ' ' && !has(form.separator == '\t' ? "\" " : "\" \t") &&
               (form.quotes == kQuotes || !has("'")) && (form.separator == ',' || !has(","));
  return form;
}

}  // namespace mnist
