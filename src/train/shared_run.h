// A run that several processes may ask for, at the same time or one after the other, as the engines
// of clusters do: it is trained once.
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
    kBusy,   // another process is at work on it
  };
  State state;
  std::unique_ptr<RunDirectory> run;  // where it is ours
};

/// Begins or takes over the run `directory` of the settings `config`, the text of its config.toml.
/// Throws Error(kUsage) where the directory holds a run of other settings or anything else, and
/// Error(kFailure) where it cannot be written. Settings that change no result, such as the number
/// of threads, may differ.
JoinedRun join_run(const std::filesystem::path& directory, std::string_view config, IfBusy if_busy);

/// A JSON object, from a file of a run. Throws Error(kBadInput) naming it.
nlohmann::ordered_json read_run_json(const std::filesystem::path& file);

/// A result.json with every figure that it should have. Throws Error(kBadInput) naming it.
nlohmann::ordered_json read_result(const std::filesystem::path& file);

/// The result.json of a run that has ended. Throws Error(kDiverged) with its message where it has
/// collapsed.
nlohmann::ordered_json result_of_ended(const std::filesystem::path& directory);

}  // namespace mnist
