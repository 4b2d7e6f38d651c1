// Arrays in NumPy's format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/byte_source.h"

namespace mnist {

/// Values in C order: bytes where the array holds bytes, words where it holds text, else floats.
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> bytes;
  std::vector<double> numbers;  // of arrays of one dimension, or of so many rows and one column
  std::vector<float> floats;
  std::vector<std::string> words;

  std::size_t rows() const { return shape.empty() ? 0 : shape[0]; }
};

/// Whether a file with these first bytes is such an array.
bool looks_like_npy(std::string_view head);

/// The shape that the header in `head`, a file's first bytes, tells. Throws as read_npy() does.
std::vector<std::size_t> npy_shape(std::string_view head, const std::string& name);

/// Reads a whole array; numbers of one dimension as doubles, so that labels stay exact. Throws
/// Error(kBadInput) naming the source: damaged, cut short, of Python objects, or of more values
/// than `most_bytes` bytes hold.
NpyArray read_npy(ByteSource& source, std::uint64_t most_bytes);

}  // namespace mnist
