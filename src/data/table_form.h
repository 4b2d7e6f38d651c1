// The form of a text table, from its first lines: the separator, the lines before the rows, and the
// role of each column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_fields.h"
#include "data/data_file.h"

namespace mnist {

enum class ColumnRole {
  kFeature,
  kLabel,
  kOneHot,  // 1 if the label is the column's index among the one-hot columns, otherwise 0
  kId,
  kIgnored,
};

/// The problem of a line that ends inside a quoted field.
inline constexpr const char* kOpenQuote =
    "a quotation mark is not closed; no field can hold a line break, remove those inside of quotes";

/// Neighbouring columns of the same role.
struct ColumnRun {
  ColumnRole role = ColumnRole::kFeature;
  std::size_t count = 0;
};

struct TableForm {
  char separator = ',';  // ' ' means any run of blanks and tabs
  std::string_view quotes = kQuotes;
  bool plain = true;              // fields are neither quoted nor padded with blanks
  bool comma_is_point = false;    // in numbers, a comma is the decimal point
  std::size_t head_bytes = 0;     // before the rows: a header, comments, blank lines
  std::size_t head_lines = 0;     // in head_bytes
  std::vector<ColumnRole> roles;  // of each column
  std::vector<ColumnRun> runs;    // the same, grouped
  std::size_t features = 0;
  std::vector<std::string> feature_names;  // from the header; empty if there is none
  std::string id_name;                     // "id" for a column without a name
  std::vector<std::string> hot_labels;     // labels of the one-hot columns; empty: 0, 1, ...
  std::string reading;                     // how the table is read, for messages
  bool labelled = false;
  // A label of this kind is damaged, because the other labels are not of this kind.
  bool words_are_damage = false;
  bool negatives_are_damage = false;

  std::size_t columns() const { return roles.size(); }
};

/// The form of the table that begins with `text`, which consists of whole lines that end in '\n'.
/// Throws Error(kBadInput) if no form fits, or if the options do not fit the table. Messages call
/// the file `name`.
TableForm table_form(std::string_view text, const DataFileOptions& options,
                     const std::string& name);

}  // namespace mnist
