// Recognises files that are not data, and tells how to convert them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mnist {

/// What a file that begins with `head` is, and the command that converts it: "an HDF5 file; ...".
/// Nothing if the format is not one of those known.
std::optional<std::string> foreign_file(std::string_view head);

}  // namespace mnist
