// What training can be asked for beyond its plain form: settings whose runs have to give the same
// bits on any number of threads and after any interruption.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "train/train_settings.h"

namespace mnist::testing {

struct Feature {
  std::string name;
  std::function<void(TrainSettings&)> ask_for;
};

inline const std::vector<Feature>& features() {
  static const std::vector<Feature> all{
      {"clip norm", [](TrainSettings& s) { s.optimizer.clip_norm = 0.5F; }},
      {"ema", [](TrainSettings& s) { s.optimizer.ema = 0.9; }},
      {"max norm", [](TrainSettings& s) { s.optimizer.max_norm = 0.7F; }},
      {"max norm and ema",
       [](TrainSettings& s) {
         s.layers = "40,relu,37,relu";
         s.optimizer.max_norm = 0.7F;
         s.optimizer.ema = 0.9;
       }},
      {"dropout", [](TrainSettings& s) { s.layers = "dropout:0.1," + s.layers + ",dropout:0.3"; }},
      {"wide layers",
       [](TrainSettings& s) { s.layers = "390,relu,400,tanh,dropout:0.1,385,gelu"; }},
      {"batchnorm", [](TrainSettings& s) { s.layers = "40,batchnorm,relu,37,relu,batchnorm"; }},
      {"batchnorm ahead of all, ema and clip norm",
       [](TrainSettings& s) {
         s.layers = "batchnorm,40,batchnorm,relu";
         s.optimizer.ema = 0.9;
         s.optimizer.clip_norm = 0.5F;
       }},
      {"batchnorm, ema, max norm and the best epoch",
       [](TrainSettings& s) {
         s.layers = "40,batchnorm,relu,dropout:0.2";
         s.optimizer.ema = 0.9;
         s.optimizer.max_norm = 0.7F;
         s.optimizer.learning_rate = 0.3F;
         s.stopping.keep = Keep::kBest;
       }},
      {"ema and clip norm",
       [](TrainSettings& s) {
         s.optimizer.ema = 0.9;
         s.optimizer.clip_norm = 0.5F;
       }},
  };
  return all;
}

}  // namespace mnist::testing
