// A network in the forms that other programs read.
#pragma once

#include <filesystem>

#include "nn/network.h"

namespace mnist {

enum class ExportFormat { kSafetensors, kNpz, kOnnx, kCHeader };

/// The format that the ending of `path` names: .safetensors, .npz, .onnx or .h. Throws
/// Error(kUsage) listing them for any other.
ExportFormat export_format(const std::filesystem::path& path);

/// Writes the network in the format of the file's ending, whole or not at all. Throws Error(kUsage)
/// for a network that the format cannot express.
void export_model(const std::filesystem::path& path, const Network& network);

}  // namespace mnist
