#include "kernels/batch_norm.h"

#include <cmath>
#include <utility>
#include <vector>

#include "catch.h"
#include "kernels/padded_matrix.h"
#include "kernels/page_end.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

// A batch and all that is computed of it.
struct Batch {
  Batch(std::size_t rows, std::size_t columns)
      : x(rows, columns),
        delta(rows, columns),
        given(2, columns),
        moments(2, columns),
        y(rows, columns),
        gradient(2, columns),
        delta_x(rows, columns) {
    fill_normal(x, 2, 1);
    fill_normal(delta, 1, 2);
    fill_normal(given, 1, 3);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) x.at(r, c) += static_cast<float>(c % 5);
    }
  }

  Normalization normalization() {
    return {moments.view().row(0), moments.view().row(1), given.view().row(0), given.view().row(1)};
  }

  // The columns [begin, end).
  void compute(std::size_t begin, std::size_t end) {
    const auto part = [&](PaddedMatrix& m) { return m.view().column_range(begin, end); };
    const Matrix m = part(moments);
    column_moments(part(x), m.row(0), m.row(1));
    const Normalization n{m.row(0), m.row(1), part(given).row(0), part(given).row(1)};
    batch_norm_forward(n, part(x), part(y));
    const Matrix g = part(gradient);
    batch_norm_gradient(n, part(x), part(delta), g.row(0), g.row(1));
    batch_norm_backward(n, g.row(0), g.row(1), x.rows(), part(x), part(delta), part(delta_x));
  }

  PaddedMatrix x, delta;
  PaddedMatrix given;    // weight, bias
  PaddedMatrix moments;  // mean, variance
  PaddedMatrix y;
  PaddedMatrix gradient;  // of weight and bias
  PaddedMatrix delta_x;
};

void close(float value, double expected, double scale) {
  REQUIRE(static_cast<double>(value) == Approx(expected).margin(3e-5 * scale).epsilon(1e-5));
}

// One column in double, by the formulas of the paper (algorithm 1 and section 3).
void check_column(Batch& b, std::size_t c) {
  const auto rows = static_cast<double>(b.x.rows());
  const auto x = [&](std::size_t r) { return static_cast<double>(b.x.at(r, c)); };
  const auto delta = [&](std::size_t r) { return static_cast<double>(b.delta.at(r, c)); };
  double mean = 0;
  for (std::size_t r = 0; r < b.x.rows(); ++r) mean += x(r) / rows;
  double variance = 0;
  for (std::size_t r = 0; r < b.x.rows(); ++r) variance += std::pow(x(r) - mean, 2) / rows;
  const double deviation = std::sqrt(variance + 1e-5);
  const double weight = b.given.at(0, c);
  double of_variance = 0, of_mean = 0, of_weight = 0, of_bias = 0;
  for (std::size_t r = 0; r < b.x.rows(); ++r) {
    const double of_normal = delta(r) * weight;
    of_variance += of_normal * (x(r) - mean) * -0.5 * std::pow(deviation, -3);
    of_mean -= of_normal / deviation;
    of_weight += delta(r) * (x(r) - mean) / deviation;
    of_bias += delta(r);
  }
  close(b.moments.at(0, c), mean, 1);
  close(b.moments.at(1, c), variance, 1);
  close(b.gradient.at(0, c), of_weight, rows);
  close(b.gradient.at(1, c), of_bias, rows);
  for (std::size_t r = 0; r < b.x.rows(); ++r) {
    close(b.y.at(r, c), (x(r) - mean) / deviation * weight + static_cast<double>(b.given.at(1, c)),
          1);
    close(b.delta_x.at(r, c),
          delta(r) * weight / deviation + of_variance * 2 * (x(r) - mean) / rows + of_mean / rows,
          1 / deviation);
  }
}

TEST_CASE("kernels: batch normalisation agrees with its naive twin") {
  for_each_target([](const Target&) {
    for (const std::size_t rows : {2U, 3U, 64U, 301U}) {
      for (const std::size_t columns : {0U, 1U, 7U, 16U, 33U, 256U, 301U}) {
        INFO(rows << " x " << columns);
        Batch b(rows, columns);
        b.compute(0, columns);
        for (std::size_t c = 0; c < columns; ++c) check_column(b, c);
        for (PaddedMatrix* m : {&b.moments, &b.y, &b.gradient, &b.delta_x}) {
          CHECK(m->padding_intact());
        }
      }
    }
  });
}

TEST_CASE("kernels: the bits of a normalised column do not depend on its neighbours") {
  for_each_target([](const Target&) {
    Batch whole(20, 37);
    whole.compute(0, 37);
    Batch parts(20, 37);
    for (const auto& [begin, end] : {std::pair{0U, 16U}, {16U, 17U}, {17U, 37U}}) {
      parts.compute(begin, end);
    }
    CHECK(same(whole.y, parts.y));
    CHECK(same(whole.delta_x, parts.delta_x));
    CHECK(same(whole.gradient, parts.gradient));
    CHECK(same(whole.moments, parts.moments));
  });
}

TEST_CASE("kernels: a column that is constant is normalised to its bias") {
  for_each_target([](const Target&) {
    Batch b(8, 5);
    for (std::size_t r = 0; r < 8; ++r) b.x.at(r, 3) = 4;
    b.compute(0, 5);
    for (std::size_t r = 0; r < 8; ++r) CHECK(b.y.at(r, 3) == b.given.at(1, 3));
  });
}

TEST_CASE("kernels: batch normalisation works in place and touches nothing past a matrix") {
  for_each_target([](const Target&) {
    Batch b(6, 21);
    b.compute(0, 21);
    PaddedMatrix x = b.x;
    batch_norm_forward(b.normalization(), x.view(), x.view());
    CHECK(same(x, b.y));
    const PageEnd<float> last(21);
    batch_norm_forward(b.normalization(), {last.data(), 1, 21, 21}, {last.data(), 1, 21, 21});
    column_moments({last.data(), 1, 21, 21}, b.moments.view().row(0), last.data());
  });
}

}  // namespace
}  // namespace mnist::kernels
