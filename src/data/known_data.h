// Recognises data sets by their content.
#pragma once

#include <filesystem>

namespace mnist {

/// Whether a table or an IDX file begins with the rows of MNIST's training data, in their order.
/// False if it cannot be read.
bool is_mnist_training(const std::filesystem::path& path);

}  // namespace mnist
