#include "sweep/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/split.h"
#include "train/run_directory.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

// 32 letters, five bits each, without letters that look like others.
constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kIdLetters = 10;

constexpr std::string_view kRungsHeader = "step,validation_loss,validation_accuracy,seconds";

void read_end(const fs::path& directory, RunRecord& record) {
  const fs::path collapse = directory / run_files::kCollapse;
  record.collapsed = fs::exists(collapse);
  const fs::path file = record.collapsed ? collapse : directory / run_files::kResult;
  const nlohmann::ordered_json json = read_run_json(file);
  try {
    if (record.collapsed) {
      record.steps = json.at("step");
      record.seconds = json.at("seconds");
      return;
    }
    record.steps = json.at("steps");
    record.seconds = json.at("train_seconds");
    // JSON cannot hold NaN or infinity; null stands for such a loss.
    const nlohmann::ordered_json& loss = json.at("validation_loss");
    record.end = {record.steps,
                  loss.is_null() ? std::numeric_limits<double>::quiet_NaN() : loss.get<double>(),
                  json.at("validation_accuracy"), record.seconds};
  } catch (const nlohmann::json::exception&) {
    throw bad_input(
        file.string(),
        fmt::format("not what a trial leaves; remove {} to train it again", directory.string()));
  }
}

}  // namespace

std::string short_id(std::string_view text) {
  Hash hash;
  hash.add(std::as_bytes(std::span(text)));
  std::uint64_t bits = hash.value();
  std::string id;
  for (std::size_t i = 0; i < kIdLetters; ++i, bits >>= 5U) id += kLetters[bits % kLetters.size()];
  return id;
}

std::string trial_id(Point point) {
  std::sort(point.begin(), point.end());
  std::string text;
  for (const auto& [name, value] : point) text += fmt::format("{}={}\n", name, value);
  return short_id(text);
}

fs::path run_directory(const fs::path& sweep, const Trial& trial, std::size_t repetition) {
  const fs::path trials = sweep / "trials";
  return repetition == 0 ? trials / trial.id : trials / fmt::format("{}-{}", trial.id, repetition);
}

TrainSettings run_settings(const Trial& trial, std::size_t repetition) {
  TrainSettings settings = trial.settings;
  settings.seed += repetition;
  return settings;
}

const ValidationRecord* RunRecord::at(std::size_t step) const {
  for (const ValidationRecord& rung : rungs) {
    if (rung.step == step) return &rung;
  }
  return end ? &*end : nullptr;
}

RunRecord read_run(const fs::path& directory) {
  RunRecord record;
  // Read the hidden directory first: another process may move the run to its final directory now.
  record.rungs = read_rungs(place_of_work(directory) / run_files::kRungs);
  record.visible = fs::exists(directory);
  if (record.visible) record.rungs = read_rungs(directory / run_files::kRungs);
  if (!record.rungs.empty()) {
    record.steps = record.rungs.back().step;
    record.seconds = record.rungs.back().seconds;
  }
  if (has_ended(directory)) read_end(directory, record);
  return record;
}

void write_rungs(const fs::path& file, const std::vector<ValidationRecord>& rungs) {
  std::string text = fmt::format("{}\n", kRungsHeader);
  for (const ValidationRecord& rung : rungs) {
    text += fmt::format("{},{},{},{}\n", rung.step, rung.loss, rung.accuracy, rung.seconds);
  }
  write_file_atomically(file, text);
}

std::vector<ValidationRecord> read_rungs(const fs::path& file) {
  std::vector<ValidationRecord> rungs;
  if (!fs::exists(file)) return rungs;
  LineReader lines(file);
  std::string_view line;
  if (!lines.next(line) || line != kRungsHeader) {
    throw bad_input(file.string(),
                    fmt::format("does not begin with {}; remove its directory", kRungsHeader));
  }
  while (lines.next(line)) {
    const std::vector<std::string_view> fields = split(line, ',');
    const auto number = [&](std::size_t i) {
      return i < fields.size() ? read_number<double>(fields[i]) : std::nullopt;
    };
    const auto step = read_number<std::size_t>(fields[0]);
    if (fields.size() != 4 || !step || !number(1) || !number(2) || !number(3)) {
      throw bad_input(file.string(),
                      fmt::format("'{}' is no row of it; remove its directory", line));
    }
    rungs.push_back({*step, *number(1), *number(2), *number(3)});
  }
  return rungs;
}

}  // namespace mnist
