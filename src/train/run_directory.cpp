#include "train/run_directory.h"

#include <fmt/chrono.h>
#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/atomic_file.h"
#include "base/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultParent = "runs";
constexpr std::array kRunFiles = {run_files::kConfig,  run_files::kWeights,  run_files::kLoss,
                                  run_files::kEpochs,  run_files::kResult,   run_files::kCheckpoint,
                                  run_files::kLog,     run_files::kCollapse, run_files::kRungs,
                                  run_files::kPicture, run_files::kEvents};

[[noreturn]] void fail(const char* what, const fs::path& path, const std::string& reason) {
  throw Error(ExitCode::kFailure, fmt::format("cannot {} {}: {}", what, path.string(), reason));
}

std::string reason(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

template <class Number>
nlohmann::ordered_json nullable(const std::optional<Number>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

// The first entry of a directory that no run has left there. Files that are being written bear the
// name of the file they become, with something appended.
std::optional<fs::path> foreign_entry(const fs::path& directory) {
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    const bool ours = std::any_of(kRunFiles.begin(), kRunFiles.end(),
                                  [&](const char* file) { return name.starts_with(file); });
    if (!ours || entry.is_directory()) return entry.path();
  }
  return std::nullopt;
}

[[noreturn]] void refuse_to_lose(const fs::path& entry) {
  throw Error(ExitCode::kUsage,
              fmt::format("{} is no part of a run and would be lost; move it, or choose another "
                          "directory for the run",
                          entry.string()));
}

// Keeps the header and the whole lines of a CSV whose step, in that column, is at most `step`.
void cut_back(const fs::path& path, std::size_t step_column, std::size_t step) {
  std::ifstream in(path);
  std::string kept;
  std::string line;
  std::getline(in, kept);
  kept += '\n';
  while (std::getline(in, line) && !in.eof()) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < step_column; ++i) begin = line.find(',', begin) + 1;
    std::size_t value = 0;
    std::from_chars(line.data() + begin, line.data() + line.size(), value);
    if (value > step) break;
    kept += line + '\n';
  }
  in.close();
  write_file_atomically(path, kept);
}

// Removes a directory that holds nothing but a run, if it is there.
void remove_run(const fs::path& directory) {
  if (!fs::exists(fs::symlink_status(directory))) return;
  if (!fs::is_directory(directory)) refuse_to_lose(directory);
  if (const auto foreign = foreign_entry(directory)) refuse_to_lose(*foreign);
  fs::remove_all(directory);
}

}  // namespace

nlohmann::ordered_json to_json(const RunResult& result) {
  return {{"run", result.run},
          {"layers", result.layers},
          {"parameters", result.parameters},
          {"seed", result.seed},
          {"threads", result.threads},
          {"steps", result.steps},
          {"epochs", result.epochs},
          {"kept_epoch", nullable(result.kept_epoch)},
          {"load_seconds", result.load_seconds},
          {"train_seconds", result.train_seconds},
          {"samples_per_second", result.samples_per_second},
          {"train_loss", result.train_loss},
          {"validation_loss", nullable(result.validation_loss)},
          {"validation_accuracy", nullable(result.validation_accuracy)},
          {"test_accuracy", nullable(result.test_accuracy)},
          {"test_error", nullable(result.test_error)},
          {"test_loss", nullable(result.test_loss)}};
}

nlohmann::ordered_json to_json(const RunCollapse& collapse) {
  return {{"step", collapse.step}, {"seconds", collapse.seconds}, {"message", collapse.message}};
}

bool holds_run(const fs::path& directory) {
  return std::any_of(kRunFiles.begin(), kRunFiles.end(), [&](const char* file) {
    std::error_code ignored;
    return fs::exists(directory / file, ignored);
  });
}

fs::path run_path(const fs::path& directory) {
  fs::path path = directory.lexically_normal();
  if (!path.has_filename() && path.has_relative_path()) path = path.parent_path();
  return fs::is_symlink(path) ? fs::canonical(path) : path;
}

std::string run_name(std::chrono::system_clock::time_point start) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(start));
}

RunDirectory::RunDirectory(const fs::path& directory, bool overwrite) {
  try {
    if (directory.empty()) {
      create_by_time();
    } else {
      path_ = run_path(directory);
      if (holds_run(path_)) move_away(overwrite);
      created_ = fs::create_directories(path_);
    }
    place_ = path_;
    claim();
  } catch (const fs::filesystem_error& error) {
    undo();
    fail("create directory", path_, error.code().message());
  } catch (...) {
    undo();
    throw;
  }
}

RunDirectory::RunDirectory(const fs::path& directory, Reopen) {
  path_ = run_path(directory);
  place_ = path_;
  if (!fs::exists(config_path())) {
    throw Error(ExitCode::kBadInput, fmt::format("{} holds no run to go on with; it has no {}",
                                                 path_.string(), run_files::kConfig));
  }
  lock();
}

RunDirectory::RunDirectory(fs::path path, fs::path place, FileLock lock, bool fresh)
    : path_(std::move(path)),
      place_(std::move(place)),
      created_(fresh),
      claimed_(fresh),
      lock_(std::move(lock)) {}

RunDirectory::~RunDirectory() {
  if (!started_) undo();
}

void RunDirectory::create_by_time() {
  path_ = kDefaultParent;
  fs::create_directories(path_);
  const fs::path first = path_ / run_name(std::chrono::system_clock::now());
  path_ = first;
  for (int n = 2; !fs::create_directory(path_); ++n) {
    path_ = fmt::format("{}-{}", first.string(), n);
  }
  created_ = true;
}

void RunDirectory::move_away(bool overwrite) {
  if (!overwrite) {
    throw Error(ExitCode::kUsage,
                fmt::format("{} holds a run already; overwrite it or choose another directory",
                            path_.string()));
  }
  if (const auto foreign = foreign_entry(path_)) refuse_to_lose(*foreign);
  fs::path previous = path_;
  previous += ".previous";
  if (fs::exists(path_ / run_files::kResult)) {
    remove_run(previous);
    fs::rename(path_, previous);
    moved_ = true;
  } else {
    fs::remove_all(path_);
  }
  if (holds_run(previous)) previous_ = previous;
}

void RunDirectory::claim() {
  std::FILE* log = std::fopen(log_path().c_str(), "wx");
  const int error_number = errno;
  if (log != nullptr) {
    std::fclose(log);
    claimed_ = true;
    lock();
  } else if (error_number == EEXIST) {
    throw Error(ExitCode::kUsage,
                fmt::format("another process has just started a run in {}", path_.string()));
  } else {
    fail("write to directory", path_, reason(error_number));
  }
}

void RunDirectory::lock() {
  lock_.emplace(log_path());
  // The claim keeps other processes off where there are no locks.
  if (!lock_->acquire(IfBusy::kReturn, WithoutLocks::kGoOn)) {
    throw Error(ExitCode::kUsage,
                fmt::format("another process is at work on the run in {}", path_.string()));
  }
}

void RunDirectory::undo() {
  std::error_code ignored;
  if (claimed_) {
    for (const char* file : kRunFiles) fs::remove(place_ / file, ignored);
  }
  if (created_) fs::remove(place_, ignored);
  if (moved_) fs::rename(*previous_, path_, ignored);
}

void RunDirectory::write_config(std::string_view text) {
  write_file_atomically(config_path(), text);
}

void RunDirectory::start(std::size_t step) {
  started_ = true;
  const auto begin = [&](std::optional<GrowingFile>& file, const char* name, const char* header,
                         std::size_t step_column) {
    const bool goes_on = step > 0 && fs::exists(place_ / name);
    if (goes_on) cut_back(place_ / name, step_column, step);
    file.emplace(place_ / name, header,
                 goes_on ? GrowingFile::Start::kAppend : GrowingFile::Start::kEmpty);
  };
  begin(loss_, run_files::kLoss, "step,epoch,learning_rate,loss\n", 0);
  begin(epochs_, run_files::kEpochs,
        "epoch,step,train_loss,validation_loss,validation_accuracy,seconds\n", 1);
  const fs::path events = place_ / run_files::kEvents;
  if (!events_wanted_ && !fs::exists(events)) return;
  events_.emplace(events, step);
  if (step > 0 && events_->is_new()) {
    events_->record(read_run_curves(place_ / run_files::kLoss, place_ / run_files::kEpochs));
  }
}

void RunDirectory::record(const StepRecord& record) {
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), FMT_COMPILE("{},{},{},{}\n"), record.step, record.epoch,
                 record.learning_rate, record.loss);
  loss_->append({line.data(), line.size()});
  if (events_) events_->record(record);
}

void RunDirectory::record(const EpochRecord& record) {
  const auto field = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
  };
  epochs_->append(fmt::format("{},{},{},{},{},{}\n", record.epoch, record.step, record.train_loss,
                              field(record.validation_loss), field(record.validation_accuracy),
                              record.seconds));
  if (events_) events_->record(record);
}

void RunDirectory::record(const ValidationRecord& record) {
  if (events_) events_->record(record);
}

void RunDirectory::flush() {
  loss_->flush();
  epochs_->flush();
  if (events_) events_->flush();
}

void RunDirectory::save(const Checkpoint& checkpoint, std::uint64_t data_hash) {
  flush();
  save_checkpoint(checkpoint_path(), checkpoint, data_hash);
}

void RunDirectory::finish(const RunResult& result) {
  flush();
  write_file_atomically(result_path(), to_json(result).dump(2) + "\n");
  std::error_code no_matter;
  fs::remove(checkpoint_path(), no_matter);
  publish();
  if (previous_ && !foreign_entry(*previous_)) {
    std::error_code ignored;
    fs::remove_all(*previous_, ignored);
    previous_.reset();
  }
}

void RunDirectory::collapse(const RunCollapse& collapse) {
  flush();
  write_file_atomically(collapse_path(), to_json(collapse).dump(2) + "\n");
  publish();
}

void RunDirectory::publish() {
  if (place_ == path_) return;
  std::error_code error;
  fs::rename(place_, path_, error);
  if (error) fail("create directory", path_, error.message());
  place_ = path_;
}

}  // namespace mnist
