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

/// Reads one row after the other into a data set, which is of bytes until a row
/// holds anything but integers from 0 to 255.
class TableRowReader {
 public:
  /// Makes room for `max_rows` rows of bytes.
  TableRowReader(const TableForm& form, const KnownLabels& known, std::size_t max_rows,
                 Dataset& rows);

  /// Reads the row in `line`, which ends in '\0' at `end` and has 8 readable
  /// bytes behind that. False where it is not as the form says: then problem()
  /// tells why.
  bool read(const char* line, const char* end);

  const std::string& problem() const { return problem_; }

  std::size_t count() const { return read_; }

  /// To be called after the last row: makes `rows` hold them and nothing else,
  /// with their summary.
  void finish();

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  bool read_plain(const char* p, const char* end);
  bool read_fields(std::string_view line);
  // A field that is no feature, the `place`-th of a run.
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
  std::size_t read_ = 0;  // rows
  std::size_t max_rows_;
  bool floats_ = false;
  std::size_t hot_ = kNone;  // which of the one-hot columns is 1
  std::vector<float> row_;
  std::string problem_;
};

}  // namespace mnist
