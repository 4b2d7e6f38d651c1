// The same seed gives the same weights on every processor with fused multiply-add, under every
// compiler and every version of the libraries: here they are held against constants.
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/thread_pool.h"
#include "catch.h"
#include "kernels/targets.h"
#include "sha256.h"
#include "train/trainer.h"

namespace mnist {
namespace {

struct Recipe {
  const char* name;
  void (*ask_for)(TrainSettings&);
  const char* sha256;
};

// Between them both samplings and first layers, every activation, loss, initializer, optimizer,
// schedule, distortion and kind of layer, and all that may be asked for beside.
const Recipe kRecipes[] = {
    {"sgd",
     [](TrainSettings& s) {
       s.sampling = Sampling::kIndependent;
       s.schedule = {.kind = ScheduleKind::kStep, .decay = 0.7, .decay_every = 10};
     },
     "2fc80fa50ab434a3a7b04bc36ff3ec457fdaaed2adba4a88292823e15fd4453d"},
    {"momentum",
     [](TrainSettings& s) {
       s.layers = "50,batchnorm,leaky-relu,20,relu,dropout:0.3";
       s.optimizer.kind = OptimizerKind::kMomentum;
       s.optimizer.clip_norm = 0.5F;
       s.augment.kind = AugmentKind::kFull;
       s.first_layer = InputForm::kFloats;
     },
     "7dda9f85f110a332fd5c40ef4bef1e76e3d96f6c9914f7f4a659abcedecef8c6"},
    {"nesterov",
     [](TrainSettings& s) {
       s.layers = "50,gelu,20,tanh";
       s.loss.label_smoothing = 0.1F;
       s.optimizer.kind = OptimizerKind::kNesterov;
       s.optimizer.ema = 0.9;
       s.optimizer.weight_decay = 1e-3F;
       s.schedule.kind = ScheduleKind::kOneCycle;
     },
     "47bcaff577d0c1cfad216e227ba30481b8a14b13eada004c7701b7a23ccf4de6"},
    {"rmsprop",
     [](TrainSettings& s) {
       s.layers = "50,sigmoid,20,tanh,10,sigmoid";
       s.initializer = Initializer::kXavier;
       s.loss.kind = LossKind::kMeanSquaredError;
       s.optimizer.kind = OptimizerKind::kRmsprop;
       s.optimizer.max_norm = 0.7F;
       s.first_layer = InputForm::kPixels;
     },
     "a7ff8f17b611da21fe3914121415d23f7ef2cd04ca8222a5842639d1d897baff"},
    {"adagrad",
     [](TrainSettings& s) {
       s.layers = "50,relu,20,relu,10,article-softmax";
       s.bias = false;
       s.initializer = Initializer::kLecun;
       s.optimizer.kind = OptimizerKind::kAdagrad;
       s.schedule = {.kind = ScheduleKind::kExponential, .decay = 0.9, .decay_every = 7};
       s.augment = {.kind = AugmentKind::kAffine, .anneal = 0.5F};
     },
     "7bf5647f23e5986f40aa38fc4eff3f2320fa775b3f7e60d89bf5e51a5eb84237"},
    {"adam",
     [](TrainSettings& s) {
       s.layers = "batchnorm,50,relu,batchnorm,20,gelu";
       s.loss.kind = LossKind::kMeanSquaredError;
       s.optimizer.kind = OptimizerKind::kAdam;
       s.schedule = {.kind = ScheduleKind::kCosine, .warmup = 5};
       s.augment.kind = AugmentKind::kElastic;
     },
     "be71288b939996f1e1724643bfc60393baf439d7aa0acf3504495fddf86697ce"},
    {"adamw",
     [](TrainSettings& s) {
       s.layers = "dropout:0.2,300,relu";
       s.loss.output_delta = OutputDelta::kArticle;
       s.optimizer.kind = OptimizerKind::kAdamw;
       s.stopping.keep = Keep::kBest;
       s.sampling = Sampling::kIndependent;
     },
     "5595822c9908e68cd8a97df2003e737ab027abc150b20d2fdad1a6e52be7b8db"},
    {"convolution",
     [](TrainSettings& s) {
       s.layers = "4c5same,batchnorm,relu,maxpool:2,6c3s2,gelu,avgpool:2,20,relu";
       s.optimizer.kind = OptimizerKind::kAdam;
       s.augment.kind = AugmentKind::kFull;
     },
     "2b39c491f661f61b18b6f06fb38fd005aac9bf1db464d1b80289a500f858e434"},
    {"convolutions that pool",
     [](TrainSettings& s) {
       s.layers = "6c5,relu,maxpool:2,17c3s2same,relu,dropout:0.1,5c3,relu,maxpool:3,20,relu";
       s.optimizer.kind = OptimizerKind::kAdam;
     },
     "a4964586c399b7cecfde9d58f5ac8d1551d307550da6b6fcd942498683896a1f"},
};

/// Strokes of some brightness on black, in 28 × 28 pixels, one place and slope for each of the ten
/// classes.
Dataset strokes(std::size_t rows) {
  constexpr std::size_t kSide = 28;
  Dataset data;
  data.shape = shape_of_row(kSide * kSide);
  data.classes = 10;
  RandomStream random(1, RandomPurpose::kDraw, rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::uint32_t label = random.below(10);
    std::vector<std::uint8_t> image(data.features());
    for (std::size_t y = 4; y < kSide - 4; ++y) {
      const std::size_t x = 4 + 2 * (label % 5) + y * (label / 5) / 3 + random.below(3);
      image[y * kSide + x] = static_cast<std::uint8_t>(100 + random.below(156));
      image[y * kSide + x + 1] = static_cast<std::uint8_t>(random.below(256));
    }
    data.pixels.insert(data.pixels.end(), image.begin(), image.end());
    data.labels.push_back(static_cast<std::int32_t>(label));
  }
  return data;
}

/// Of the weights that a run leaves behind and of the losses that it tells.
std::string sha256_of_run(const Recipe& recipe, std::size_t threads) {
  const Dataset training = strokes(300);
  const Dataset validation = strokes(70);
  TrainSettings settings;
  settings.batch_size = 40;
  settings.steps = 60;
  settings.seed = 3;
  recipe.ask_for(settings);
  Network network = make_network(settings, training);
  ThreadPool pool(threads);
  TrainObserver nobody;
  const TrainOutcome outcome =
      train(network, settings, training, validation, pool, nobody, nullptr).value();
  std::vector<std::byte> bytes;
  const auto add = [&](const auto& values) {
    const auto part = std::as_bytes(std::span(values));
    bytes.insert(bytes.end(), part.begin(), part.end());
  };
  for (const NamedParameter& parameter : network.parameters()) add(parameter.values);
  add(std::vector<double>{outcome.train_loss, outcome.validation_loss.value()});
  return sha256(bytes);
}

TEST_CASE("train: the same seed gives the same bytes on every machine") {
  static_assert(std::endian::native == std::endian::little);
  kernels::for_each_target([](const kernels::Target& target) {
    if (!target.fused) return;  // rounds each product, and so differs
    for (const Recipe& recipe : kRecipes) {
      INFO(recipe.name);
      CHECK(sha256_of_run(recipe, 1) == recipe.sha256);
    }
  });
}

TEST_CASE("train: threads do not change the bytes that hold on every machine") {
  for (const Recipe& recipe : kRecipes) {
    INFO(recipe.name);
    CHECK(sha256_of_run(recipe, 2) == sha256_of_run(recipe, 1));
  }
}

}  // namespace
}  // namespace mnist
