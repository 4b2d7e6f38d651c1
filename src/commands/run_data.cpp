#include "commands/run_data.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "commands/inputs.h"
#include "data/data_file.h"
#include "data/split.h"

namespace mnist {

RunData load_run_data(const TrainSettings& settings,
                      const std::function<void(const std::string&)>& say) {
  const auto start = std::chrono::steady_clock::now();
  const std::filesystem::path train_file = data_file(settings.train_data);
  Dataset train = load_data_file(train_file, {}, settings.threads);
  say(fmt::format("{}: {} rows of {} features, {} classes", train_file.string(), train.rows(),
                  train.features(), train.classes));
  Dataset test;
  if (!settings.test_data.empty()) {
    const std::filesystem::path test_file = data_file(settings.test_data);
    const DataFileOptions form{.features = train.features(), .classes = train.classes};
    test = load_data_file(test_file, form, settings.threads);
    say(fmt::format("{}: {} rows", test_file.string(), test.rows()));
  }
  Split split = split_dataset(std::move(train), settings.validation,
                              settings.split_seed.value_or(settings.seed));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return {std::move(split), std::move(test), seconds.count()};
}

}  // namespace mnist
