// The head of an ARFF file (Weka's format), behind which a table of
// comma-separated values stands.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mnist {

struct ArffHead {
  std::vector<std::string> names;  // of the columns
  std::vector<bool> nominal;       // whether a column's values are listed: {a, b, c}
  std::size_t lines = 0;           // up to and with "@data"
};

/// Whether a text's first line that is no comment begins an ARFF file.
bool is_arff(std::string_view line);

/// Throws Error(kBadInput), calling the file `name` and counting lines from
/// `first_line`, where a line is none of ARFF or "@data" is missing.
ArffHead read_arff_head(std::string_view text, const std::string& name, std::size_t first_line);

}  // namespace mnist
