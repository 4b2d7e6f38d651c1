#include "train/run_directory.h"

#include <fmt/chrono.h>
#include <fmt/compile.h>
#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/number.h"
#include "base/split.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultParent = "runs";
constexpr std::string_view kPreviousEnding = ".previous";

fs::path with_ending(fs::path path, std::string_view ending) { return path += ending; }

// A hidden directory beside a run's directory: ".NAME.ENDING".
fs::path beside(const fs::path& path, std::string_view ending) {
  return path.parent_path() / fmt::format(".{}.{}", path.filename().string(), ending);
}

bool is_complete(const fs::path& run) { return fs::exists(run / run_files::kResult); }

// Truncates a CSV file: keeps the header and the complete rows up to `step`, which is in column
// `step_column`. Returns the number of rows kept; nothing if the file has no header.
std::optional<std::size_t> cut_back(const fs::path& path, std::size_t step_column,
                                    std::size_t step) {
  if (!fs::exists(path)) return std::nullopt;
  LineReader lines(path);
  std::string_view line;
  if (!lines.next(line) || !lines.whole()) return std::nullopt;
  std::size_t kept = lines.position();
  std::size_t rows = 0;
  for (; lines.next(line) && lines.whole(); ++rows) {
    const std::vector<std::string_view> fields = split(line, ',');
    if (fields.size() <= step_column) break;
    const auto value = read_number<std::size_t>(fields[step_column]);
    if (!value || *value > step) break;
    kept = lines.position();
  }
  std::error_code error;
  if (fs::file_size(path, error) != kept) fs::resize_file(path, kept, error);
  if (error) fail_to("write", path, error.value());
  return rows;
}

// Renames in order. If one fails, undoes those before it.
void rename_all(const std::vector<std::pair<fs::path, fs::path>>& moves) {
  for (std::size_t done = 0; done < moves.size(); ++done) {
    const auto& [from, to] = moves[done];
    std::error_code error;
    fs::rename(from, to, error);
    if (!error) continue;
    std::error_code ignored;
    while (done-- > 0) fs::rename(moves[done].second, moves[done].first, ignored);
    fail_to("rename", from, error.value());
  }
}

template <class Work>
auto naming_directory(const fs::path& path, Work&& work) {
  try {
    return work();
  } catch (const fs::filesystem_error& error) {
    fail_to("create directory", path, error.code().value());
  }
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

std::string run_name(std::chrono::system_clock::time_point start) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(start));
}

std::unique_ptr<RunDirectory> RunDirectory::create(const fs::path& directory) {
  fs::path path = run_path(directory);
  if (holds_run(path)) {
    refuse(
        fmt::format("{} holds a run already; --overwrite replaces it, --continue goes on with it, "
                    "or choose another directory",
                    path.string()));
  }
  // A run that join_run() started would later move here.
  const fs::path shared = place_of_work(path);
  std::optional<FileLock> none_at_work;
  if (holds_run(shared)) none_at_work.emplace(lock_run(shared));
  const bool created = create_directories_for_good(path);
  return claim(path, path, created ? State::kCreated : State::kClaimed);
}

std::unique_ptr<RunDirectory> RunDirectory::create_by_time() {
  const fs::path first = fs::path(kDefaultParent) / run_name(std::chrono::system_clock::now());
  fs::path path = first;
  for (int n = 2; !create_directories_for_good(path); ++n) {
    path = fmt::format("{}-{}", first.string(), n);
  }
  return claim(path, path, State::kCreated);
}

std::unique_ptr<RunDirectory> RunDirectory::replace(const fs::path& directory) {
  const fs::path path = run_path(directory);
  if (!holds_run(path)) return create(directory);
  const fs::path place = beside(path, "new");
  return naming_directory(place, [&] {
    refuse_to_lose_others(path);
    refuse_to_lose_others(with_ending(path, kPreviousEnding));
    FileLock replaced = lock_run(path);
    remove_run(place);  // left by a killed process
    create_directories_for_good(place);
    std::unique_ptr<RunDirectory> run = claim(path, place, State::kCreated);
    run->replaced_.emplace(std::move(replaced));
    return run;
  });
}

std::unique_ptr<RunDirectory> RunDirectory::reopen(const fs::path& directory) {
  const fs::path path = run_path(directory);
  if (!fs::exists(path / run_files::kConfig)) {
    throw Error(ExitCode::kBadInput,
                fmt::format("{} holds no run to continue; it has no {}{}", path.string(),
                            run_files::kConfig,
                            holds_run(path) ? ", as it was stopped before it began; start it "
                                              "again with --overwrite"
                                            : ""));
  }
  FileLock lock = lock_run(path);
  remove_leftovers(path);
  return adopt(path, path, std::move(lock), /*fresh=*/false);
}

std::unique_ptr<RunDirectory> RunDirectory::adopt(fs::path path, fs::path place, FileLock lock,
                                                  bool fresh) {
  return std::unique_ptr<RunDirectory>(new RunDirectory(
      std::move(path), std::move(place), std::move(lock), fresh ? State::kCreated : State::kFound));
}

RunDirectory::RunDirectory(fs::path path, fs::path place, FileLock lock, State state)
    : path_(std::move(path)), place_(std::move(place)), lock_(std::move(lock)), state_(state) {}

RunDirectory::~RunDirectory() {
  if (state_ != State::kClaimed && state_ != State::kCreated) return;
  try {
    remove_run_files(place_, state_ == State::kCreated);
  } catch (const std::exception&) {
    // Out of memory; the next run in this directory removes the files.
  }
}

// Creates the log with O_EXCL: only one process can succeed.
std::unique_ptr<RunDirectory> RunDirectory::claim(fs::path path, fs::path place, State state) {
  FileLock lock(place / run_files::kLog, FileLock::File::kNew);
  // Even on a file system without locks, the new log keeps other processes off.
  if (!lock.opened() || !lock.acquire(IfBusy::kReturn, WithoutLocks::kGoOn) || !lock.in_place()) {
    refuse(fmt::format("another process has just started a run in {}", path.string()));
  }
  return std::unique_ptr<RunDirectory>(
      new RunDirectory(std::move(path), std::move(place), std::move(lock), state));
}

void RunDirectory::take_place() {
  const fs::path previous = with_ending(path_, kPreviousEnding);
  const fs::path discarded = beside(path_, "old");
  remove_run(discarded);  // left by a killed process
  const bool keep_previous = is_complete(previous) && !is_complete(path_);
  std::optional<FileLock> previous_lock;
  if (fs::exists(previous)) {
    refuse_to_lose_others(previous);
    previous_lock.emplace(lock_run(previous));
  }
  std::vector<std::pair<fs::path, fs::path>> moves;
  if (keep_previous) {
    moves.emplace_back(path_, discarded);
  } else {
    if (previous_lock) moves.emplace_back(previous, discarded);
    moves.emplace_back(path_, previous);
  }
  moves.emplace_back(place_, path_);
  rename_all(moves);
  place_ = path_;
  previous_ = previous;
  sync_directory(path_.parent_path());
  remove_run_files(discarded, /*directory_too=*/true);
  if (keep_previous) replaced_ = std::move(previous_lock);
}

void RunDirectory::write_config(std::string_view text) {
  write_file_atomically(config_path(), text);
}

std::vector<std::string> RunDirectory::start(const RecordedSteps& before) {
  if (replaced_ && place_ != path_) take_place();
  state_ = State::kStarted;
  std::vector<std::string> missing;
  const auto begin = [&](std::optional<GrowingFile>& file, const char* name, const char* header,
                         std::size_t step_column, std::size_t rows) {
    std::optional<std::size_t> kept;
    if (before.steps > 0) kept = cut_back(place_ / name, step_column, before.steps);
    if (kept.value_or(0) < rows) {
      missing.push_back(fmt::format("{} lacks {} of its {} rows up to step {}; they are lost",
                                    (place_ / name).string(), rows - kept.value_or(0), rows,
                                    before.steps));
    }
    file.emplace(place_ / name, header,
                 kept ? GrowingFile::Start::kAppend : GrowingFile::Start::kEmpty);
  };
  begin(loss_, run_files::kLoss, "step,epoch,learning_rate,loss\n", 0, before.loss_rows);
  begin(epochs_, run_files::kEpochs,
        "epoch,step,train_loss,validation_loss,validation_accuracy,seconds\n", 1,
        before.epoch_rows);
  const fs::path events = place_ / run_files::kEvents;
  if (events_wanted_ || fs::exists(events)) {
    events_.emplace(events, before.steps);
    if (before.steps > 0 && events_->is_new()) {
      events_->record(read_run_curves(place_ / run_files::kLoss, place_ / run_files::kEpochs));
    }
  }
  sync_directory(place_);
  return missing;
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

void RunDirectory::sync() {
  loss_->sync();
  epochs_->sync();
  if (events_) events_->sync();
}

void RunDirectory::save(const Checkpoint& checkpoint, std::uint64_t data_hash) {
  sync();
  save_checkpoint(checkpoint_path(), checkpoint, data_hash);
}

void RunDirectory::finish(const RunResult& result) {
  sync();
  write_file_atomically(result_path(), json_text(to_json(result), 2) + "\n");
  std::error_code no_matter;
  fs::remove(checkpoint_path(), no_matter);
  publish();
  // This process holds its lock, so no other process works on it.
  if (previous_ && !foreign_entry(*previous_)) {
    remove_run_files(*previous_, /*directory_too=*/true);
    previous_.reset();
  }
}

void RunDirectory::collapse(const RunCollapse& collapse) {
  sync();
  write_file_atomically(collapse_path(), json_text(to_json(collapse), 2) + "\n");
  publish();
}

void RunDirectory::publish() {
  if (place_ == path_) return;
  rename_for_good(place_, path_);
  place_ = path_;
}

}  // namespace mnist
