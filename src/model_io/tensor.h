// A named array of numbers as weights files hold it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mnist {

/// A named tensor as it lies in a file. `bytes` are row-major and little-endian.
struct Tensor {
  std::string name;
  std::string dtype;  // "F32", "F64", "I32", "I64", "U8", ...
  std::vector<std::size_t> shape;
  std::vector<std::byte> bytes;

  /// An F32 tensor of `values`, whose count is the product of `shape`.
  static Tensor f32(std::string name, std::vector<std::size_t> shape,
                    std::span<const float> values);

  /// An F16 tensor of the same, each rounded to the nearest, ties to even. Throws Error(kUsage)
  /// naming the tensor for a finite value that rounds beyond 65504.
  static Tensor f16(std::string name, std::vector<std::size_t> shape,
                    std::span<const float> values);

  /// The values as another type. Throws Error(kBadInput) naming the tensor where its dtype is not
  /// the one asked for; `floats` takes F32, F16, BF16 and F64 (rounded).
  std::vector<float> floats() const;
  std::vector<double> doubles() const;       // F64 or F32
  std::vector<std::int32_t> int32s() const;  // I32

  /// Bytes that shape and dtype ask for; nothing where memory cannot number them.
  std::optional<std::size_t> needed_bytes() const;
};

/// Bytes of one element of a dtype, 0 for an unknown one.
std::size_t element_size(const std::string& dtype);

/// Text of unknown origin in quotation marks, fit for one line of a message.
std::string quoted_text(const std::string& text);

}  // namespace mnist
