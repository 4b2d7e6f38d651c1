// Finds the file of labels that belongs to a file of images.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mnist {

/// The usual names of the labels for an images file, the likeliest first, in lower case and without
/// the ending of a compression: "labels" for "images" and similar words, "y" for "x", IDX's
/// "idx1-ubyte" for "idx3-ubyte". For a member of an archive whose own name contains no such word,
/// the archive's name is used. Empty if that contains none either.
std::vector<std::string> labels_names(const std::filesystem::path& images);

/// The file in the same folder, or the member of the same archive, or else the file beside the
/// archive, that has one of these names in any case, compressed or not. Empty if there is none.
std::filesystem::path labels_beside(const std::filesystem::path& images);

}  // namespace mnist
