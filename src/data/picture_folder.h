// A folder with a folder of pictures for each class.
#pragma once

#include <filesystem>

#include "data/data_file.h"

namespace mnist {

/// Reads the pictures (PNG, JPEG, PGM) of each folder in `path`; the folders' names are the labels.
/// Where the folders are one for training and one for the test, those of options.half. Throws
/// Error(kBadInput) naming the picture that cannot be read, or one of another size than the others
/// where no options.shape tells to which to bring them all.
Dataset load_picture_folder(const std::filesystem::path& path, const DataFileOptions& options);

/// Whether `path` is a folder that holds one folder for training and one for the test.
bool has_folder_halves(const std::filesystem::path& path);

}  // namespace mnist
