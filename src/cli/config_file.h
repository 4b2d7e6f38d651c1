// The flags --config and --preset, and how their file sets the other flags.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "train/config_file.h"

namespace mnist {

/// The type of --preset's value in --help; completion recognises it.
inline constexpr const char* kPresetType = "NAME";

/// The flags --config and --preset.
struct ConfigFlags {
  std::filesystem::path config;
  std::string preset;
};

void add_config_flags(CLI::App& command, ConfigFlags& flags);

/// Reads the file that --config or --preset names; nothing if neither is given. Throws
/// Error(kUsage) for an unknown preset, and the errors of read_config_file.
std::optional<ConfigFile> read_given_config(const ConfigFlags& flags);

/// Sets the flags of an already parsed command to the values of `file`, unless the command line
/// gives them; see apply_config. Flags in `replaced` count as given on the command line with values
/// that differ from the file's. Warns on standard error of lines in a deprecated form. Throws the
/// errors of apply_config.
void apply_config_file(CLI::App& command, const ConfigFile& file,
                       const std::set<std::string>& replaced = {});

}  // namespace mnist
