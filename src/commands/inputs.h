// Files that a command is given, told apart by content.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "train/train_settings.h"

namespace mnist {

/// Whether a file begins as a safetensors file does.
bool is_weights_file(const std::filesystem::path& path);

/// The weights file that `network` names: itself, the one in that run directory, or, where there is
/// no such path, that of a network that comes with the program. Throws Error(kBadInput) for a run
/// without weights and for a file that is none of weights.
std::filesystem::path weights_file(const std::filesystem::path& network);

/// What `--help` says of an argument that weights_file takes.
std::string network_help();

/// Whether an argument that may name a network or data can only be data: a file or a folder that is
/// there and is neither weights of any kind nor a run.
bool is_data(const std::string& argument);

/// Replaces the runs that the settings start from by the files that they hold. Throws
/// Error(kBadInput) as weights_file, and where a run kept no state of its optimizer.
void find_start(TrainSettings& settings);

/// Throws Error(kUsage) where what is to be written is one of the files that are read.
void check_output(const std::filesystem::path& output,
                  const std::vector<std::filesystem::path>& inputs);

/// The file with data that `path` names, see find_data_file; "-" is standard input. Throws
/// Error(kBadInput) for a weights file or a run directory.
std::filesystem::path data_file(const std::filesystem::path& path);

}  // namespace mnist
