// A network in the forms that other programs read.
#pragma once

#include <filesystem>
#include <string>

#include "model_io/weight_type.h"
#include "nn/network.h"

namespace mnist {

enum class ExportFormat { kSafetensors, kNpz, kOnnx, kCHeader };

/// The format that the ending of `path` names: .safetensors, .npz, .onnx or .h. Throws
/// Error(kUsage) listing them for any other.
ExportFormat export_format(const std::filesystem::path& path);

struct ExportOptions {
  WeightType weights = WeightType::kFloat32;  // float16 for .safetensors, int8 for .h
  std::string settings;  // of the run that trained it, for .safetensors; empty: not told
};

/// Writes the network in the format of the file's ending, whole or not at all. Throws Error(kUsage)
/// for a network, and for options, that the format cannot express.
void export_model(const std::filesystem::path& path, const Network& network,
                  const ExportOptions& options = {});

}  // namespace mnist
