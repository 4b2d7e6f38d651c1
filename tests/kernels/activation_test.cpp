#include "kernels/activation.h"

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

struct Twin {
  Activation activation;
  const char* name;
  double (*value)(double);
  double (*slope)(double);
  double value_ulps;  // what the kernel may be off in a float's last places
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double normal_distribution(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }
double normal_density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0)); }

// 0.01 as the kernel has it, a float.
constexpr double kLeak = 0.01f;

const Twin kTwins[] = {
    {Activation::kRelu, "relu", [](double x) { return x < 0 ? 0 : x; },
     [](double x) { return x > 0 ? 1.0 : 0.0; }, 0},
    {Activation::kLeakyRelu, "leaky relu", [](double x) { return x < 0 ? kLeak * x : x; },
     [](double x) { return x > 0 ? 1.0 : kLeak; }, 0.5},
    {Activation::kSigmoid, "sigmoid", logistic, [](double x) { return logistic(x) * logistic(-x); },
     2.5},
    {Activation::kTanh, "tanh", [](double x) { return std::tanh(x); },
     [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); }, 3},
    {Activation::kGelu, "gelu", [](double x) { return x * normal_distribution(x); },
     [](double x) { return normal_distribution(x) + x * normal_density(x); }, 0.6},
};

template <class Body>
void for_each_target_and_activation(Body body) {
  for_each_target([&](const Target&) {
    for (const Twin& twin : kTwins) {
      INFO(twin.name);
      body(twin);
    }
  });
}

float forward_of(const Twin& twin, float z) {
  float a = 0;
  activation_forward(twin.activation, ConstMatrix(&z, 1, 1, 1), Matrix{&a, 1, 1, 1});
  return a;
}

float backward_of(const Twin& twin, float z, float delta) {
  const float a = forward_of(twin, z);
  activation_backward(twin.activation, ConstMatrix(&z, 1, 1, 1), ConstMatrix(&a, 1, 1, 1),
                      ConstMatrix(&delta, 1, 1, 1), Matrix{&delta, 1, 1, 1});
  return delta;
}

/// Every size of number, both signs, dense where the functions bend.
std::vector<float> telling_numbers() {
  std::vector<float> numbers;
  for (int i = -40000; i <= 40000; ++i) numbers.push_back(static_cast<float>(i) / 2048);
  for (float x = 1e-38f; x < 1e38f; x *= 1.07f) {
    numbers.push_back(x);
    numbers.push_back(-x);
  }
  return numbers;
}

TEST_CASE("kernels: the activations' twins have the slope that central differences show") {
  for (const Twin& twin : kTwins) {
    INFO(twin.name);
    for (double x = -6.03; x < 6; x += 0.1) {  // steps over 0, where relu has a corner
      const double h = 1e-5;
      const double difference = (twin.value(x + h) - twin.value(x - h)) / (2 * h);
      INFO("x = " << x);
      REQUIRE(twin.slope(x) == Approx(difference).epsilon(1e-7).margin(1e-10));
    }
  }
}

TEST_CASE("kernels: activations equal their twins over the whole range of numbers") {
  const std::vector<float> z = telling_numbers();
  std::vector<float> a(z.size());
  for_each_target_and_activation([&](const Twin& twin) {
    activation_forward(twin.activation, ConstMatrix(z.data(), 1, z.size(), z.size()),
                       Matrix{a.data(), 1, a.size(), a.size()});
    double worst = 0;
    float worst_z = 0;
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double error = ulps(a[i], twin.value(static_cast<double>(z[i])));
      if (error > worst) worst_z = z[i];
      worst = std::max(worst, error);
    }
    INFO("z = " << worst_z);
    CHECK(worst <= twin.value_ulps);
  });
}

TEST_CASE("kernels: activation derivatives equal their twins over the whole range of numbers") {
  const std::vector<float> z = telling_numbers();
  std::vector<float> a(z.size());
  for_each_target_and_activation([&](const Twin& twin) {
    const ConstMatrix z_row(z.data(), 1, z.size(), z.size());
    const Matrix a_row{a.data(), 1, a.size(), a.size()};
    activation_forward(twin.activation, z_row, a_row);
    std::vector<float> delta(z.size(), 3);
    const Matrix delta_row{delta.data(), 1, delta.size(), delta.size()};
    activation_backward(twin.activation, z_row, a_row, delta_row, delta_row);
    for (std::size_t i = 0; i < z.size(); ++i) {
      // a's rounding is in the slopes that are made from a.
      const double error =
          static_cast<double>(delta[i]) - 3 * twin.slope(static_cast<double>(z[i]));
      if (std::abs(error) > 1e-6) FAIL("z = " << z[i] << ", error " << error);
    }
  });
}

TEST_CASE("kernels: activations of any shape, strided, in place and not, leave the padding alone") {
  for_each_target_and_activation([&](const Twin& twin) {
    for (const std::size_t rows : std::vector<std::size_t>{0, 1, 3}) {
      for (const std::size_t columns : kSizes) {
        INFO(rows << " x " << columns);
        PaddedMatrix z(rows, columns), a(rows, columns, 6), delta(rows, columns, 1);
        PaddedMatrix delta_z(rows, columns, 2), from_a(rows, columns, 2);
        fill_normal(z, 2, 1);
        fill_normal(delta, 1, 2);
        activation_forward(twin.activation, z.view(), a.view());
        activation_backward(twin.activation, z.view(), a.view(), delta.view(), delta_z.view());
        // An element's bits do not depend on its place in a vector.
        for (std::size_t r = 0; r < rows; ++r) {
          for (std::size_t c = 0; c < columns; ++c) {
            const bool forward_same = same(a.at(r, c), forward_of(twin, z.at(r, c)));
            const bool backward_same =
                same(delta_z.at(r, c), backward_of(twin, z.at(r, c), delta.at(r, c)));
            if (!forward_same || !backward_same) FAIL("row " << r << ", column " << c);
          }
        }
        if (twin.activation != Activation::kGelu) {
          activation_backward(twin.activation, a.view(), a.view(), delta.view(), from_a.view());
          CHECK(same(from_a, delta_z));
        }
        activation_backward(twin.activation, z.view(), a.view(), delta.view(), delta.view());
        CHECK(same(delta, delta_z));
        CHECK(z.padding_intact());
        activation_forward(twin.activation, z.view(), z.view());
        CHECK(same(z, a));
        CHECK((z.padding_intact() && a.padding_intact()));
        CHECK((delta.padding_intact() && delta_z.padding_intact()));
      }
    }
  });
}

TEST_CASE("kernels: activations read and write nothing past the last row") {
  for_each_target_and_activation([](const Twin& twin) {
    for (const std::size_t columns : kSizes) {
      const std::size_t stride = columns + 3;
      const PageEnd<float> z(stride + columns), a(stride + columns), delta(stride + columns);
      const auto view = [&](const PageEnd<float>& x) {
        return Matrix{x.data(), 2, columns, stride};
      };
      activation_forward(twin.activation, view(z), view(a));
      activation_backward(twin.activation, view(z), view(a), view(delta), view(delta));
      SUCCEED();
    }
  });
}

TEST_CASE("kernels: activations show a diverged network") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  for_each_target_and_activation([&](const Twin& twin) {
    CHECK(std::isnan(forward_of(twin, nan)));
    CHECK(std::isnan(forward_of(twin, -nan)));
    CHECK(std::isnan(backward_of(twin, nan, 1)));
    CHECK(std::isnan(backward_of(twin, 1, nan)));
    CHECK(std::isnan(backward_of(twin, -1, nan)));
    const bool bounded =
        twin.activation == Activation::kSigmoid || twin.activation == Activation::kTanh;
    CHECK(forward_of(twin, inf) == (bounded ? 1 : inf));
    CHECK(forward_of(twin, 3e38f) == (bounded ? 1 : 3e38f));
    CHECK(std::isfinite(forward_of(twin, -3e38f)));
    CHECK(std::isfinite(backward_of(twin, -3e38f, 1)));
    CHECK(std::isfinite(backward_of(twin, 3e38f, 1)));
    CHECK(std::abs(backward_of(twin, 1, inf)) == inf);
  });
}

TEST_CASE("kernels: relu and its relatives at zero are PyTorch's") {
  for_each_target([&](const Target&) {
    const Twin& relu = kTwins[0];
    const Twin& leaky_relu = kTwins[1];
    CHECK(forward_of(relu, 0) == 0);
    CHECK(backward_of(relu, 0, 5) == 0);
    CHECK(forward_of(leaky_relu, 0) == 0);
    CHECK(backward_of(leaky_relu, 0, 5) == 0.01f * 5);
  });
}

}  // namespace
}  // namespace mnist::kernels
