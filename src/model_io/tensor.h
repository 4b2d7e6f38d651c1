// Tensors in weights files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mnist {

/// A named tensor in its stored form. `bytes` are row-major and little-endian.
struct Tensor {
  std::string name;
  std::string dtype;  // "F32", "F64", "I32", "I64", "U8", ...
  std::vector<std::size_t> shape;
  std::vector<std::byte> bytes;

  /// An F32 tensor. The number of values is the product of `shape`.
  static Tensor f32(std::string name, std::vector<std::size_t> shape,
                    std::span<const float> values);

  /// An F16 tensor; values are rounded to nearest, ties to even. Throws Error(kUsage) naming the
  /// tensor for a finite value that rounds beyond 65504.
  static Tensor f16(std::string name, std::vector<std::size_t> shape,
                    std::span<const float> values);

  /// The values as numbers. Throws Error(kBadInput) naming the tensor for other dtypes than those
  /// in the comments.
  std::vector<float> floats() const;         // F32, F16, BF16, F64 (rounded)
  std::vector<double> doubles() const;       // F64, F32
  std::vector<std::int32_t> int32s() const;  // I32

  /// The number of bytes for shape and dtype; nothing if it overflows std::size_t.
  std::optional<std::size_t> needed_bytes() const;
};

/// The bytes of one element of a dtype; 0 for an unknown dtype.
std::size_t element_size(const std::string& dtype);

/// Text of unknown origin for a message: quoted, escaped and shortened.
std::string quoted_text(const std::string& text);

}  // namespace mnist
