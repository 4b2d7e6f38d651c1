// mnist plot: draws the losses and accuracies of one or more runs.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/number.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "commands/run_plot.h"
#include "report/gnuplot.h"
#include "report/terminal.h"

namespace mnist {
namespace {

constexpr std::size_t kSmallest = 200;  // pixels; text in a smaller picture is illegible
constexpr std::size_t kLargest = 20000;
constexpr std::size_t kFewestColumns = 40;

struct PlotOptions {
  std::vector<std::filesystem::path> runs;
  std::filesystem::path output;
  std::string size;
  std::optional<std::size_t> smoothing;
  bool log_scale = false;
};

PlotSize parse_size(const std::string& text) {
  const std::size_t middle = std::min(text.find('x'), text.size() - 1);
  const auto width = read_number<std::size_t>(text.substr(0, middle));
  const auto height = read_number<std::size_t>(text.substr(middle + 1));
  if (width && height && std::min(*width, *height) >= kSmallest &&
      std::max(*width, *height) <= kLargest) {
    return {*width, *height};
  }
  refuse(fmt::format("--size: '{}' is no size such as 1200x800, both from {} to {}", text,
                     kSmallest, kLargest));
}

void run(const PlotOptions& options) {
  const bool terminal = is_terminal(stdout);
  PlotFormat format = terminal ? PlotFormat::kColorText : PlotFormat::kText;
  if (!options.output.empty()) format = picture_format(options.output);
  PlotSize size = default_size(format);
  if (format == PlotFormat::kColorText) {
    size.width = std::max(terminal_width(stdout), kFewestColumns);
  }
  if (!options.size.empty()) size = parse_size(options.size);
  require_gnuplot();

  LossPlot plot = plot_of_runs(options.runs);
  plot.log_scale = options.log_scale;
  plot.smoothing = static_cast<double>(options.smoothing.value_or(0));
  const std::string drawn = draw_loss_plot(plot, format, size);
  if (options.output.empty()) {
    write_drawing(drawn);
  } else {
    write_file_atomically(options.output, drawn);
  }
}

}  // namespace

Command add_plot_command(CLI::App& program) {
  CLI::App* app = program.add_subcommand("plot", "draw the losses and accuracies of runs");
  const auto options = std::make_shared<PlotOptions>();
  app->add_option("RUN", options->runs, "run directories")->type_name("")->required();
  FlagAdder add(*app);
  add.output(
      options->output,
      "the picture to write: .png, .svg or .pdf; without it, a plot of characters is printed");
  add.on_switch("log", options->log_scale, "logarithmic scale for the loss");
  add.count("smooth", options->smoothing,
            "smooth the loss: the mean of the steps around each, of which one S steps away counts "
            "exp(-S/N) [a 200th of the longest run]");
  add.text("size", "WxH", options->size,
           "size of the picture in pixels, of a PDF in hundredths of an inch [3840x2880 for PNG, "
           "640x480 for SVG and PDF]")
      ->needs("--output");
  return {app, [options] { run(*options); }};
}

}  // namespace mnist
