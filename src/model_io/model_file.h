// Saves a network as a safetensors file that PyTorch can load, and loads such files.
#pragma once

#include <filesystem>
#include <string>

#include "nn/network.h"

namespace mnist {

/// Options for the contents of a file.
struct ModelFileOptions {
  bool half = false;     // store values as float16
  std::string settings;  // config text of the training run; empty: none
};

/// The key of ModelFileOptions::settings in a file's metadata.
inline constexpr const char* kSettingsKey = "settings";

/// Writes tensors with the names of torch.nn.Sequential, and `__metadata__` with `format` = "pt",
/// `layers` = the complete layer list and, if the classes have names, `class_names` = "cat,dog".
/// Throws Error(kUsage) for values that float16 cannot hold.
void save_model(const std::filesystem::path& path, const Network& network,
                const ModelFileOptions& options = {});

/// Loads a network. For a file without `layers` in its metadata, such as one from PyTorch, `layers`
/// gives the complete layer list, or a list in the form of `--layers`. Throws Error(kBadInput)
/// naming the file if no layer list is known, or if the tensors do not fit it.
Network load_model(const std::filesystem::path& path, const std::string& layers = "");

/// The same for a given layer list, which overrides the one in the file.
Network load_model(const std::filesystem::path& path, const LayerList& stack);

}  // namespace mnist
