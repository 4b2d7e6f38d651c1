// Finds out what a command's arguments are: data, weights, a run, or a network by name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "train/train_settings.h"

namespace mnist {

/// Whether a file begins like a safetensors file.
bool is_weights_file(const std::filesystem::path& path);

/// The weights file of `network`, which is a weights file, a run directory or, if there is no such
/// path, the name of a network that comes with the program. Throws Error(kBadInput) for a run
/// without weights, and for a file without weights.
std::filesystem::path weights_file(const std::filesystem::path& network);

/// The help text of an argument for weights_file().
std::string network_help();

/// Whether an argument is data and not a network: standard input, an archive's member, or an
/// existing file or folder that is neither a run nor weights, also of other programs.
bool is_data(const std::string& argument);

/// Replaces run directories in --init-weights and --init-optimizer by the files in them. Throws
/// Error(kBadInput) if a run has no weights or no optimizer state.
void find_start(TrainSettings& settings);

/// Throws Error(kUsage) if the output file is one of the input files.
void check_output(const std::filesystem::path& output,
                  const std::vector<std::filesystem::path>& inputs);

/// The data file for `path`, see find_data_file(); "-" is standard input. Throws Error(kBadInput)
/// for a weights file or a run directory.
std::filesystem::path data_file(const std::filesystem::path& path);

}  // namespace mnist
