// Config files: TOML whose keys are the long names of flags.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "train/settings.h"

namespace mnist {

/// What a config file says, value by value and in its order.
struct ConfigFile {
  struct Entry {
    std::string key;                  // keys of a table have its name and a dot before them
    std::vector<std::string> values;  // of an array; else one
    std::size_t line = 0;             // from 1

    std::string text() const;
  };

  std::filesystem::path path;
  std::vector<Entry> entries;
  /// Lines that are no TOML but were read before config files were TOML: what to write instead.
  std::vector<std::string> notes;
  /// Written by version 1.0 itself, which divided values by 255 and took a table's first column for
  /// the label.
  bool of_version_1_0 = false;

  const Entry* find(std::string_view key) const;
};

/// The key that holds the format of a file that this program wrote, and its value. A file without
/// it is written by hand or by version 1.0, which took backslashes as they stand.
inline constexpr const char* kFormatKey = "format";
inline constexpr int kConfigFormat = 2;

/// Reads a file. Throws Error(kBadInput) naming it and the line: not readable, no TOML, a key given
/// twice, a value that no flag can have, a format of a later version.
ConfigFile read_config_file(const std::filesystem::path& path);

/// The same of a text; `path` is for messages.
ConfigFile parse_config(const std::filesystem::path& path, std::string_view text);

/// Throws Error(kBadInput) naming file and line.
[[noreturn]] void refuse_entry(const ConfigFile& file, const ConfigFile::Entry& entry,
                               const std::string& message);

/// Names that are given already, with their values; nothing where that is another than the file's.
using GivenValues = std::map<std::string, std::optional<std::string>>;

/// Calls `set` with name and value of all entries but those that `given` replaces: the setting
/// itself, one that excludes it, or another value of the one that it depends on. Entries whose key
/// begins with the name of a setting and a dot are left out. Throws Error(kBadInput) naming file
/// and line for a key that is none of `known`, for two that exclude each other, and for any
/// Error(kUsage) of `set`.
void apply_config(const ConfigFile& file, const std::vector<Setting>& known,
                  const GivenValues& given,
                  const std::function<void(const std::string&, const std::string&)>& set);

/// The settings of a run, which its config.toml holds, not completed. Throws Error(kBadInput) as
/// read_config_file and apply_config do.
TrainSettings read_settings(const std::filesystem::path& config);
TrainSettings settings_of(const ConfigFile& file);

/// The settings as a config file.
std::string settings_toml(const TrainSettings& settings);

/// `key = value` and a line break. Throws Error(kUsage) for text that TOML cannot hold. The value
/// is a string, a number or a boolean.
std::string config_line(std::string_view key, const nlohmann::ordered_json& value);

/// `key = ["a", "b"]` and a line break.
std::string config_line(std::string_view key, const std::vector<std::string>& values);

}  // namespace mnist
