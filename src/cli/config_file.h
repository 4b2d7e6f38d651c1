// Flags from a file: TOML whose keys are the long names of the flags.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mnist {

/// The kind of value that --preset takes.
inline constexpr const char* kPresetType = "NAME";

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
/// Flags in `replaced` count as given on the command line with other values than the file's. Keys
/// `section.name` are left to config_section where the command has a flag --section.
void apply_config_file(CLI::App& command, const std::filesystem::path& file,
                       const DependentKeys& dependent = {},
                       const std::set<std::string>& replaced = {});

/// The names and values of the keys `section.name`, in the order of the file. An array has several
/// values. Throws as apply_config_file.
std::vector<std::pair<std::string, std::vector<std::string>>> config_section(
    const std::filesystem::path& file, const std::string& section);

/// Gives a flag the value of its text in a config file. Throws CLI::ParseError.
void set_option(CLI::Option& option, const std::string& value);

/// `key = value` with a value of any kind.
std::string config_line(const std::string& key, const nlohmann::ordered_json& value);

/// `key = value` with the value as a TOML string. Throws Error(kUsage) for text that the reader of
/// config files could not read back.
std::string config_string(const std::string& key, const std::string& value);

}  // namespace mnist
