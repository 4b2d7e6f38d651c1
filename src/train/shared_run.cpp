#include "train/shared_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::error_code& error) {
  throw Error(ExitCode::kFailure,
              fmt::format("cannot write to {}: {}", path.string(), error.message()));
}

std::error_code last_error() { return {errno, std::generic_category()}; }

// A locked file; unlocked at the end of its life unless released.
class Lock {
 public:
  explicit Lock(const fs::path& path)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {}
  ~Lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  bool opened() const { return descriptor_ >= 0; }

  /// False where another process holds it.
  bool acquire(const fs::path& path, IfBusy if_busy) const {
    while (::flock(descriptor_, if_busy == IfBusy::kWait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return false;
      if (errno != EINTR) fail(path, last_error());
    }
    return true;
  }

  /// Whether `path` is still the file that is locked.
  bool is_of(const fs::path& path) const {
    struct stat locked {};
    struct stat now {};
    return ::fstat(descriptor_, &locked) == 0 && ::stat(path.c_str(), &now) == 0 &&
           locked.st_dev == now.st_dev && locked.st_ino == now.st_ino;
  }

  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

void check_config(const fs::path& directory, std::string_view config) {
  std::ifstream in(directory / run_files::kConfig, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text == config) return;
  throw Error(ExitCode::kUsage,
              fmt::format("{} holds a run of other settings; choose another directory",
                          directory.string()));
}

// Where to work on a run that has not ended: in its directory where it was begun there, else hidden
// beside it.
fs::path place_for(const fs::path& directory) {
  if (!fs::exists(directory)) return place_of_work(directory);
  if (holds_run(directory)) return directory;
  if (fs::is_directory(directory) && fs::is_empty(directory)) return place_of_work(directory);
  throw Error(ExitCode::kUsage, fmt::format("{} holds something else than a run; choose another "
                                            "directory",
                                            directory.string()));
}

}  // namespace

fs::path place_of_work(const fs::path& directory) {
  return directory.parent_path() / fmt::format(".{}", directory.filename().string());
}

bool has_ended(const fs::path& directory) {
  return fs::exists(directory / run_files::kResult) || fs::exists(directory / run_files::kCollapse);
}

JoinedRun join_run(const fs::path& name, std::string_view config, IfBusy if_busy) {
  using State = JoinedRun::State;
  const fs::path directory = run_path(name);
  const fs::path last = directory.filename();
  if (last.empty() || last == "." || last == "..") {
    throw Error(ExitCode::kUsage,
                fmt::format("{} cannot be a run; name a directory of its own", name.string()));
  }
  try {
    for (;;) {
      if (has_ended(directory)) {
        check_config(directory, config);
        return {State::kEnded, nullptr};
      }
      const fs::path place = place_for(directory);
      fs::create_directories(place);
      const fs::path log = place / run_files::kLog;
      Lock lock(log);
      if (!lock.opened()) {
        if (errno == ENOENT) continue;  // the run has just taken its place
        fail(log, last_error());
      }
      if (!lock.acquire(log, if_busy)) return {State::kBusy, nullptr};
      // While this process came to the lock, another may have brought the run to its end.
      if (!lock.is_of(log)) continue;
      const bool fresh = !fs::exists(place / run_files::kConfig);
      if (has_ended(directory)) {
        if (fresh) fs::remove_all(place);
        continue;
      }
      if (!fresh) check_config(place, config);
      auto run = std::make_unique<RunDirectory>(directory, place, lock.release(), fresh);
      if (fresh) run->write_config(config);
      return {State::kOurs, std::move(run)};
    }
  } catch (const fs::filesystem_error& error) {
    fail(directory, error.code());
  }
}

nlohmann::ordered_json read_run_json(const fs::path& file) {
  std::ifstream in(file);
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(in, nullptr, false);
  if (json.is_discarded()) throw Error(ExitCode::kBadInput, file.string() + ": no JSON");
  return json;
}

nlohmann::ordered_json result_of_ended(const fs::path& directory) {
  const fs::path collapse = directory / run_files::kCollapse;
  if (fs::exists(collapse)) {
    throw Error(ExitCode::kDiverged, read_run_json(collapse).value("message", "it collapsed"));
  }
  return read_run_json(directory / run_files::kResult);
}

}  // namespace mnist
