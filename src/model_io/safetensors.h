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

  /// The tensor of that name, or nullptr.
  const Tensor* find(const std::string& name) const;
};

/// Reads and checks a whole file. Throws Error(kBadInput) naming the file and what is wrong with
/// it: cut short, header length beyond the file, header no JSON, a shape that does not fit its byte
/// range, ranges that overlap or leave holes, an unknown dtype, a name that comes twice.
SafetensorsFile read_safetensors(const std::filesystem::path& path);

/// Writes the file atomically, tensors in the order given, header padded to 8 bytes so that they
/// are aligned. Equal content gives equal bytes. Throws std::invalid_argument for a tensor whose
/// bytes do not fit its shape and dtype or whose name is taken.
void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file);

}  // namespace mnist
