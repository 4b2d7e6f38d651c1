// The program: parses the command line, calls one command, turns an error into an exit code and one
// line on standard error.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <exception>
#include <filesystem>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/program.h"
#include "base/suggestion.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/manual.h"
#include "cli/output.h"
#include "cli/version.h"

namespace mnist {
namespace {

int exit_with(ExitCode code, const std::string& message) {
  tell(fmt::format("mnist: {}", message));
  return static_cast<int>(code);
}

// Throws Error(kUsage) for the first argument that CLI11 did not recognise, with the nearest name.
void refuse_extras(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) return;
  const std::string word = extras.front().substr(0, extras.front().find('='));
  std::vector<std::string> candidates;
  if (word.starts_with('-')) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) candidates.push_back("--" + name);
    }
  } else {
    for (const CLI::App* command : app.get_subcommands({})) {
      candidates.push_back(command->get_name());
    }
  }
  const char* kind = word.starts_with('-') ? "flag" : candidates.empty() ? "argument" : "command";
  refuse(fmt::format("unknown {} '{}'{}", kind, word, did_you_mean(word, candidates)));
}

int run_program(int argc, char** argv) {
  CLI::App program("Trains small networks on MNIST and data of the same kind.", "mnist");
  program.set_help_flag("-h,--help", "print this help");
  program.set_version_flag("--version", version_text,
                           "print the version, and what this program is built with");
  program.formatter(std::make_shared<HelpFormatter>());
  program.require_subcommand(0, 1);
  program.allow_extras();
  const std::vector<Command> commands = {
      add_train_command(program),   add_sweep_command(program),  add_evaluate_command(program),
      add_predict_command(program), add_export_command(program), add_show_command(program),
      add_plot_command(program),    add_report_command(program)};
  for (const Command& command : commands) command.app->group("Commands")->allow_extras();
  program.footer(
      "'mnist COMMAND --help' tells the flags of a command. Exit codes: 0 success; 1 any other "
      "failure; 2 wrong usage; 3 bad or missing input; 4 training diverged or collapsed; 130 "
      "interrupted, after the checkpoint is safe.");

  std::string help = "mnist --help";
  const auto usage_error = [&](const std::string& message) {
    return exit_with(ExitCode::kUsage, fmt::format("{}; run '{}'", message, help));
  };
  try {
    // Hidden commands: shell completion, and the manual page for the build.
    const std::vector<std::string> words(argv + std::min(argc, 2), argv + argc);
    if (argc > 1 && std::string_view(argv[1]) == "complete") {
      write_output(completions(program, words));
      return static_cast<int>(ExitCode::kSuccess);
    }
    if (argc == 2 && std::string_view(argv[1]) == "manual") {
      write_output(manual_page(program));
      return static_cast<int>(ExitCode::kSuccess);
    }
    try {
      program.parse(argc, argv);
    } catch (const CLI::Success& success) {
      std::ostringstream text;  // help or version
      program.exit(success, text, text);
      write_output(text.str());
      return static_cast<int>(ExitCode::kSuccess);
    } catch (const CLI::ParseError& error) {
      const std::string message = error.what();
      for (const CLI::App* app : program.get_subcommands()) {
        help = fmt::format("mnist {} --help", app->get_name());
      }
      const bool value_missing = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr;
      return usage_error(value_missing ? message.substr(0, message.find(':')) + " needs a value"
                                       : message);
    }
    for (const Command& command : commands) {
      if (!command.app->parsed()) continue;
      help = fmt::format("mnist {} --help", command.app->get_name());
      refuse_extras(*command.app);
      command.run();
      return static_cast<int>(ExitCode::kSuccess);
    }
    refuse_extras(program);
    return usage_error("no command given");
  } catch (const OutputClosed&) {
    return static_cast<int>(ExitCode::kSuccess);
  } catch (const Error& error) {
    if (error.code() == ExitCode::kUsage) return usage_error(error.what());
    return exit_with(error.code(), error.what());
  }
}

}  // namespace
}  // namespace mnist

constexpr const char* kOutOfMemory =
    "not enough memory for this; ask for fewer or narrower layers, smaller batches, fewer trials "
    "or threads";

int main(int argc, char** argv) {
  mnist::reserve_standard_descriptors();
  mnist::remember_program(argc > 0 ? argv[0] : nullptr);
  // Without these signals write() reports a closed pipe or a file size limit as an error.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return mnist::run_program(argc, argv);
  } catch (const std::bad_alloc&) {
    return mnist::exit_with(mnist::ExitCode::kFailure, kOutOfMemory);
  } catch (const std::length_error&) {  // thrown for a container larger than max_size()
    return mnist::exit_with(mnist::ExitCode::kFailure, kOutOfMemory);
  } catch (const std::filesystem::filesystem_error& error) {  // e.g. a cycle of links
    return mnist::exit_with(mnist::ExitCode::kFailure,
                            fmt::format("{}: {}", error.path1().string(), error.code().message()));
  } catch (const std::exception& error) {
    return mnist::exit_with(
        mnist::ExitCode::kFailure,
        fmt::format("a fault of this program, please report it: {}", error.what()));
  }
}
