// Arrays in NumPy's format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/byte_source.h"

namespace mnist {

/// Values in C order: bytes if the array holds bytes, words if it holds text, otherwise floats.
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> bytes;
  std::vector<double> numbers;  // instead of floats, for the shapes [rows] and [rows, 1]
  std::vector<float> floats;
  std::vector<std::string> words;

  std::size_t rows() const { return shape.empty() ? 0 : shape[0]; }
};

/// Whether a file with these first bytes is a NumPy array.
bool looks_like_npy(std::string_view head);

/// Reads a whole array. Numbers of one dimension are doubles, so that labels stay exact. Throws
/// Error(kBadInput) that names the source if the array is damaged, cut short, holds Python objects,
/// or claims more than `most_bytes` bytes.
NpyArray read_npy(ByteSource& source, std::uint64_t most_bytes);

}  // namespace mnist
