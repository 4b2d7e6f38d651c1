// Gradients: those of the double twin against central differences, the network's against the
// twin's.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/thread_pool.h"
#include "catch.h"
#include "nn/double_network.h"
#include "nn/dropout_layer.h"
#include "nn/loss.h"
#include "nn/network.h"
#include "nn/pass.h"

namespace mnist {
namespace {

using testing::DoubleNetwork;
using testing::Rows;
using testing::Vector;

constexpr std::size_t kGradientRows = 5;
constexpr std::size_t kClasses = 4;
constexpr std::uint64_t kSeed = 6;
constexpr std::uint64_t kStep = 11;

struct Case {
  std::string layers;
  LossSettings loss;
};

Network random_network(const std::string& layers, bool bias, float scale) {
  Network network(parse_layer_list(layers), bias);
  network.initialize(Initializer::kHe, 3);
  std::vector<NamedParameter> parameters = network.parameters();
  RandomStream random(4, RandomPurpose::kInitialWeights, 99);
  for (NamedParameter& p : parameters) {
    for (float& x : p.values) x = scale * (p.shape.size() == 1 ? random.normal() : x);
    if (!p.name.ends_with(".running_var")) continue;
    for (float& x : p.values) x = 0.1F + std::abs(x);
  }
  network.set_parameters(parameters);
  return network;
}

// ‖a - b‖ / (‖a‖ + ‖b‖)
double relative_error(const Vector& a, const Vector& b) {
  double difference = 0;
  double norm_a = 0;
  double norm_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm_a += a[i] * a[i];
    norm_b += b[i] * b[i];
  }
  if (difference == 0) return 0;
  return std::sqrt(difference) / (std::sqrt(norm_a) + std::sqrt(norm_b));
}

// What a dropout layer of that rate does to ones, channel by channel as the twin's values lie.
Rows dropout_mask(const kernels::DropoutMask& mask, float rate, const Shape& shape) {
  const std::size_t width = shape.size();
  std::vector<float> ones(kGradientRows * width, 1.0F);
  kernels::dropout(mask, rate, 0, {ones.data(), kGradientRows, width, width},
                   {ones.data(), kGradientRows, width, width});
  const std::size_t plane = shape.height * shape.width;
  Rows rows(kGradientRows, Vector(width));
  for (std::size_t r = 0; r < kGradientRows; ++r) {
    for (std::size_t i = 0; i < width; ++i) {
      rows[r][i] = static_cast<double>(ones[r * width + i % plane * shape.channels + i / plane]);
    }
  }
  return rows;
}

// Labelled images, as the network and as its twin take them.
struct Batch {
  explicit Batch(std::size_t inputs)
      : rows(kGradientRows, Vector(inputs)),
        pixels(kGradientRows, std::vector<std::uint8_t>(inputs)) {
    RandomStream random(5, RandomPurpose::kInitialWeights, 98);
    for (std::size_t r = 0; r < kGradientRows; ++r) {
      for (std::size_t i = 0; i < inputs; ++i) {
        pixels[r][i] = static_cast<std::uint8_t>(random.below(256));
        rows[r][i] = pixels[r][i] / 255.0;
      }
      labels.push_back(static_cast<std::int32_t>(random.below(kClasses)));
    }
  }

  Rows rows;
  std::vector<std::vector<std::uint8_t>> pixels;
  std::vector<std::int32_t> labels;
};

// A gradient that is 0 but for rounding: that of a bias ahead of a batch normalisation, which takes
// it away again.
bool vanishes(const Vector& gradient, double noise) {
  return std::ranges::all_of(gradient, [=](double x) { return std::abs(x) < noise; });
}

// The twin's gradient, after it was compared with central differences.
std::vector<Vector> checked_gradient(DoubleNetwork& twin, const Batch& batch) {
  std::vector<Vector> exact = twin.gradient(batch.rows, batch.labels);
  constexpr double kNudge = 1e-5;
  for (std::size_t t = 0; t < exact.size(); ++t) {
    INFO("tensor " << t);
    Vector numeric;
    for (double& x : twin.parameters()[t]) {
      const double saved = x;
      x = saved + kNudge;
      const double above = twin.loss(batch.rows, batch.labels);
      x = saved - kNudge;
      const double below = twin.loss(batch.rows, batch.labels);
      x = saved;
      numeric.push_back((above - below) / (2 * kNudge));
    }
    if (vanishes(exact[t], 1e-15) && vanishes(numeric, 1e-9)) continue;
    CHECK(relative_error(exact[t], numeric) < 1e-6);
  }
  return exact;
}

// The mean loss of a forward and backward pass.
double run_pass(const Network& network, const LossSettings& settings, const Batch& batch,
                Pass& pass) {
  const Loss loss(settings, network.output_activation());
  std::vector<float> row_losses(kGradientRows);
  Worker worker = Worker::alone();
  pass.set_moment(kSeed, kStep);
  pass.input().load(worker, kGradientRows, [&](std::size_t r) { return batch.pixels[r].data(); });
  network.forward(worker, pass);
  loss.forward(pass.output(), batch.labels.data(), row_losses.data(), pass.output_delta(worker));
  network.backward(worker, pass);
  double mean = 0;
  for (const float x : row_losses) mean += static_cast<double>(x) / kGradientRows;
  return mean;
}

// The network's gradient after such a pass, in the shapes of its parameters.
std::vector<Vector> computed_gradient(const Network& network, Pass& pass) {
  Network sums(network.layers(), network.has_bias());
  for (std::size_t i = 0; i < network.depth(); ++i) {
    if (Parameter* tracked = sums.layer(i).tracked()) std::ranges::fill(tracked->values, 0.0F);
    Parameter* p = sums.layer(i).parameter();
    if (p == nullptr) continue;
    const auto keep = [&](const Block& block, const float* values) {
      for (std::size_t r = 0; r < block.rows.size(); ++r) {
        std::copy_n(values + r * p->stride, block.columns.size(),
                    p->matrix().row(block.rows.begin + r) + block.columns.begin);
      }
    };
    network.layer(i).gradient({{0, p->rows}, {0, p->columns}}, pass.layer(i, Worker::alone()), {},
                              ZeroRows::kKept, keep);
  }
  std::vector<Vector> gradient;
  for (const NamedParameter& p : sums.parameters()) {
    gradient.emplace_back();
    for (const float x : p.values) {
      gradient.back().push_back(static_cast<double>(x) / kGradientRows);
    }
  }
  return gradient;
}

void check_gradients(const Case& c, bool bias, float scale = 1) {
  INFO("layers " << c.layers << (bias ? " with bias" : " without bias"));
  Network network = random_network(c.layers, bias, scale);
  DoubleNetwork twin(network, c.loss);
  for (std::size_t i = 0; i < network.depth(); ++i) {
    const LayerSpec& spec = network.layers().layers[i];
    if (spec.kind != LayerKind::kDropout) continue;
    twin.set_mask(i, dropout_mask(DropoutLayer::mask(kSeed, kStep, i), spec.rate,
                                  network.layer(i).output_shape()));
  }
  const Batch batch(network.inputs());
  const std::vector<Vector> exact = checked_gradient(twin, batch);
  Pass pass(network, kGradientRows, Pass::Kind::kTraining);
  CHECK(run_pass(network, c.loss, batch, pass) ==
        Approx(twin.loss(batch.rows, batch.labels)).epsilon(1e-5));
  const Rows expected = twin.probabilities(batch.rows);
  for (std::size_t r = 0; r < kGradientRows; ++r) {
    for (std::size_t k = 0; k < kClasses; ++k) {
      CHECK(static_cast<double>(pass.output().row(r)[k]) == Approx(expected[r][k]).epsilon(1e-4));
    }
  }
  const std::vector<Vector> computed = computed_gradient(network, pass);
  REQUIRE(computed.size() == exact.size());
  for (std::size_t t = 0; t < exact.size(); ++t) {
    INFO("tensor " << t);
    if (vanishes(exact[t], 1e-15) && vanishes(computed[t], 1e-6)) continue;
    CHECK(relative_error(computed[t], exact[t]) < 1e-5);
  }
}

LossSettings cross_entropy(float smoothing = 0) {
  return {LossKind::kCrossEntropy, smoothing, OutputDelta::kExact, {}};
}
LossSettings mean_squared_error(float smoothing = 0) {
  return {LossKind::kMeanSquaredError, smoothing, OutputDelta::kExact, {}};
}

TEST_CASE("nn: gradients agree with central differences for every output and loss") {
  const bool bias = GENERATE(true, false);
  check_gradients({"7,4,softmax", cross_entropy()}, bias);
  check_gradients({"7,4,softmax", cross_entropy(0.1F)}, bias);
  check_gradients({"7,4,softmax", mean_squared_error()}, bias);
  check_gradients({"7,4,softmax", mean_squared_error(0.2F)}, bias);
  check_gradients({"7,4,sigmoid", mean_squared_error()}, bias);
  check_gradients({"7,4,article-softmax", cross_entropy()}, bias);
  check_gradients({"7,4,article-softmax", mean_squared_error()}, bias);
  // far enough that some values lie beyond the bounds of the article's softmax
  check_gradients({"7,4,article-softmax", cross_entropy()}, bias, 8);
  check_gradients({"7,4,article-softmax", mean_squared_error(0.1F)}, bias, 8);
}

TEST_CASE("nn: gradients agree with central differences for every activation") {
  const bool bias = GENERATE(true, false);
  const std::string activation = GENERATE("relu", "leaky-relu", "sigmoid", "tanh", "gelu");
  check_gradients({"7,5," + activation + ",4,softmax", cross_entropy()}, bias);
  check_gradients({"7,5," + activation + ",4,sigmoid", mean_squared_error()}, bias);
  check_gradients({"7," + activation + ",4,softmax", cross_entropy()}, bias);
  // a stack of three
  check_gradients({"7,17," + activation + ",6," + activation + ",4,softmax", cross_entropy(0.1F)},
                  bias);
}

TEST_CASE("nn: gradients agree with central differences where the first layer sums in two chains") {
  const bool bias = GENERATE(true, false);
  check_gradients({"40,4,softmax", cross_entropy()}, bias);
  check_gradients({"40,5,tanh,4,sigmoid", mean_squared_error()}, bias);
}

TEST_CASE("nn: gradients agree with central differences for dropout with a fixed mask") {
  const bool bias = GENERATE(true, false);
  check_gradients({"7,17,tanh,dropout:0.4,4,softmax", cross_entropy()}, bias);
  check_gradients({"7,dropout:0.2,9,dropout:0.5,6,relu,dropout:0.5,4,softmax", cross_entropy(0.1F)},
                  bias);
}

TEST_CASE("nn: gradients agree with central differences for batch normalisation") {
  const bool bias = GENERATE(true, false);
  check_gradients({"7,5,batchnorm,tanh,4,softmax", cross_entropy()}, bias);
  check_gradients(
      {"7,batchnorm,17,batchnorm,gelu,dropout:0.3,6,tanh,batchnorm,4,softmax", cross_entropy(0.1F)},
      bias);
  check_gradients({"7,batchnorm,sigmoid,batchnorm,4,sigmoid", mean_squared_error()}, bias);
}

TEST_CASE("nn: gradients agree with central differences for convolutions") {
  const bool bias = GENERATE(true, false);
  const std::string convolution =
      GENERATE("3c3", "5c2", "2c3same", "4c3s2", "3c3s2same", "17c1", "2c5same,3c3s3same");
  check_gradients({"1x7x6," + convolution + ",4,softmax", cross_entropy()}, bias);
  check_gradients({"3x7x6," + convolution + ",tanh,4,softmax", cross_entropy()}, bias);
}

TEST_CASE("nn: gradients agree with central differences for poolings") {
  const std::string pooling = GENERATE("maxpool:2", "maxpool:3", "avgpool:2", "avgpool");
  check_gradients({"5x7," + pooling + ",4,softmax", cross_entropy()}, true);
  check_gradients({"2x7x6,3c2," + pooling + ",4,softmax", cross_entropy()}, true);
}

TEST_CASE("nn: gradients agree with central differences for stacks of convolutions") {
  const bool bias = GENERATE(true, false);
  check_gradients({"9x8,3c3,relu,maxpool:2,4c2,tanh,6,relu,4,softmax", cross_entropy()}, bias);
  check_gradients(
      {"2x8x8,4c3same,batchnorm,gelu,avgpool:2,5c3s2same,batchnorm,leaky-relu,4,softmax",
       cross_entropy(0.1F)},
      bias);
  check_gradients(
      {"2x6x6,batchnorm,3c3,tanh,maxpool:2,7,tanh,dropout:0.3,4,softmax", cross_entropy()}, bias);
  check_gradients({"6x6,3c3,tanh,avgpool:2,batchnorm,7,tanh,4,softmax", cross_entropy()}, bias);
  check_gradients({"6x6,18c3,sigmoid,avgpool,4,sigmoid", mean_squared_error()}, bias);
  // wide enough that the deltas behind the pooling are listed
  check_gradients({"17x5x6,batchnorm,5c3same,relu,maxpool:2,4,softmax", cross_entropy()}, bias);
}

TEST_CASE("nn: gradients agree with central differences for dropout on planes") {
  const bool bias = GENERATE(true, false);
  check_gradients({"2x6x6,dropout:0.2,5c3,dropout:0.4,tanh,4,softmax", cross_entropy()}, bias);
  check_gradients(
      {"7x6,3c2,relu,dropout:0.3,17c2,relu,maxpool:2,dropout:0.5,4,softmax", cross_entropy(0.1F)},
      bias);
}

TEST_CASE("nn: batch normalisation tracks the batches and predicts by what it tracked") {
  Network network = random_network("7,5,batchnorm,tanh,6,tanh,batchnorm,4,softmax", true, 1);
  DoubleNetwork twin(network, cross_entropy());
  const Batch batch(network.inputs());
  Pass pass(network, kGradientRows, Pass::Kind::kTraining);
  run_pass(network, cross_entropy(), batch, pass);
  const auto check_all = [](const Vector& expected, const std::vector<float>& values) {
    for (std::size_t j = 0; j < values.size(); ++j) {
      CHECK(double{values[j]} == Approx(expected[j]).epsilon(1e-5).margin(1e-6));
    }
  };
  for (const std::size_t i : {1U, 5U}) {
    network.layer(i).track({0, network.layer(i).outputs()}, pass.layer(i, Worker::alone()));
    const auto named = network.layer(i).named_parameters("n");
    const auto expected = twin.tracked(i, batch.rows);
    CHECK(named[2].name == "n.running_mean");
    check_all(expected[0], named[2].values);
    CHECK(named[3].name == "n.running_var");
    check_all(expected[1], named[3].values);
  }

  DoubleNetwork predicting(network, cross_entropy());
  predicting.predict_only(true);
  checked_gradient(predicting, batch);
  const Rows expected = predicting.probabilities(batch.rows);
  Dataset data;
  data.shape = shape_of_row(network.inputs());
  for (const auto& row : batch.pixels) {
    data.pixels.insert(data.pixels.end(), row.begin(), row.end());
  }
  ThreadPool pool(1);
  const AlignedVector<float> p = predict(network, data, pool);
  for (std::size_t i = 0; i < p.size(); ++i) {
    CHECK(double{p[i]} == Approx(expected[i / kClasses][i % kClasses]).epsilon(1e-4));
  }
}

TEST_CASE("nn: the article's output delta is the exact one times p(1 - p)") {
  const Network network = random_network("7,4,softmax", true, 1);
  const Loss exact(cross_entropy(), LayerKind::kSoftmax);
  const Loss article({LossKind::kCrossEntropy, 0, OutputDelta::kArticle, {}}, LayerKind::kSoftmax);
  std::vector<float> z{0.5F, -1, 2, 0};
  std::vector<float> z2 = z;
  std::vector<float> delta(4);
  std::vector<float> article_delta(4);
  const std::int32_t label = 2;
  float loss = 0;
  exact.forward({z.data(), 1, 4, 4}, &label, &loss, {delta.data(), 1, 4, 4});
  article.forward({z2.data(), 1, 4, 4}, &label, &loss, {article_delta.data(), 1, 4, 4});
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(article_delta[k] == Approx(delta[k] * z[k] * (1 - z[k])));
    CHECK(article_delta[k] != 0);
  }
}

TEST_CASE("nn: pairs without an exact gradient are refused") {
  CHECK_THROWS(Loss(cross_entropy(), LayerKind::kSigmoid));
  CHECK_THROWS(
      Loss({LossKind::kMeanSquaredError, 0, OutputDelta::kArticle, {}}, LayerKind::kSoftmax));
  CHECK_THROWS(
      Loss({LossKind::kCrossEntropy, 0.1F, OutputDelta::kArticle, {}}, LayerKind::kSoftmax));
  CHECK_THROWS(Loss(cross_entropy(1.0F), LayerKind::kSoftmax));
}

}  // namespace
}  // namespace mnist
