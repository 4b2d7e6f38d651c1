// Reads a folder that contains a folder of pictures for each class.
#pragma once

#include <filesystem>

#include "data/data_file.h"

namespace mnist {

/// Reads the pictures (PNG, JPEG, PGM) of each folder in `path`; the names of the folders are the
/// labels. If there is one folder for training and one for testing, reads that of options.half.
/// Throws Error(kBadInput) that names a picture if it cannot be read, or if its size differs from
/// the others and there is no options.shape to scale to.
Dataset load_picture_folder(const std::filesystem::path& path, const DataFileOptions& options);

/// Whether `path` is a folder that contains one folder for training and one for testing.
bool has_folder_halves(const std::filesystem::path& path);

}  // namespace mnist
