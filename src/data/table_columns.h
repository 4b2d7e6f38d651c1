// What each column of a table is: by flag, else by its header, else by its
// values and the width that a network needs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/data_file.h"
#include "data/table_form.h"

namespace mnist {

/// The beginning of a table, all rows of the same width.
struct TableColumns {
  std::vector<std::string> names;              // of the header; none without one
  std::vector<bool> arff_class;                // for ARFF: whether a column's values are listed
  std::vector<std::vector<std::string>> rows;  // a sample
  std::size_t width = 0;
};

struct DecidedRoles {
  std::vector<ColumnRole> roles;
  bool labelled = false;
  std::string id_name;
  std::vector<std::string> hot_labels;
  std::string reading;
  bool words_are_damage = false;
  bool negatives_are_damage = false;
};

/// Throws what `bad` makes of a problem where no roles fit the columns and the
/// options.
DecidedRoles decide_roles(const TableColumns& columns, const DataFileOptions& options,
                          bool comma_is_point, const std::function<Error(const std::string&)>& bad);

/// The number of a field of one-hot columns, which may also be called True and False, as pandas'
/// get_dummies does.
std::optional<double> one_hot_value(std::string_view field, bool comma_is_point);

/// "1 column", "2 columns".
std::string columns_text(std::size_t n);

}  // namespace mnist
