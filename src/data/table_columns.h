// Decides the role of each column of a table: by flags, then by the header, then by the values and
// the network's input width.
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

/// The beginning of a table; all rows have the same width.
struct TableColumns {
  std::vector<std::string> names;              // of the header; empty if there is none
  std::vector<bool> arff_class;                // ARFF: whether the header lists the column's values
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

/// Decides the roles. Throws bad(problem) if no roles fit the columns and the options.
DecidedRoles decide_roles(const TableColumns& columns, const DataFileOptions& options,
                          bool comma_is_point, const std::function<Error(const std::string&)>& bad);

/// The number in a field of one-hot columns. True and False count as well, because pandas'
/// get_dummies writes them.
std::optional<double> one_hot_value(std::string_view field, bool comma_is_point);

/// "1 column", "2 columns".
std::string columns_text(std::size_t n);

}  // namespace mnist
