// Files that people give where data are wanted: what they are, and how to make
// data of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mnist {

/// What a file that begins with `head` is and the command that converts it: "an
/// HDF5 file; ...". Nothing where it is none of those known.
std::optional<std::string> foreign_file(std::string_view head);

}  // namespace mnist
