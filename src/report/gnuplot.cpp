#include "report/gnuplot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"

extern char** environ;  // POSIX requires programs to declare it

namespace mnist {
namespace {

constexpr const char* kProgram = "gnuplot";

[[noreturn]] void fail(const std::string& reason) {
  throw Error(ExitCode::kFailure, fmt::format("{} cannot be run: {}", kProgram, reason));
}

// A temporary file without a name. With pipes, the program and gnuplot could wait for each other.
class ScratchFile {
 public:
  ScratchFile() : file_(std::tmpfile()) {
    if (!file_) fail(system_reason(errno));
    ::fcntl(descriptor(), F_SETFD, FD_CLOEXEC);  // gnuplot inherits a duplicate instead
  }

  int descriptor() const { return ::fileno(file_.get()); }

  void write(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() ||
        std::fflush(file_.get()) != 0) {
      fail(system_reason(errno));
    }
    std::rewind(file_.get());
  }

  std::string read() {
    std::rewind(file_.get());
    std::string text;
    std::array<char, 1 << 16> block{};
    for (std::size_t n; (n = std::fread(block.data(), 1, block.size(), file_.get())) > 0;) {
      text.append(block.data(), n);
    }
    return text;
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

// Runs gnuplot. Returns its exit status.
int run(const ScratchFile& in, const ScratchFile& out, const ScratchFile& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.descriptor(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
  std::string name = kProgram;
  std::string no_user_settings = "-d";
  std::array<char*, 3> arguments{name.data(), no_user_settings.data(), nullptr};
  pid_t process = 0;
  const int error = posix_spawnp(&process, kProgram, &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) {
    throw Error(
        ExitCode::kBadInput,
        "plots are drawn by gnuplot, which is missing; install it (Debian's package: gnuplot-nox)");
  }
  if (error != 0) fail(system_reason(error));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) fail(system_reason(errno));
  }
  return status;
}

// The last line of gnuplot's error output states the error; the lines before repeat the script.
std::string last_line(const std::string& text) {
  std::istringstream lines(text);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(' ') != std::string::npos) last = line;
  }
  return last;
}

}  // namespace

std::string run_gnuplot(const std::string& script) {
  ScratchFile in;
  ScratchFile out;
  ScratchFile err;
  in.write(script);
  if (run(in, out, err) != 0) fail(last_line(err.read()));
  return out.read();
}

void require_gnuplot() { run_gnuplot("exit"); }

std::string gnuplot_string(const std::string& text) {
  using Json = nlohmann::json;
  const std::string json = json_text(Json(text));
  std::string quoted = "'";
  for (const char c : Json::parse(json).get<std::string>()) {
    const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    if (c == '\'') {
      quoted += R"('."'".')";
    } else {
      quoted += control ? ' ' : c;
    }
  }
  return quoted + "'";
}

}  // namespace mnist
