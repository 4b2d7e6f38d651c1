// The settings of a training run: one field per flag of `mnist train`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "data/augmentation.h"
#include "data/batches.h"
#include "nn/initializer.h"
#include "nn/input_batch.h"
#include "nn/loss.h"
#include "nn/network.h"
#include "train/early_stopping.h"
#include "train/optimizer_settings.h"
#include "train/schedule.h"

namespace mnist {

/// These paths stand for MNIST's data sets; find_data_file() finds them on this machine.
inline constexpr const char* kDefaultTrainData = "data/mnist_train.csv.zst";
inline constexpr const char* kDefaultTestData = "data/mnist_test.csv.zst";

/// The value of --test-data for no test data.
inline constexpr const char* kNoTestData = "none";

/// Whether `path` is one of MNIST's two data sets.
inline bool is_default_data(const std::filesystem::path& path) {
  return path == kDefaultTrainData || path == kDefaultTestData;
}

struct TrainSettings {
  std::filesystem::path train_data;
  std::filesystem::path test_data;     // "none": no final test; empty: see complete_settings()
  std::filesystem::path train_labels;  // for formats with a separate file; empty: search for it
  std::filesystem::path test_labels;
  std::string label_column;    // of tables, see ColumnChoice; empty: detect it
  std::string id_column;       // likewise
  std::string ignore_columns;  // "name,7"
  std::string shape;           // "28x28"; empty: taken from the data
  bool mnist_form = false;     // convert pictures to the form of MNIST's images
  std::string input_scale = "auto";
  bool invert = false;                    // replace each value by highest - value
  bool transpose = false;                 // swap rows and columns of images
  std::filesystem::path validation_data;  // used instead of held-out rows; empty: none
  bool stratify = false;                  // hold out the same fraction of each class
  double validation = 0;                  // held-out training rows: a count, or a fraction below 1
  std::optional<std::uint64_t> split_seed;  // draws the held-out rows; empty: `seed`

  std::string layers = "50,relu,20,relu";
  bool bias = true;
  Initializer initializer = Initializer::kHe;
  std::string class_names;               // "cat,dog,bird"; empty: none
  std::filesystem::path init_weights;    // empty: random initial weights
  std::filesystem::path init_optimizer;  // state of an earlier run's optimizer; empty: a new one

  LossSettings loss;
  std::string class_weights;  // "balanced" or "1,2.5,1"; empty: all 1
  OptimizerSettings optimizer;
  ScheduleSettings schedule;

  std::size_t batch_size = 64;
  std::optional<std::size_t> steps;   // only one of these two may be set;
  std::optional<std::size_t> epochs;  // with neither, training makes 10,000 steps
  Sampling sampling = Sampling::kShuffle;
  AugmentSettings augment;
  StoppingSettings stopping;

  std::uint64_t seed = 0;
  std::size_t threads = 0;  // 0: one per core
  std::size_t log_every = 1;
  std::optional<InputForm> first_layer;  // empty: the faster one; both give the same bits
  std::size_t checkpoint_every = 0;      // steps; 0: about every 30 s
};

/// Whether the settings ask for validation, and for a final test.
inline bool validates(const TrainSettings& settings) {
  return settings.validation > 0 || !settings.validation_data.empty();
}
inline bool has_test(const TrainSettings& settings) {
  return !settings.test_data.empty() && settings.test_data != kNoTestData;
}

}  // namespace mnist
