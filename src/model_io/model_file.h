// A network as a safetensors file that PyTorch can load, and the other way round.
#pragma once

#include <filesystem>
#include <string>

#include "nn/network.h"

namespace mnist {

/// What a file holds beside the network, and how.
struct ModelFileOptions {
  bool half = false;     // values as float16
  std::string settings;  // how it was trained, the text of a config file
};

/// The key of ModelFileOptions::settings in a file's metadata.
inline constexpr const char* kSettingsKey = "settings";

/// Tensors named as torch.nn.Sequential names them, `__metadata__` with `format` = "pt" and
/// `layers` = the whole stack, and where the classes have names `class_names` = "cat,dog".
/// Throws Error(kUsage) for values that float16 cannot hold.
void save_model(const std::filesystem::path& path, const Network& network,
                const ModelFileOptions& options = {});

/// `layers` tells the stack of a file without that metadata (one that PyTorch wrote): the whole
/// stack, or the form of `--layers`. Throws Error(kBadInput) naming the file: no stack known,
/// tensors that do not fit it.
Network load_model(const std::filesystem::path& path, const std::string& layers = "");

/// The same for a stack that is known, whatever the file says of its own.
Network load_model(const std::filesystem::path& path, const LayerList& stack);

}  // namespace mnist
