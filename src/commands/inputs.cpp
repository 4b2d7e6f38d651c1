#include "commands/inputs.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "cli/data_paths.h"
#include "train/run_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

// Safetensors: a header length of 8 bytes, then a JSON object.
constexpr std::size_t kWeightsPrefix = 9;

[[noreturn]] void bad_input(const fs::path& path, const char* message) {
  throw Error(ExitCode::kBadInput, fmt::format("{}: {}", path.string(), message));
}

bool names_directory(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

}  // namespace

bool is_weights_file(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;  // a pipe can be read but once
  std::array<char, kWeightsPrefix> start{};
  std::ifstream in(path, std::ios::binary);
  in.read(start.data(), start.size());
  return in.gcount() == kWeightsPrefix && start.back() == '{';
}

fs::path weights_file(const fs::path& weights_or_run) {
  std::error_code ignored;
  if (names_directory(weights_or_run)) {
    const fs::path weights = weights_or_run / run_files::kWeights;
    if (fs::exists(weights, ignored)) return weights;
    bad_input(weights_or_run, holds_run(weights_or_run)
                                  ? "the run holds no weights yet; it has not finished training"
                                  : "a directory that holds no run");
  }
  if (fs::is_regular_file(weights_or_run, ignored) &&
      fs::file_size(weights_or_run, ignored) >= kWeightsPrefix &&
      !is_weights_file(weights_or_run)) {
    bad_input(weights_or_run, "no weights (safetensors); give a weights file or a run directory");
  }
  return weights_or_run;
}

fs::path data_file(const fs::path& path) {
  const fs::path found = find_data_file(path);
  if (is_weights_file(found)) bad_input(found, "holds weights, not data (CSV or IDX)");
  if (names_directory(found) && holds_run(found)) {
    bad_input(found, "is a run directory, not data (CSV or IDX)");
  }
  return found;
}

}  // namespace mnist
