// mnist report: one HTML page about a run or a sweep.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "base/atomic_file.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "commands/run_report.h"
#include "commands/sweep_report.h"
#include "commands/sweep_space.h"
#include "report/html_page.h"

namespace mnist {
namespace {

struct ReportOptions {
  std::filesystem::path directory;
  std::filesystem::path output = "report.html";
  std::filesystem::path data;
  std::size_t threads = 0;
};

nlohmann::ordered_json page_data(const ReportOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::exists(options.directory / kSpaceFile, ignored)) {
    return run_report(options.directory, options.data, options.threads);
  }
  if (!options.data.empty()) {
    refuse(fmt::format("--data is for a run, {} is a sweep; name the run of one of its trials",
                       options.directory.string()));
  }
  return sweep_report(options.directory);
}

void run(const ReportOptions& options) {
  write_file_atomically(options.output, html_page(page_data(options)));
  write_output(options.output.string() + "\n");
}

}  // namespace

Command add_report_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("report", "write a page about a run or a sweep, as HTML");
  const auto options = std::make_shared<ReportOptions>();
  app->add_option(
         "RUN", options->directory,
         "the directory of a run or of a sweep; or of a network without its run: " + network_help())
      ->type_name("")
      ->required();
  FlagAdder add(*app);
  add.output(options->output, "the page to write [report.html]");
  add.file("data", options->data,
           "labelled images to measure the network on [the run's test data, or else the rows that "
           "it held out]");
  add.number("threads", options->threads, "0 is one per core");
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
