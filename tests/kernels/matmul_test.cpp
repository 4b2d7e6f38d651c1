#include "kernels/matmul.h"

#include <cmath>
#include <vector>

#include "base/random.h"
#include "catch.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

// A matrix whose rows lie apart, with NaN between them: whoever reads there spoils its result.
struct Padded {
  std::size_t rows, columns, stride;
  std::vector<float> values;

  Padded(std::size_t r, std::size_t c, std::uint64_t seed, bool fill = true)
      : rows(r), columns(c), stride(c + 3), values(r * (c + 3), NAN) {
    RandomStream random(1, RandomPurpose::kDraw, seed);
    for (std::size_t i = 0; fill && i < r; ++i) {
      for (std::size_t j = 0; j < c; ++j) values[i * stride + j] = random.normal();
    }
  }
  Matrix view() { return {values.data(), rows, columns, stride}; }
  ConstMatrix view() const { return {values.data(), rows, columns, stride}; }
};

float element(Op op, ConstMatrix m, std::size_t row, std::size_t column) {
  return op == Op::kPlain ? m.row(row)[column] : m.row(column)[row];
}

struct Shape {
  std::size_t m, k, n;
};

// C by one chain of multiply-adds an element: the very bits where the target fuses them.
void check(const Target& target, Shape shape, Op op_a, Op op_b, bool with_bias) {
  const auto [m, k, n] = shape;
  const Padded a(op_a == Op::kPlain ? m : k, op_a == Op::kPlain ? k : m, m * 31 + k);
  const Padded b(op_b == Op::kPlain ? k : n, op_b == Op::kPlain ? n : k, n * 37 + k);
  const Padded bias(1, n, n);
  const float* start = with_bias ? bias.values.data() : nullptr;
  Padded c(m, n, 0, false);
  matmul(op_a, a.view(), op_b, b.view(), start, c.view());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      float sum = with_bias ? bias.values[j] : 0.0F;
      float size = 1;
      for (std::size_t l = 0; l < k; ++l) {
        const float x = element(op_a, a.view(), i, l);
        const float y = element(op_b, b.view(), l, j);
        sum = std::fma(x, y, sum);
        size += std::abs(x * y);
      }
      const float value = c.view().row(i)[j];
      const bool same = target.fused ? value == sum : std::abs(value - sum) < 1e-5F * size;
      wrong += same ? 0U : 1U;
    }
    for (std::size_t j = n; j < c.stride; ++j) {
      wrong += std::isnan(c.values[i * c.stride + j]) ? 0U : 1U;  // written past its columns
    }
  }
  INFO(m << " × " << k << " × " << n << (op_a == Op::kPlain ? ", A" : ", Aᵀ")
         << (op_b == Op::kPlain ? " B" : " Bᵀ") << (with_bias ? " + bias" : ""));
  CHECK(wrong == 0);
}

TEST_CASE("kernels: matmul agrees with its naive twin on every target") {
  const std::vector<Shape> shapes{{0, 3, 4},     {3, 0, 4},    {3, 4, 0},     {1, 1, 1},
                                  {2, 3, 5},     {7, 5, 15},   {16, 16, 16},  {5, 9, 17},
                                  {64, 50, 20},  {64, 20, 10}, {33, 64, 50},  {6, 7, 63},
                                  {13, 11, 65},  {17, 31, 79}, {9, 130, 100}, {130, 19, 33},
                                  {20, 300, 40}, {3, 600, 5},  {140, 257, 81}};
  for_each_target([&](const Target& target) {
    for (const Shape& shape : shapes) {
      for (const Op op_a : {Op::kPlain, Op::kTransposed}) {
        for (const Op op_b : {Op::kPlain, Op::kTransposed}) {
          for (const bool with_bias : {false, true}) check(target, shape, op_a, op_b, with_bias);
        }
      }
    }
  });
}

TEST_CASE("kernels: matmul gives the same bits however C is cut") {
  const std::size_t m = 150;
  const std::size_t k = 270;
  const std::size_t n = 83;
  for (const Op op_a : {Op::kPlain, Op::kTransposed}) {
    for (const Op op_b : {Op::kPlain, Op::kTransposed}) {
      const Padded a(op_a == Op::kPlain ? m : k, op_a == Op::kPlain ? k : m, 1);
      const Padded b(op_b == Op::kPlain ? k : n, op_b == Op::kPlain ? n : k, 2);
      Padded whole(m, n, 0, false);
      Padded parts(m, n, 0, false);
      matmul(op_a, a.view(), op_b, b.view(), nullptr, whole.view());
      for (const auto& [row, row_end] : {std::pair{0U, 1U}, {1U, 70U}, {70U, 150U}}) {
        for (const auto& [column, column_end] : {std::pair{0U, 5U}, {5U, 40U}, {40U, 83U}}) {
          const ConstMatrix a_part = op_a == Op::kPlain ? a.view().row_range(row, row_end)
                                                        : a.view().column_range(row, row_end);
          const ConstMatrix b_part = op_b == Op::kPlain ? b.view().column_range(column, column_end)
                                                        : b.view().row_range(column, column_end);
          matmul(op_a, a_part, op_b, b_part, nullptr,
                 parts.view().row_range(row, row_end).column_range(column, column_end));
        }
      }
      std::size_t different = 0;
      for (std::size_t i = 0; i < m; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          different += whole.view().row(i)[j] == parts.view().row(i)[j] ? 0U : 1U;
        }
      }
      CHECK(different == 0);
    }
  }
}

}  // namespace
}  // namespace mnist::kernels
