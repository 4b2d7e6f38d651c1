// The flags --config and --preset, and what the file that they name gives to the other flags.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "train/config_file.h"

namespace mnist {

/// The kind of value that --preset takes.
inline constexpr const char* kPresetType = "NAME";

/// The flags --config and --preset.
struct ConfigFlags {
  std::filesystem::path config;
  std::string preset;
};

void add_config_flags(CLI::App& command, ConfigFlags& flags);

/// The file that either of the two names, if any. Throws Error(kUsage) for an unknown preset, and
/// as read_config_file does.
std::optional<ConfigFile> read_given_config(const ConfigFlags& flags);

/// Gives a command that was parsed already the values of `file` for all flags that the command line
/// leaves standing, see apply_config. Flags in `replaced` count as given on the command line with
/// other values than the file's. Lines that are read for the last time are told on standard error.
/// Throws as apply_config does.
void apply_config_file(CLI::App& command, const ConfigFile& file,
                       const std::set<std::string>& replaced = {});

}  // namespace mnist
