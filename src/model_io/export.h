// Exports a network to the formats of other programs.
#pragma once

#include <filesystem>
#include <string>

#include "model_io/weight_type.h"
#include "nn/network.h"

namespace mnist {

enum class ExportFormat { kSafetensors, kNpz, kOnnx, kCHeader };

/// The format for the ending of `path`: .safetensors, .npz, .onnx or .h. Throws Error(kUsage),
/// which lists these, for any other ending.
ExportFormat export_format(const std::filesystem::path& path);

struct ExportOptions {
  WeightType weights = WeightType::kFloat32;  // float16 for .safetensors, int8 for .h
  std::string settings;  // config text of the training run, for .safetensors; empty: none
};

/// Writes the network atomically, in the format of the file's ending. Throws Error(kUsage) for a
/// network or options that the format does not support.
void export_model(const std::filesystem::path& path, const Network& network,
                  const ExportOptions& options = {});

}  // namespace mnist
