// Flags from a file: TOML whose keys are the long names of the flags.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mnist {

/// The flags --config and --preset.
struct ConfigFlags {
  std::filesystem::path config;
  std::string preset;
};

void add_config_flags(CLI::App& command, ConfigFlags& flags);

/// The file that either of the two names, if any. Throws Error(kUsage) for an unknown preset.
std::optional<std::filesystem::path> config_path(const ConfigFlags& flags);

/// Keys by the flag that gives them their meaning, as the learning rate has one beside its
/// optimizer.
using DependentKeys = std::map<std::string, std::vector<std::string>>;

/// Gives a command that was parsed already the values of `file` for all flags that the command line
/// left out. A key also falls away where the command line holds a flag that excludes it, or another
/// value than the file for the flag that it depends on. Throws Error(kBadInput) naming the file and
/// the key or line: not readable, no `key = value`, an unknown key, a key given twice, a bad value.
void apply_config_file(CLI::App& command, const std::filesystem::path& file,
                       const DependentKeys& dependent = {});

/// `key = value` with the value as a TOML string. Throws Error(kUsage) for text that the reader of
/// config files could not read back.
std::string config_string(const std::string& key, const std::string& value);

}  // namespace mnist
