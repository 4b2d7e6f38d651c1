// The header of an ARFF file (Weka's format). A table of comma-separated values follows it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mnist {

struct ArffHead {
  std::vector<std::string> names;  // of the columns
  std::vector<bool> nominal;       // whether the header lists the column's values: {a, b, c}
  std::size_t lines = 0;           // number of lines, including "@data"
};

/// Whether `line`, the first line of a text that is not a comment, begins an ARFF file.
bool is_arff(std::string_view line);

/// Parses the header. Throws Error(kBadInput) if a line is not ARFF or "@data" is missing. Messages
/// call the file `name` and count lines from `first_line`.
ArffHead read_arff_head(std::string_view text, const std::string& name, std::size_t first_line);

}  // namespace mnist
