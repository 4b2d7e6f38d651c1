// How a text table is to be read, found out from its first lines: what
// separates its fields, which lines stand before its rows, and what each of its
// columns is.
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
  kOneHot,  // 1 where the label is the column's place among its like, else 0
  kId,
  kIgnored,
};

/// What is wrong with a line whose last field does not end in it.
inline constexpr const char* kOpenQuote =
    "a quotation mark is not closed; no field can hold a line break, remove those inside of quotes";

/// Neighbouring columns of one role.
struct ColumnRun {
  ColumnRole role = ColumnRole::kFeature;
  std::size_t count = 0;
};

struct TableForm {
  char separator = ',';  // ' ' is any run of blanks and tabs
  std::string_view quotes = kQuotes;
  bool plain = true;              // fields are neither quoted nor padded with blanks
  bool comma_is_point = false;    // in numbers
  std::size_t head_bytes = 0;     // before the rows: a header, comments, blank lines
  std::size_t head_lines = 0;     // in them
  std::vector<ColumnRole> roles;  // of each column
  std::vector<ColumnRun> runs;    // the same
  std::size_t features = 0;
  std::string id_name;                  // "id" for a column without a name
  std::vector<std::string> hot_labels;  // what one-hot columns stand for; empty: 0, 1, ...
  std::string reading;                  // how it is read, for people
  bool labelled = false;
  // A label of this kind is a damaged one: the others are none.
  bool words_are_damage = false;
  bool negatives_are_damage = false;

  std::size_t columns() const { return roles.size(); }
};

/// The form of the table that begins with `text`, whole lines that end in '\n'.
/// Throws Error(kBadInput), calling the file `name`, where no form fits or the
/// options do not fit it.
TableForm table_form(std::string_view text, const DataFileOptions& options,
                     const std::string& name);

}  // namespace mnist
