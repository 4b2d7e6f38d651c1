#include "kernels/pixel_matmul.h"

#include <cmath>
#include <vector>

#include "base/random.h"
#include "catch.h"
#include "kernels/matmul.h"
#include "kernels/pixels.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

struct Problem {
  std::size_t rows, features, columns;
  std::vector<std::uint8_t> pixels;
  AlignedVector<float> weights, delta;

  Problem(std::size_t r, std::size_t f, std::size_t c, unsigned percent_zero)
      : rows(r),
        features(f),
        columns(c),
        pixels(r * f),
        weights((f + 1) * padded_stride(c)),
        delta(r * padded_stride(c)) {
    RandomStream random(1, RandomPurpose::kDraw, r * 1000003 + f * 1009 + c);
    for (auto& p : pixels) {
      p = static_cast<std::uint8_t>(random.below(100) < percent_zero ? 0 : random.below(256));
    }
    const std::size_t stride = padded_stride(c);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (i % stride < c) weights[i] = random.normal();
    }
    for (std::size_t i = 0; i < delta.size(); ++i) {
      if (i % stride < c) delta[i] = random.normal();
    }
  }

  float value(std::size_t row, std::size_t feature) const {
    return static_cast<float>(pixels[row * features + feature]) / 255;
  }
  PixelBatch batch() const {
    PixelBatch result(features, rows);
    result.load(0, features, rows, [&](std::size_t r) { return pixels.data() + r * features; });
    return result;
  }
  std::size_t stride() const { return padded_stride(columns); }
  ConstMatrix weight_matrix() const { return {weights.data(), features, columns, stride()}; }
  const float* bias() const { return weights.data() + features * stride(); }
};

const std::vector<Problem>& problems() {
  static const std::vector<Problem> all = [] {
    std::vector<Problem> list;
    for (const unsigned percent_zero : {0U, 80U, 100U}) {
      for (const std::size_t rows : {1U, 15U, 16U, 17U, 63U, 64U, 65U, 130U}) {
        list.emplace_back(rows, 21, 50, percent_zero);
      }
      for (const std::size_t columns : {1U, 10U, 16U, 17U, 47U, 64U, 65U, 150U}) {
        list.emplace_back(33, 18, columns, percent_zero);
      }
      for (const std::size_t features : {1U, 3U, 4U, 15U, 16U, 1000U}) {
        list.emplace_back(20, features, 70, percent_zero);
      }
    }
    return list;
  }();
  return all;
}

TEST_CASE("kernels: pixel_forward agrees with its naive twin on every target") {
  for_each_target([](const Target&) {
    for (const Problem& p : problems()) {
      INFO(p.rows << " × " << p.features << " × " << p.columns);
      const PixelBatch batch = p.batch();
      for (const float* bias : {p.bias(), static_cast<const float*>(nullptr)}) {
        AlignedVector<float> z(p.rows * p.stride(), 7.0F);
        pixel_forward(batch, 0, 0, p.weight_matrix(), bias,
                      {z.data(), p.rows, p.columns, p.stride()});
        for (std::size_t r = 0; r < p.rows; ++r) {
          for (std::size_t c = 0; c < p.columns; ++c) {
            double sum = bias == nullptr ? 0 : static_cast<double>(bias[c]);
            double size = 1;
            for (std::size_t f = 0; f < p.features; ++f) {
              const double term = static_cast<double>(p.value(r, f)) *
                                  static_cast<double>(p.weight_matrix().row(f)[c]);
              sum += term;
              size += std::abs(term);
            }
            const double error = std::abs(sum - static_cast<double>(z[r * p.stride() + c]));
            if (error > 1e-6 * size) FAIL("row " << r << ", column " << c << ": off by " << error);
          }
        }
        // part of the rows by another call: the same bits
        if (p.rows > 32) {
          AlignedVector<float> part((p.rows - 32) * p.stride());
          pixel_forward(batch, 32, 0, p.weight_matrix(), bias,
                        {part.data(), p.rows - 32, p.columns, p.stride()});
          CHECK(std::equal(part.begin(), part.end(),
                           z.begin() + static_cast<std::ptrdiff_t>(32 * p.stride())));
        }
      }
    }
  });
}

TEST_CASE("kernels: two chains over halves of the features add up to their naive twin") {
  for_each_target([](const Target&) {
    for (const Problem& p : problems()) {
      INFO(p.rows << " × " << p.features << " × " << p.columns);
      const PixelBatch batch = p.batch();
      const std::size_t middle = p.features / 2 / PixelBatch::kGroup * PixelBatch::kGroup;
      const ConstMatrix weights = p.weight_matrix();
      AlignedVector<float> values(3 * p.rows * p.stride(), 7.0F);
      const Matrix all{values.data(), 3 * p.rows, p.columns, p.stride()};
      const Matrix first = all.row_range(0, p.rows);
      const Matrix second = all.row_range(p.rows, 2 * p.rows);
      const Matrix z = all.row_range(2 * p.rows, 3 * p.rows);
      pixel_forward(batch, 0, 0, weights.row_range(0, middle), p.bias(), first);
      pixel_forward(batch, 0, middle, weights.row_range(middle, p.features), nullptr, second);
      add(first, second, z);
      for (std::size_t r = 0; r < p.rows; ++r) {
        for (std::size_t c = 0; c < p.columns; ++c) {
          float chains[2] = {p.bias()[c], 0.0F};
          for (std::size_t f = 0; f < p.features; ++f) {
            float& sum = chains[f >= middle];
            sum = std::fma(p.value(r, f), weights.row(f)[c], sum);
          }
          const float error = std::abs(chains[0] + chains[1] - z.row(r)[c]);
          if (error > 1e-5F * static_cast<float>(1 + p.features)) {
            FAIL("row " << r << ", column " << c << ": off by " << error);
          }
          if (z.row(r)[c] != first.row(r)[c] + second.row(r)[c]) FAIL("not the sum of the chains");
        }
        for (std::size_t c = p.columns; c < p.stride(); ++c) CHECK(z.row(r)[c] == 0);
      }
    }
  });
}

TEST_CASE("kernels: pixel_gradient agrees with its naive twin on every target") {
  for_each_target([](const Target&) {
    for (const Problem& p : problems()) {
      INFO(p.rows << " × " << p.features << " × " << p.columns);
      const PixelBatch batch = p.batch();
      const ConstMatrix delta{p.delta.data(), p.rows, p.columns, p.stride()};
      AlignedVector<float> gradient(p.features * p.stride(), 7.0F);
      pixel_gradient(batch, 0, delta, {gradient.data(), p.features, p.columns, p.stride()});
      for (std::size_t f = 0; f < p.features; ++f) {
        for (std::size_t c = 0; c < p.stride(); ++c) {
          double sum = 0;
          double size = 1;
          for (std::size_t r = 0; r < p.rows; ++r) {
            const double term = static_cast<double>(p.value(r, f)) *
                                static_cast<double>(p.delta[r * p.stride() + c]);
            sum += term;
            size += std::abs(term);
          }
          const double error = std::abs(sum - static_cast<double>(gradient[f * p.stride() + c]));
          if (error > 1e-6 * size) FAIL("feature " << f << ", column " << c << ": off " << error);
        }
      }
      // part of the features by another call: the same bits
      const std::size_t begin = p.features / 12 * 4;
      AlignedVector<float> part((p.features - begin) * p.stride());
      pixel_gradient(batch, begin, delta, {part.data(), p.features - begin, p.columns, p.stride()});
      CHECK(std::equal(part.begin(), part.end(),
                       gradient.begin() + static_cast<std::ptrdiff_t>(begin * p.stride())));
    }
  });
}

TEST_CASE("kernels: pixel products and dense products give the same bits on every target") {
  for_each_target([](const Target&) {
    for (const Problem& p : problems()) {
      INFO(p.rows << " × " << p.features << " × " << p.columns);
      const PixelBatch batch = p.batch();
      AlignedVector<float> scaled(p.rows * p.features);
      scale_pixels(p.pixels.data(), scaled.size(), scaled.data());
      const ConstMatrix input{scaled.data(), p.rows, p.features, p.features};
      const auto both = [&](std::size_t rows) {
        return std::pair(AlignedVector<float>(rows * p.stride()),
                         AlignedVector<float>(rows * p.stride()));
      };
      auto [z, dense_z] = both(p.rows);
      pixel_forward(batch, 0, 0, p.weight_matrix(), p.bias(),
                    {z.data(), p.rows, p.columns, p.stride()});
      matmul(Op::kPlain, input, Op::kPlain, p.weight_matrix(), p.bias(),
             {dense_z.data(), p.rows, p.columns, p.stride()});
      CHECK(z == dense_z);

      const ConstMatrix delta{p.delta.data(), p.rows, p.columns, p.stride()};
      auto [gradient, dense_gradient] = both(p.features);
      pixel_gradient(batch, 0, delta, {gradient.data(), p.features, p.columns, p.stride()});
      matmul(Op::kTransposed, input, Op::kPlain, delta, nullptr,
             {dense_gradient.data(), p.features, p.columns, p.stride()});
      CHECK(gradient == dense_gradient);
    }
  });
}

}  // namespace
}  // namespace mnist::kernels
