// A network as a safetensors file that PyTorch can load, and the other way round.
#pragma once

#include <filesystem>
#include <string>

#include "nn/network.h"

namespace mnist {

/// Tensors named as torch.nn.Sequential names them, `__metadata__` with `format` = "pt" and
/// `layers` = the whole stack, and where the classes have names `class_names` = "cat,dog".
void save_model(const std::filesystem::path& path, const Network& network);

/// `layers` tells the stack of a file without that metadata (one that PyTorch wrote): the whole
/// stack, or the form of `--layers`. Throws Error(kBadInput) naming the file: no stack known,
/// tensors that do not fit it.
Network load_model(const std::filesystem::path& path, const std::string& layers = "");

/// The same for a stack that is known, whatever the file says of its own.
Network load_model(const std::filesystem::path& path, const LayerList& stack);

}  // namespace mnist
