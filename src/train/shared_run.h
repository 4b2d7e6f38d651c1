// A run that several processes may start, at the same time or one after another, as cluster engines
// do. It is trained only once.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/file_lock.h"
#include "train/run_directory.h"

namespace mnist {

/// Whether the run in `directory` is complete or has collapsed.
bool has_ended(const std::filesystem::path& directory);

struct JoinedRun {
  enum class State {
    kOurs,   // this process holds its lock
    kEnded,  // complete or collapsed
    kBusy,   // another process works on it
  };
  State state;
  std::unique_ptr<RunDirectory> run;  // set for kOurs only
};

/// Starts or takes over the run in `directory`. `config` is the text of its config.toml. Throws
/// Error(kUsage) if the directory holds a run with other settings or foreign files, and
/// Error(kFailure) if it cannot be written. Settings that do not change the result, such as the
/// number of threads, may differ.
JoinedRun join_run(const std::filesystem::path& directory, std::string_view config, IfBusy if_busy);

/// Reads a JSON object from a file of a run. Throws Error(kBadInput) naming the file.
nlohmann::ordered_json read_run_json(const std::filesystem::path& file);

/// Reads a result.json and checks its figures. Throws Error(kBadInput) naming the file.
nlohmann::ordered_json read_result(const std::filesystem::path& file);

/// The result.json of a run that has ended. Throws Error(kDiverged) with the message in
/// collapse.json if the run has collapsed.
nlohmann::ordered_json result_of_ended(const std::filesystem::path& directory);

}  // namespace mnist
