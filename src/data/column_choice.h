// Which columns of a table its user names.
#pragma once

#include <string>
#include <vector>

namespace mnist {

/// A column goes by its header's name or by its number, from 1. Empty: found
/// out.
struct ColumnChoice {
  std::string label;                 // also "first", "last" or "none"
  std::string id;                    // carried along, no feature
  std::vector<std::string> ignored;  // left out
};

}  // namespace mnist
