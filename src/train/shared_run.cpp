#include "train/shared_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "train/config_file.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

// The settings in a config.toml, without those that do not change the result. A setting that a file
// of an earlier version lacks has its default.
nlohmann::ordered_json what_counts(const ConfigFile& file) {
  nlohmann::ordered_json settings = settings_json(settings_of(file));
  for (const char* free : {"threads", "first-layer", "checkpoint-every"}) settings.erase(free);
  return settings;
}

void check_config(const fs::path& directory, std::string_view config) {
  const fs::path file = directory / run_files::kConfig;
  if (read_file(file) == config) return;
  ConfigFile held = read_config_file(file);
  // Do not add the fixed settings of version 1.0: the other config lacks them, too.
  held.of_version_1_0 = false;
  if (what_counts(held) == what_counts(parse_config(file, config))) return;
  refuse(fmt::format("{} holds a run of other settings; choose another directory",
                     directory.string()));
}

// The directory in which to train a run that has not ended: its own if it was started there, else
// the hidden one beside it.
fs::path place_for(const fs::path& directory) {
  if (!fs::exists(directory)) return place_of_work(directory);
  if (holds_run(directory)) return directory;
  if (fs::is_directory(directory) && fs::is_empty(directory)) return place_of_work(directory);
  refuse(fmt::format("{} holds something else than a run; choose another directory",
                     directory.string()));
}

}  // namespace

bool has_ended(const fs::path& directory) {
  return fs::exists(directory / run_files::kResult) || fs::exists(directory / run_files::kCollapse);
}

JoinedRun join_run(const fs::path& name, std::string_view config, IfBusy if_busy) {
  using State = JoinedRun::State;
  const fs::path directory = run_path(name);
  const fs::path last = directory.filename();
  if (last.empty() || last == "." || last == "..") {
    refuse(fmt::format("{} cannot be a run; name a directory of its own", name.string()));
  }
  try {
    for (;;) {
      if (has_ended(directory)) {
        check_config(directory, config);
        return {State::kEnded, nullptr};
      }
      const fs::path place = place_for(directory);
      create_directories_for_good(place);
      FileLock lock(place / run_files::kLog);
      if (!lock.opened()) continue;  // another process has just moved the run to its final place
      if (!lock.acquire(if_busy)) return {State::kBusy, nullptr};
      // Another process may have finished the run before this one got the lock.
      if (!lock.in_place()) continue;
      const bool fresh = !fs::exists(place / run_files::kConfig);
      if (has_ended(directory)) {
        if (fresh) fs::remove_all(place);
        continue;
      }
      if (!fresh) check_config(place, config);
      if (!fresh) remove_leftovers(place);
      auto run = RunDirectory::adopt(directory, place, std::move(lock), fresh);
      if (fresh) run->write_config(config);
      return {State::kOurs, std::move(run)};
    }
  } catch (const fs::filesystem_error& error) {
    fail_to("write to", directory, error.code().value());
  }
}

nlohmann::ordered_json read_run_json(const fs::path& file) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(read_file(file), nullptr, false);
  if (!json.is_object()) {
    throw bad_input(file.string(), "no JSON object");
  }
  return json;
}

nlohmann::ordered_json read_result(const fs::path& file) {
  nlohmann::ordered_json json = read_run_json(file);
  const auto check = [&](const char* key, bool good) {
    if (good) return;
    throw bad_input(
        file.string(),
        fmt::format("not the result of a run; '{}' is missing or of another kind", key));
  };
  const auto is = [&](const char* key, bool (nlohmann::ordered_json::*kind)() const noexcept) {
    return json.contains(key) && (json[key].*kind)();
  };
  using Json = nlohmann::ordered_json;
  for (const char* key : {"run", "layers"}) check(key, is(key, &Json::is_string));
  for (const char* key : {"parameters", "steps", "epochs", "load_seconds", "train_seconds",
                          "samples_per_second", "train_loss"}) {
    check(key, is(key, &Json::is_number));
  }
  for (const char* key : {"validation_accuracy", "test_accuracy", "test_error", "test_loss"}) {
    check(key, is(key, &Json::is_number) || is(key, &Json::is_null));
  }
  for (const char* key : {"validation_loss", "kept_epoch"}) {  // absent in files of old versions
    check(key, !json.contains(key) || is(key, &Json::is_number) || is(key, &Json::is_null));
  }
  return json;
}

nlohmann::ordered_json result_of_ended(const fs::path& directory) {
  const fs::path collapse = directory / run_files::kCollapse;
  if (fs::exists(collapse)) {
    const nlohmann::ordered_json json = read_run_json(collapse);
    const bool told = json.contains("message") && json["message"].is_string();
    throw Error(ExitCode::kDiverged, told ? json["message"].get<std::string>() : "it collapsed");
  }
  return read_result(directory / run_files::kResult);
}

}  // namespace mnist
