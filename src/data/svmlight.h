// Sparse rows in the format of SVMlight and LIBSVM: "label feature:value feature:value ...".
#pragma once

#include <memory>
#include <string_view>

#include "data/byte_source.h"
#include "data/data_file.h"

namespace mnist {

bool looks_like_svmlight(std::string_view head);

/// Features count from 1; there are as many as the network takes, or as the largest of the file.
/// Throws Error(kBadInput) naming the line.
Dataset load_svmlight(ByteSource& source, const DataFileOptions& options);

}  // namespace mnist
