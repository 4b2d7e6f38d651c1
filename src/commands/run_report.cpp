#include "commands/run_report.h"

#include <fmt/format.h>

#include <string>
#include <system_error>
#include <utility>

#include "base/thread_pool.h"
#include "cli/output.h"
#include "commands/inputs.h"
#include "commands/model_data.h"
#include "commands/run_data.h"
#include "commands/run_plot.h"
#include "data/data_file.h"
#include "model_io/model_file.h"
#include "report/run_page.h"
#include "train/config_file.h"
#include "train/run_directory.h"
#include "train/shared_run.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The data to measure a network on, and their name on the page.
struct Measured {
  Dataset data;
  std::string name;
};

// Loads the data that the user names, else the network's test data.
Measured load_labelled(const fs::path& network_path, const Network& network, const fs::path& data,
                       std::size_t threads) {
  DataFlags flags;
  const fs::path named = data.empty() ? test_data_of(network_path, flags) : data;
  return {load_for(network, named, flags, threads), named.string()};
}

// The data to measure a run on; no rows if it has neither test nor validation data.
Measured load_measured(const fs::path& run, const Network& network, TrainSettings settings,
                       const fs::path& data, std::size_t threads) {
  if (!data.empty() || has_test(settings)) return load_labelled(run, network, data, threads);
  if (!validates(settings)) return {};
  settings.threads = threads;
  const RunData rows = load_run_data(settings, [](const std::string&) {});
  return {rows.validation(), fmt::format("{} rows held out of {}", rows.validation().rows(),
                                         settings.train_data.string())};
}

// Each setting with its text, and whether it differs from the default.
Json settings_rows(const TrainSettings& settings) {
  const Json values = settings_json(settings);
  const Json defaults = default_settings_json(settings);
  Json rows = Json::array();
  for (const auto& [key, value] : values.items()) {
    const auto usual = defaults.find(key);
    rows.push_back({{"name", key},
                    {"value", plain_text(value)},
                    {"changed", usual == defaults.end() || *usual != value}});
  }
  return rows;
}

Json page_of(const fs::path& name, Json settings) {
  return {{"kind", "run"},
          {"name", name.lexically_normal().string()},
          {"result", nullptr},
          {"collapse", nullptr},
          {"settings", std::move(settings)},
          {"curves", nullptr},
          {"network", nullptr},
          {"measured", nullptr}};
}

void put_measured(Json& page, const Network& network, const Measured& measured,
                  std::size_t threads) {
  if (measured.data.rows() == 0) return;
  ThreadPool pool(threads);
  page["measured"] = measured_json(network, measured.data, pool);
  page["measured"]["data"] = measured.name;
}

// The page for weights without their run; it has no curves.
Json network_report(const fs::path& path, const fs::path& data, std::size_t threads) {
  const Network network = load_model(weights_file(path));
  const auto settings = settings_of_network(path);
  Json page = page_of(path, settings ? settings_rows(*settings) : Json::array());
  page["kind"] = "network";
  page["network"] = network_json(network);
  put_measured(page, network, load_labelled(path, network, data, threads), threads);
  return page;
}

}  // namespace

nlohmann::ordered_json run_report(const fs::path& run, const fs::path& data, std::size_t threads) {
  std::error_code ignored;
  if (is_weights_file(run) ||
      (!fs::exists(fs::symlink_status(run, ignored)) && weights_file(run) != run)) {
    return network_report(run, data, threads);
  }
  const LossPlot plot = plot_of_runs({run});
  TrainSettings settings = read_settings(run / run_files::kConfig);
  complete_settings(settings);
  Json page = page_of(run, settings_rows(settings));
  page["curves"] = curves_json(plot);
  if (fs::exists(run / run_files::kCollapse, ignored)) {
    page["collapse"] = read_run_json(run / run_files::kCollapse);
    return page;
  }
  const Network network = load_model(weights_file(run));
  page["result"] = read_run_json(run / run_files::kResult);
  page["network"] = network_json(network);
  put_measured(page, network, load_measured(run, network, settings, data, threads), threads);
  return page;
}

}  // namespace mnist
