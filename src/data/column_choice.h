// The columns of a table that the user names.
#pragma once

#include <string>
#include <vector>

namespace mnist {

/// A column is given by its name in the header or by its number, from 1. Empty: decided by the
/// data.
struct ColumnChoice {
  std::string label;                 // also "first", "last" or "none"
  std::string id;                    // copied to the output, not a feature
  std::vector<std::string> ignored;  // not read
};

}  // namespace mnist
