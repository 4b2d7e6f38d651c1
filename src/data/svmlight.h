// Sparse rows in the format of SVMlight and LIBSVM: "label feature:value feature:value ...".
#pragma once

#include <memory>
#include <string_view>

#include "data/byte_source.h"
#include "data/data_file.h"

namespace mnist {

bool looks_like_svmlight(std::string_view head);

/// Features count from 1, or from 0 if the file or the options say so or the file has a feature 0.
/// There are as many as the network takes; otherwise as many as options.shape or the file has,
/// whichever is more. Throws Error(kBadInput) that names the line.
Dataset load_svmlight(ByteSource& source, const DataFileOptions& options);

}  // namespace mnist
