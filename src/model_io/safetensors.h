// The safetensors format: an 8-byte little-endian header length, a JSON header naming each tensor's
// dtype, shape and byte range, then the bytes. https://huggingface.co/docs/safetensors
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model_io/tensor.h"

namespace mnist {

struct SafetensorsFile {
  std::map<std::string, std::string> metadata;  // the header's "__metadata__"
  std::vector<Tensor> tensors;                  // in the order of their bytes

  /// The tensor with this name, or nullptr.
  const Tensor* find(const std::string& name) const;
};

/// Reads and checks a file. Throws Error(kBadInput) naming the file and the problem: a truncated
/// file, a header that is too long or no JSON, a shape that does not fit its byte range, ranges
/// that overlap or leave holes, an unknown dtype, a duplicate name.
SafetensorsFile read_safetensors(const std::filesystem::path& path);

/// Writes the file atomically, with the tensors in the given order; the header is padded to 8 bytes
/// to align them. Equal content gives equal bytes. Throws std::invalid_argument for a tensor whose
/// bytes do not fit its shape and dtype, and for a duplicate name.
void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file);

}  // namespace mnist
