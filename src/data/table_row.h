// Reads the rows of a text table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_fields.h"
#include "data/dataset.h"
#include "data/label_index.h"
#include "data/table_form.h"

namespace mnist {

/// Reads rows, one after the other, into a data set. It holds bytes until a row has a value that is
/// not an integer from 0 to 255.
class TableRowReader {
 public:
  /// Reserves `max_rows` rows of bytes.
  TableRowReader(const TableForm& form, const KnownLabels& known, std::size_t max_rows,
                 Dataset& rows);

  /// Reads the row in `line`, which ends in '\0' at `end`; 8 bytes after that must be readable.
  /// Returns false if the row does not fit the form; then problem() says why.
  bool read(const char* line, const char* end);

  const std::string& problem() const { return problem_; }

  std::size_t count() const { return read_; }

  /// Call it after the last row. Shrinks `rows` to what was read and adds the summary.
  void finish();

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  bool read_plain(const char* p, const char* end);
  bool read_fields(std::string_view line);
  // Handles a field that is not a feature, number `place` of its run.
  bool take_other(ColumnRole role, std::size_t place, std::size_t column, std::string_view field);
  bool is_bare(std::string_view field) const;
  bool is_damaged(std::string_view label) const;
  bool take_label(std::string_view field, std::size_t column);
  void become_floats();

  const TableForm& form_;
  Dataset& rows_;
  FieldSplitter splitter_;
  LabelIndex labels_;
  std::string zeros_;
  std::size_t read_ = 0;  // number of rows
  std::size_t max_rows_;
  bool floats_ = false;
  std::size_t hot_ = kNone;  // index of the one-hot column that is 1
  std::vector<float> row_;
  std::string problem_;
};

}  // namespace mnist
