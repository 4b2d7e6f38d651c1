// Data sets that are known by their content.
#pragma once

#include <filesystem>

namespace mnist {

/// Whether a table or an IDX file begins as MNIST's training data do, in their order. False for
/// what cannot be read.
bool is_mnist_training(const std::filesystem::path& path);

}  // namespace mnist
