#include "cli/data_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/program.h"
#include "base/suggestion.h"
#include "build_info.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPresetEnding = ".toml";
constexpr const char* kNetworkEnding = ".safetensors";

// Directories that may hold the program's data, in the order of search.
std::vector<fs::path> program_directories() {
  std::vector<fs::path> directories;
  if (const std::optional<fs::path> program = program_path()) {
    directories.push_back(program->parent_path().parent_path() / "share" / "mnist");
  }
  directories.emplace_back(kSourceDataDirectory);
  directories.emplace_back(kInstalledDataDirectory);
  return directories;
}

// Data sets may also be in the working directory's `data`. Presets may not, so that a name always
// means the program's own preset.
std::vector<fs::path> data_directories() {
  std::vector<fs::path> directories = program_directories();
  directories.insert(directories.begin(), "data");
  return directories;
}

std::optional<fs::path> find_in(const std::vector<fs::path>& directories, const fs::path& name) {
  for (const fs::path& directory : directories) {
    std::error_code ignored;
    if (fs::is_regular_file(directory / name, ignored)) return directory / name;
  }
  return std::nullopt;
}

// The names, without `ending`, of the files with this ending in `directory` of the program's data.
std::vector<std::string> names_in(const char* directory, std::string_view ending) {
  std::set<std::string> names;
  for (const fs::path& data : program_directories()) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(data / directory, ignored)) {
      if (entry.path().extension() == ending && entry.is_regular_file(ignored)) {
        names.insert(entry.path().stem().string());
      }
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace

fs::path find_data_file(const fs::path& path) {
  return is_default_data(path) ? find_in(data_directories(), path.filename()).value_or(path) : path;
}

fs::path find_preset(const std::string& name) {
  const std::vector<std::string> names = preset_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    refuse(fmt::format("there is no preset '{}'{}; the presets are {}", name,
                       did_you_mean(name, names), fmt::join(names, ", ")));
  }
  return find_in(program_directories(), fs::path("presets") / (name + kPresetEnding)).value();
}

std::vector<std::string> preset_names() { return names_in("presets", kPresetEnding); }

std::optional<fs::path> find_network(const std::string& name) {
  if (std::ranges::count(network_names(), name) == 0) return std::nullopt;
  return find_in(program_directories(), fs::path("networks") / (name + kNetworkEnding));
}

fs::path default_network() {
  if (const auto network = find_network(kDefaultNetwork)) return *network;
  throw Error(
      ExitCode::kBadInput,
      fmt::format("the network {} is not among the program's data; name one before the data",
                  kDefaultNetwork));
}

std::vector<std::string> network_names() { return names_in("networks", kNetworkEnding); }

}  // namespace mnist
