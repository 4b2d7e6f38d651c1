#include "kernels/optimizer_update.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "catch.h"
#include "kernels/padded_matrix.h"
#include "kernels/page_end.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

// Each rule has a kernel over n weights w with states m and v, and a twin over one weight in
// double. The twins are the textbook's; they use the kernels' constants, which are floats.
constexpr float kScale = 0.125f;
constexpr float kRate = 0.02f;
constexpr float kDecay = 0.03f;
constexpr float kMomentum = 0.9f;
constexpr float kAlpha = 0.99f;
constexpr float kBeta1 = 0.9f;
constexpr float kBeta2 = 0.999f;
constexpr float kEpsilon = 1e-3f;  // large enough to be seen

struct Rule {
  const char* name;
  void (*kernel)(float* w, float* m, float* v, const float* g, Extent extent, int step);
  void (*twin)(double& w, double& m, double& v, double g, int step);
};

double decayed(double w, double g) { return double{kScale} * g + double{kDecay} * w; }

void adam_kernel(float* w, float* m, float* v, const float* g, Extent extent, int step, float decay,
                 float decoupled) {
  AdamStep s;
  s.rate = static_cast<float>(double{kRate} / (1 - std::pow(double{kBeta1}, step)));
  s.beta1 = kBeta1;
  s.beta2 = kBeta2;
  s.epsilon = kEpsilon;
  s.root_correction = static_cast<float>(std::sqrt(1 - std::pow(double{kBeta2}, step)));
  s.decay = decay;
  s.decoupled = decoupled;
  adam_update(w, m, v, g, extent, kScale, s);
}

void adam_twin(double& w, double& m, double& v, double d, int step) {
  m = double{kBeta1} * m + (1 - double{kBeta1}) * d;
  v = double{kBeta2} * v + (1 - double{kBeta2}) * d * d;
  const double unbiased_m = m / (1 - std::pow(double{kBeta1}, step));
  const double unbiased_v = v / (1 - std::pow(double{kBeta2}, step));
  w -= double{kRate} * unbiased_m / (std::sqrt(unbiased_v) + double{kEpsilon});
}

template <bool kNesterov>
void momentum_kernel(float* w, float* m, float*, const float* g, Extent extent, int) {
  momentum_update(w, m, g, extent, kScale, kRate, kDecay, kMomentum, kNesterov);
}

template <bool kNesterov>
void momentum_twin(double& w, double& m, double&, double g, int step) {
  const double d = decayed(w, g);
  m = step == 1 ? d : double{kMomentum} * m + d;  // PyTorch's buffer starts as the gradient
  w -= double{kRate} * (kNesterov ? d + double{kMomentum} * m : m);
}

template <bool kWithMomentum>
void rmsprop_kernel(float* w, float* m, float* v, const float* g, Extent extent, int) {
  rmsprop_update(w, v, kWithMomentum ? m : nullptr, g, extent, kScale, kRate, kDecay, kAlpha,
                 kEpsilon, kWithMomentum ? kMomentum : 0);
}

template <bool kWithMomentum>
void rmsprop_twin(double& w, double& m, double& v, double g, int) {
  const double d = decayed(w, g);
  v = double{kAlpha} * v + (1 - double{kAlpha}) * d * d;
  const double u = d / (std::sqrt(v) + double{kEpsilon});
  if (kWithMomentum) m = double{kMomentum} * m + u;
  w -= double{kRate} * (kWithMomentum ? m : u);
}

const Rule kRules[] = {
    {"sgd",
     [](float* w, float*, float*, const float* g, Extent extent, int) {
       sgd_update(w, g, extent, kScale, kRate, kDecay);
     },
     [](double& w, double&, double&, double g, int) { w -= double{kRate} * decayed(w, g); }},
    {"momentum", momentum_kernel<false>, momentum_twin<false>},
    {"nesterov", momentum_kernel<true>, momentum_twin<true>},
    {"rmsprop", rmsprop_kernel<false>, rmsprop_twin<false>},
    {"rmsprop with momentum", rmsprop_kernel<true>, rmsprop_twin<true>},
    {"adagrad",
     [](float* w, float*, float* v, const float* g, Extent extent, int) {
       adagrad_update(w, v, g, extent, kScale, kRate, kDecay, kEpsilon);
     },
     [](double& w, double&, double& v, double g, int) {
       const double d = decayed(w, g);
       v += d * d;
       w -= double{kRate} * d / (std::sqrt(v) + double{kEpsilon});
     }},
    {"adam",
     [](float* w, float* m, float* v, const float* g, Extent extent, int step) {
       adam_kernel(w, m, v, g, extent, step, kDecay, 1);
     },
     [](double& w, double& m, double& v, double g, int step) {
       adam_twin(w, m, v, decayed(w, g), step);
     }},
    {"adamw",
     [](float* w, float* m, float* v, const float* g, Extent extent, int step) {
       adam_kernel(w, m, v, g, extent, step, 0, 1 - kRate * kDecay);
     },
     [](double& w, double& m, double& v, double g, int step) {
       w *= double{1 - kRate * kDecay};
       adam_twin(w, m, v, double{kScale} * g, step);
     }},
};

/// n weights in a row.
Extent row_of(std::size_t n) { return {1, n, n}; }

template <class Body>
void for_each_target_and_rule(Body body) {
  for_each_target([&](const Target&) {
    for (const Rule& rule : kRules) {
      INFO(rule.name);
      body(rule);
    }
  });
}

/// n weights with their states and gradients, unaligned and padded.
struct Weights {
  explicit Weights(std::size_t n) : w(1, n), m(1, n), v(1, n), g(1, n) { fill_normal(w); }

  void draw_gradient(int step) { fill_normal(g, 20, static_cast<unsigned>(100 + step)); }
  bool padding_intact() const {
    return w.padding_intact() && m.padding_intact() && v.padding_intact() && g.padding_intact();
  }

  PaddedMatrix w, m, v, g;
};

TEST_CASE("kernels: optimizer updates follow their twins over several steps") {
  for_each_target_and_rule([](const Rule& rule) {
    for (const std::size_t n : kSizes) {
      INFO(n << " weights");
      Weights x(n);
      std::vector<std::array<double, 3>> twins(n);
      for (std::size_t i = 0; i < n; ++i) twins[i] = {double{x.w.at(0, i)}, 0, 0};
      for (int step = 1; step <= 8; ++step) {
        x.draw_gradient(step);
        rule.kernel(x.w.data(), x.m.data(), x.v.data(), x.g.data(), row_of(n), step);
        for (std::size_t i = 0; i < n; ++i) {
          auto& [w, m, v] = twins[i];
          rule.twin(w, m, v, double{x.g.at(0, i)}, step);
          const bool close = std::abs(x.w.at(0, i) - w) <= 1e-6 * std::max(1.0, std::abs(w)) &&
                             std::abs(x.m.at(0, i) - m) <= 2e-6 * std::max(1.0, std::abs(m)) &&
                             std::abs(x.v.at(0, i) - v) <= 2e-6 * std::max(1e-3, v);
          if (!close) FAIL("step " << step << ", weight " << i << ": " << x.w.at(0, i) - w);
        }
      }
      CHECK(x.padding_intact());
    }
  });
}

TEST_CASE("kernels: optimizer updates read and write nothing past the last weight") {
  for_each_target_and_rule([](const Rule& rule) {
    for (const std::size_t n : kSizes) {
      const PageEnd<float> w(n), m(n), v(n), g(n);
      rule.kernel(w.data(), m.data(), v.data(), g.data(), row_of(n), 1);
      CHECK(sum_of_squares(g.data(), n) == 0);
    }
  });
}

TEST_CASE("kernels: an optimizer update gives the same bits in one piece and in many") {
  for_each_target_and_rule([](const Rule& rule) {
    constexpr std::size_t kWeights = 203;
    for (const std::size_t piece : std::vector<std::size_t>{1, 3, 16, 37, 100}) {
      INFO("pieces of " << piece);
      Weights whole(kWeights), parts(kWeights);
      for (int step = 1; step <= 3; ++step) {
        whole.draw_gradient(step);
        parts.draw_gradient(step);
        rule.kernel(whole.w.data(), whole.m.data(), whole.v.data(), whole.g.data(),
                    row_of(kWeights), step);
        for (std::size_t i = 0; i < kWeights; i += piece) {
          rule.kernel(parts.w.data() + i, parts.m.data() + i, parts.v.data() + i,
                      parts.g.data() + i, row_of(std::min(piece, kWeights - i)), step);
        }
      }
      CHECK(same(whole.w, parts.w));
      CHECK(same(whole.m, parts.m));
      CHECK(same(whole.v, parts.v));
    }
  });
}

TEST_CASE("kernels: an update of some columns of a matrix gives their bits and leaves the others") {
  for_each_target_and_rule([](const Rule& rule) {
    constexpr std::size_t kRows = 5;
    constexpr std::size_t kStride = 48;
    constexpr std::size_t kBegin = 16;
    for (const std::size_t columns : {1U, 7U, 16U, 20U, 32U}) {
      INFO(columns << " columns");
      Weights whole(kRows * kStride), part(kRows * kStride), before(kRows * kStride);
      for (Weights* x : {&whole, &part, &before}) x->draw_gradient(1);
      rule.kernel(whole.w.data(), whole.m.data(), whole.v.data(), whole.g.data(),
                  row_of(kRows * kStride), 1);
      rule.kernel(part.w.data() + kBegin, part.m.data() + kBegin, part.v.data() + kBegin,
                  part.g.data() + kBegin, {kRows, columns, kStride}, 1);
      for (std::size_t i = 0; i < kRows * kStride; ++i) {
        const bool updated = i % kStride >= kBegin && i % kStride < kBegin + columns;
        Weights& expected = updated ? whole : before;
        REQUIRE(part.w.at(0, i) == expected.w.at(0, i));
        REQUIRE(part.m.at(0, i) == expected.m.at(0, i));
        REQUIRE(part.v.at(0, i) == expected.v.at(0, i));
      }
    }
  });
}

TEST_CASE("kernels: optimizer updates carry NaN from the gradient to its weight alone") {
  for_each_target_and_rule([](const Rule& rule) {
    Weights x(21);
    x.draw_gradient(1);
    x.g.at(0, 7) = std::numeric_limits<float>::quiet_NaN();
    rule.kernel(x.w.data(), x.m.data(), x.v.data(), x.g.data(), row_of(21), 1);
    for (std::size_t i = 0; i < 21; ++i) REQUIRE(std::isnan(x.w.at(0, i)) == (i == 7));
  });
}

TEST_CASE("kernels: a weight without gradient stays where it is") {
  for_each_target_and_rule([](const Rule& rule) {
    Weights x(5);
    for (std::size_t i = 0; i < 5; ++i) x.w.at(0, i) = 0;  // nothing to decay
    rule.kernel(x.w.data(), x.m.data(), x.v.data(), x.g.data(), row_of(5), 1);
    for (std::size_t i = 0; i < 5; ++i) REQUIRE(x.w.at(0, i) == 0);
  });
}

TEST_CASE("kernels: states without gradient decay to zero and do not stop at subnormal numbers") {
  for_each_target_and_rule([](const Rule& rule) {
    Weights x(21);
    x.draw_gradient(1);
    rule.kernel(x.w.data(), x.m.data(), x.v.data(), x.g.data(), row_of(21), 1);
    for (std::size_t i = 0; i < 21; ++i) {
      x.w.at(0, i) = x.g.at(0, i) = 0;
      x.m.at(0, i) *= 1e-37f;
      x.v.at(0, i) *= 1e-37f;
    }
    for (int step = 2; step < 20000; ++step) {
      rule.kernel(x.w.data(), x.m.data(), x.v.data(), x.g.data(), row_of(21), step);
      for (std::size_t i = 0; i < 21; ++i) x.w.at(0, i) = 0;  // no decay of w in the gradient
    }
    for (std::size_t i = 0; i < 21; ++i) {
      REQUIRE(x.m.at(0, i) == 0);
      if (rule.name != std::string("adagrad")) REQUIRE(x.v.at(0, i) == 0);  // its sum never decays
    }
  });
}

TEST_CASE("kernels: a moving average moves by its share, in one piece or in many") {
  for_each_target([](const Target&) {
    for (const std::size_t n : kSizes) {
      INFO(n << " weights");
      Weights x(n), parts(n);
      fill_normal(x.g, 1);
      fill_normal(parts.g, 1);
      move_average(x.w.data(), x.g.data(), row_of(n), 0.3f);
      for (std::size_t i = 0; i < n; ++i) {
        const double old = double{parts.w.at(0, i)};
        REQUIRE(x.w.at(0, i) == Approx(old + 0.3 * (double{x.g.at(0, i)} - old)).margin(1e-6));
        move_average(parts.w.data() + i, parts.g.data() + i, row_of(1), 0.3f);
      }
      CHECK(same(x.w, parts.w));
      CHECK(x.padding_intact());
      const PageEnd<float> average(n), w(n);
      move_average(average.data(), w.data(), row_of(n), 0.3f);
    }
  });
}

/// The order that the kernel promises: 16 lanes, folded in halves.
double squares_in_order(const float* x, std::size_t n) {
  std::array<double, 16> lanes{};
  for (std::size_t i = 0; i < n; ++i) lanes[i % 16] += double{x[i]} * double{x[i]};
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) lanes[k] += lanes[k + half];
  }
  return lanes[0];
}

TEST_CASE("kernels: the sum of squares has the same bits on every instruction set") {
  for_each_target([](const Target&) {
    std::vector<std::size_t> sizes = kSizes;
    sizes.push_back(100003);
    for (const std::size_t n : sizes) {
      INFO(n << " floats");
      PaddedMatrix x(1, n);
      fill_normal(x, 1e3f);
      CHECK(sum_of_squares(x.data(), n) == squares_in_order(x.data(), n));
    }
  });
}

TEST_CASE("kernels: the sum of squares neither overflows a float nor loses a NaN") {
  for_each_target([](const Target&) {
    std::vector<float> x(37, 3e38f);
    CHECK(sum_of_squares(x.data(), x.size()) == Approx(37 * 9e76));
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::vector<float> y = x;
      y[i] = std::numeric_limits<float>::quiet_NaN();
      REQUIRE(std::isnan(sum_of_squares(y.data(), y.size())));
    }
  });
}

}  // namespace
}  // namespace mnist::kernels
