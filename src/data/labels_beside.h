// Files of labels that lie beside the images that they belong to.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mnist {

/// The names that the labels of an images file of that name usually have, the likeliest first, in
/// lower case and without an ending of compression: "labels" for "images" or its like, "y" for "x",
/// IDX's "idx1-ubyte" for "idx3-ubyte". Where a member's own name says nothing, its archive's does;
/// none where neither does.
std::vector<std::string> labels_names(const std::filesystem::path& images);

/// The file in the same folder, or the member of the same archive, that bears one of these names,
/// in any case, compressed or not, or such a file beside the archive; empty where there is none.
std::filesystem::path labels_beside(const std::filesystem::path& images);

}  // namespace mnist
