// Data in NumPy arrays: a .npz archive, or a .npy file and a second one with the labels.
#pragma once

#include <filesystem>

#include "data/data_file.h"

namespace mnist {

/// Reads the arrays of `path`; if their names distinguish training and test data, those of
/// options.half. The labels are options.labels, or the array that is named like labels, or the file
/// beside `path` with 'labels' in its name instead of 'images' or 'imgs', or 'y' instead of 'x'.
/// Throws Error(kBadInput).
Dataset load_arrays(const std::filesystem::path& path, const DataFileOptions& options);

/// Whether an archive holds arrays for training and for testing.
bool has_array_halves(const std::filesystem::path& path);

}  // namespace mnist
