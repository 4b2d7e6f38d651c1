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
#include "nn/loss.h"
#include "nn/network.h"
#include "train/early_stopping.h"
#include "train/optimizer_settings.h"
#include "train/schedule.h"

namespace mnist {

/// What stands for MNIST itself, wherever it lies.
inline constexpr const char* kDefaultTrainData = "data/mnist_train.csv.zst";
inline constexpr const char* kDefaultTestData = "data/mnist_test.csv.zst";

/// Whether `path` is one of those two.
inline bool is_default_data(const std::filesystem::path& path) {
  return path == kDefaultTrainData || path == kDefaultTestData;
}

struct TrainSettings {
  std::filesystem::path train_data;
  std::filesystem::path test_data;  // empty: no final test
  double validation = 0;            // rows held out of the training data, a fraction below 1
  std::optional<std::uint64_t> split_seed;  // draws them; empty: the seed

  std::string layers = "50,relu,20,relu";
  bool bias = true;
  Initializer initializer = Initializer::kHe;
  std::string class_names;             // "cat,dog,bird"; empty: none
  std::filesystem::path init_weights;  // empty: initialise at random

  LossSettings loss;
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

}  // namespace mnist
