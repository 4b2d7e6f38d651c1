// Data in NumPy's arrays: a .npz archive, or a .npy file and one of labels.
#pragma once

#include <filesystem>

#include "data/data_file.h"

namespace mnist {

/// Reads the arrays of `path`: those whose names say that they are of options.half, or all there
/// are. Labels are the array whose name says so, or options.labels, or the file beside `path` named
/// alike with 'labels' for 'images' or 'imgs', 'y' for 'x'. Throws Error(kBadInput).
Dataset load_arrays(const std::filesystem::path& path, const DataFileOptions& options);

/// Whether an archive of arrays holds a part for training and one for the test.
bool has_array_halves(const std::filesystem::path& path);

}  // namespace mnist
