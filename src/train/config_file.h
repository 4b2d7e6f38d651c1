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

/// The entries of a config file, in their order.
struct ConfigFile {
  struct Entry {
    std::string key;                  // in a table: "TABLE.KEY"
    std::vector<std::string> values;  // the elements of an array, else one value
    std::size_t line = 0;             // 1-based

    std::string text() const;
  };

  std::filesystem::path path;
  std::vector<Entry> entries;
  /// A message for each line in the form of version 1.0, with the TOML to write instead.
  std::vector<std::string> notes;
  /// Whether version 1.0 wrote the file. It divided values by 255 and took the first column of a
  /// table as the label.
  bool of_version_1_0 = false;

  const Entry* find(std::string_view key) const;
};

/// The key and the value of the file format. Every file that this program writes has it; files
/// written by hand or by version 1.0 do not.
inline constexpr const char* kFormatKey = "format";
inline constexpr int kConfigFormat = 2;

/// Reads a file. Throws Error(kBadInput) naming file and line if the file is unreadable or no TOML,
/// if a key occurs twice, if a value has a type that no flag has, or if the format is a later one.
ConfigFile read_config_file(const std::filesystem::path& path);

/// The same for a text; messages name `path`.
ConfigFile parse_config(const std::filesystem::path& path, std::string_view text);

/// Throws Error(kBadInput) naming file and line.
[[noreturn]] void refuse_entry(const ConfigFile& file, const ConfigFile::Entry& entry,
                               const std::string& message);

/// Settings that the command line gives, with their values. No value means one that differs from
/// the file's.
using GivenValues = std::map<std::string, std::optional<std::string>>;

/// Calls `set` with the name and value of every entry, except those that `given` overrides: if it
/// contains the setting itself, a setting that excludes it, or another value of the setting that it
/// depends on. Skips entries whose key is a setting's name, a dot and more. Throws Error(kBadInput)
/// naming file and line for a key not in `known`, for two keys that exclude each other, and for any
/// Error(kUsage) from `set`.
void apply_config(const ConfigFile& file, const std::vector<Setting>& known,
                  const GivenValues& given,
                  const std::function<void(const std::string&, const std::string&)>& set);

/// The settings in a run's config.toml, before complete_settings(). Throws the errors of
/// read_config_file and apply_config.
TrainSettings read_settings(const std::filesystem::path& config);
TrainSettings settings_of(const ConfigFile& file);

/// The text of a config file with these settings.
std::string settings_toml(const TrainSettings& settings);

/// `key = value` and a line break. The value is a string, a number or a boolean. Throws
/// Error(kUsage) for text that TOML cannot hold.
std::string config_line(std::string_view key, const nlohmann::ordered_json& value);

/// `key = ["a", "b"]` and a line break.
std::string config_line(std::string_view key, const std::vector<std::string>& values);

}  // namespace mnist
