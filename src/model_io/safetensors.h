// The safetensors format: an 8-byte little-endian header length, a JSON header naming each tensor's
// dtype, shape and byte range, then the bytes. https://huggingface.co/docs/safetensors
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
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

  /// The values as another type. Throws Error(kBadInput) naming the tensor where its dtype is not
  /// the one asked for; `floats` takes F32, F16, BF16 and F64 (rounded).
  std::vector<float> floats() const;
  std::vector<double> doubles() const;       // F64 or F32
  std::vector<std::int32_t> int32s() const;  // I32
};

struct SafetensorsFile {
  std::map<std::string, std::string> metadata;  // the header's "__metadata__"
  std::vector<Tensor> tensors;                  // in the order of their bytes

  /// The tensor of that name, or nullptr.
  const Tensor* find(const std::string& name) const;
};

/// Reads and checks a whole file. Throws Error(kBadInput) naming the file and what is wrong with
/// it: cut short, header length beyond the file, header no JSON, a shape that does not fit its byte
/// range, ranges that overlap or leave holes, an unknown dtype.
SafetensorsFile read_safetensors(const std::filesystem::path& path);

/// Writes the file atomically, header padded to 8 bytes so that tensors are aligned.
void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file);

}  // namespace mnist
