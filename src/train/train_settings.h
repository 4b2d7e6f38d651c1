// Everything that decides what a training run does. One field per flag of `mnist train`.
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

/// What stands for MNIST itself, wherever it lies.
inline constexpr const char* kDefaultTrainData = "data/mnist_train.csv.zst";
inline constexpr const char* kDefaultTestData = "data/mnist_test.csv.zst";

/// What stands for no test data.
inline constexpr const char* kNoTestData = "none";

/// Whether `path` is one of those two.
inline bool is_default_data(const std::filesystem::path& path) {
  return path == kDefaultTrainData || path == kDefaultTestData;
}

struct TrainSettings {
  std::filesystem::path train_data;
  std::filesystem::path test_data;     // "none": no final test; empty: MNIST's, or its container's
  std::filesystem::path train_labels;  // of formats that keep them apart; empty: looked for
  std::filesystem::path test_labels;
  std::string label_column;    // of tables, see ColumnChoice; empty: found out
  std::string id_column;       // the same
  std::string ignore_columns;  // "name,7"
  std::string shape;           // "28x28"; empty: what the data tell
  bool mnist_form = false;     // pictures are brought to the form of MNIST's
  std::string input_scale = "auto";
  bool invert = false;                    // values become highest - value
  bool transpose = false;                 // rows and columns of images change places
  std::filesystem::path validation_data;  // instead of rows held out; empty: none
  bool stratify = false;                  // rows held out keep the share of each class
  double validation = 0;                  // rows held out of the training data, a fraction below 1
  std::optional<std::uint64_t> split_seed;  // draws them; empty: the seed

  std::string layers = "50,relu,20,relu";
  bool bias = true;
  Initializer initializer = Initializer::kHe;
  std::string class_names;               // "cat,dog,bird"; empty: none
  std::filesystem::path init_weights;    // empty: initialise at random
  std::filesystem::path init_optimizer;  // of a run that is trained further; empty: a new optimizer

  LossSettings loss;
  std::string class_weights;  // "balanced" or "1,2.5,1"; empty: all alike
  OptimizerSettings optimizer;
  ScheduleSettings schedule;

  std::size_t batch_size = 64;
  std::optional<std::size_t> steps;   // exactly one of these two is in force;
  std::optional<std::size_t> epochs;  // 10,000 steps where neither is given
  Sampling sampling = Sampling::kShuffle;
  AugmentSettings augment;
  StoppingSettings stopping;

  std::uint64_t seed = 0;
  std::size_t threads = 0;  // 0: one per core
  std::size_t log_every = 1;
  std::optional<InputForm> first_layer;  // empty: whichever is faster; the bits are the same
  std::size_t checkpoint_every = 0;      // steps; 0: about every 30 s
};

/// Whether there are rows to validate on, and a final test.
inline bool validates(const TrainSettings& settings) {
  return settings.validation > 0 || !settings.validation_data.empty();
}
inline bool has_test(const TrainSettings& settings) {
  return !settings.test_data.empty() && settings.test_data != kNoTestData;
}

}  // namespace mnist
