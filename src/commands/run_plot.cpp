#include "commands/run_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/output.h"
#include "train/config_file.h"
#include "train/run_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestLabel = 60;

Json value_of(const Json& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? Json() : *found;
}

// Whether the settings have different values for the key.
bool differ(const std::vector<Json>& settings, const std::string& key) {
  return std::any_of(settings.begin(), settings.end(), [&](const Json& one) {
    return value_of(one, key) != value_of(settings.front(), key);
  });
}

// Whether the value of run i is merely the default that another setting decides (see owner_of),
// and that setting is in the label already.
bool follows(const std::string& key, const std::vector<Json>& settings, std::size_t i,
             const Json& defaults) {
  const std::string owner = owner_of(key);
  return !owner.empty() && differ(settings, owner) &&
         value_of(settings[i], key) == value_of(defaults, key);
}

// The settings of run i that differ between the runs: its label in the plot.
std::string difference(const std::vector<Json>& settings, std::size_t i, const Json& defaults) {
  std::string text;
  for (const auto& [key, value] : settings[i].items()) {
    if (!differ(settings, key) || follows(key, settings, i, defaults)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, plain_text(value));
  }
  if (text.size() > kLongestLabel) text = std::string(clipped(text, kLongestLabel - 1)) + "…";
  return text;
}

// The common value of all runs; nothing if they differ.
template <class Get>
auto common(const std::vector<TrainSettings>& settings, Get get)
    -> std::optional<decltype(get(settings.front()))> {
  const auto first = get(settings.front());
  const bool same = std::all_of(settings.begin(), settings.end(),
                                [&](const TrainSettings& one) { return get(one) == first; });
  return same ? std::optional(first) : std::nullopt;
}

std::string step_axis(const std::vector<TrainSettings>& settings) {
  const auto batch = common(settings, [](const TrainSettings& one) { return one.batch_size; });
  return batch ? fmt::format("step (mini-batches of {} images)", *batch) : "step (mini-batches)";
}

std::string loss_axis(const std::vector<TrainSettings>& settings) {
  const auto loss = common(settings, [](const TrainSettings& one) { return one.loss.kind; });
  if (loss == LossKind::kCrossEntropy) return "loss: cross-entropy (nat)";
  if (loss == LossKind::kMeanSquaredError) return "loss: mean squared error";
  return "loss";
}

}  // namespace

LossPlot plot_of_runs(const std::vector<fs::path>& runs) {
  LossPlot plot;
  std::vector<TrainSettings> settings;
  std::vector<Json> values;
  for (const fs::path& run : runs) {
    std::error_code ignored;
    if (!fs::is_directory(run, ignored) || !holds_run(run)) {
      throw bad_input(run.string(), "no directory of a training run");
    }
    settings.push_back(read_settings(run / run_files::kConfig));
    values.push_back(settings_json(settings.back()));
    plot.runs.push_back({"", read_run_curves(run / run_files::kLoss, run / run_files::kEpochs)});
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    plot.runs[i].label = difference(values, i, default_settings_json(settings[i]));
  }
  // Label runs with equal settings by their directories.
  const std::vector<PlottedRun> labelled = plot.runs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::string& label = plot.runs[i].label;
    const auto same = [&](const PlottedRun& other) { return other.label == label; };
    const std::string name = runs[i].lexically_normal().string();
    if (label.empty()) {
      label = name;
    } else if (std::count_if(labelled.begin(), labelled.end(), same) > 1) {
      label += fmt::format(" ({})", name);
    }
  }
  plot.step_axis = step_axis(settings);
  plot.loss_axis = loss_axis(settings);
  return plot;
}

PlotFormat picture_format(const fs::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".png") return PlotFormat::kPng;
  if (ending == ".svg") return PlotFormat::kSvg;
  if (ending == ".pdf") return PlotFormat::kPdf;
  refuse(
      fmt::format("{}: no picture is known by the ending '{}'; end the name in .png, .svg or .pdf",
                  path.string(), ending));
}

void write_picture_of_run(const fs::path& run) {
  constexpr PlotFormat kFormat = PlotFormat::kPng;
  write_file_atomically(run / run_files::kPicture,
                        draw_loss_plot(plot_of_runs({run}), kFormat, default_size(kFormat)));
}

}  // namespace mnist
