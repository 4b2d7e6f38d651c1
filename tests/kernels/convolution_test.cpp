#include "kernels/convolution.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "catch.h"
#include "kernels/activation.h"
#include "kernels/padded_matrix.h"
#include "kernels/pooling.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

// A batch, what is given of it and what is computed.
struct Batch {
  Batch(const ConvolutionShape& s, std::size_t images)
      : shape(s),
        x(images, s.input.size()),
        weights(s.patch(), s.channels),
        bias(1, s.channels),
        delta(images, s.output().size()),
        y(images, s.output().size()),
        delta_x(images, s.input.size()),
        gradient(s.patch() + 1, s.channels) {
    fill_normal(x, 1, 1);
    fill_normal(weights, 1, 2);
    fill_normal(bias, 1, 3);
    fill_normal(delta, 1, 4);
  }

  // In two calls each.
  void compute() {
    const auto halves = [](std::size_t n, const auto& run) {
      run(std::size_t{0}, n / 3);
      run(n / 3, n);
    };
    halves(x.rows(), [&](std::size_t begin, std::size_t end) {
      convolution_forward(shape, x.view().row_range(begin, end), weights.view(), bias.data(),
                          y.view().row_range(begin, end));
      convolution_backward(shape, {delta.view().row_range(begin, end), {}, {}}, weights.view(),
                           delta_x.view().row_range(begin, end));
    });
    halves(shape.patch() + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t first = 0; first < shape.channels; first += 2 * kFloatsPerLine) {
        const std::size_t last = std::min(first + 2 * kFloatsPerLine, shape.channels);
        convolution_gradient(shape, x.view(), {delta.view(), {}, {}}, begin, first,
                             gradient.view().row_range(begin, end).column_range(first, last));
      }
    });
  }

  ConvolutionShape shape;
  PaddedMatrix x, weights, bias, delta;
  PaddedMatrix y, delta_x, gradient;
};

// a · b + c as the target computes it.
float multiply_add(const Target& target, float a, float b, float c) {
  return target.fused ? std::fma(a, b, c) : a * b + c;
}

// Calls visit(output pixel, input pixel, kernel position), in order; pixels count row by row.
template <class Visit>
void for_each_product(const ConvolutionShape& s, const Visit& visit) {
  const Shape out = s.output();
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      for (std::size_t ky = 0; ky < s.kernel; ++ky) {
        for (std::size_t kx = 0; kx < s.kernel; ++kx) {
          const std::size_t row = y * s.stride + ky;
          const std::size_t column = x * s.stride + kx;
          if (row < s.padding || row - s.padding >= s.input.height) continue;
          if (column < s.padding || column - s.padding >= s.input.width) continue;
          visit(y * out.width + x, (row - s.padding) * s.input.width + column - s.padding,
                ky * s.kernel + kx);
        }
      }
    }
  }
}

// The naive twin, in the order that convolution.h promises.
void check(const Target& target, Batch& b) {
  const ConvolutionShape& s = b.shape;
  const std::size_t inputs = s.input.channels;
  const std::size_t outputs = s.channels;
  PaddedMatrix y(b.x.rows(), b.y.columns());
  PaddedMatrix delta_x(b.x.rows(), b.x.columns());
  PaddedMatrix gradient(s.patch() + 1, outputs);  // the last row: of the bias
  PaddedMatrix block(s.patch() + 1, outputs);
  for (std::size_t r = 0; r < b.x.rows(); ++r) {
    for (std::size_t i = 0; i < b.y.columns(); ++i) {
      y.at(r, i) = b.bias.at(0, i % outputs);
      block.at(s.patch(), i % outputs) += b.delta.at(r, i);
    }
    // Of an input pixel, its gathers lie in the order of kernel positions.
    std::vector<std::vector<std::vector<std::size_t>>> gathers(
        s.input.height * s.input.width, std::vector<std::vector<std::size_t>>(s.kernel * s.kernel));
    for_each_product(s, [&](std::size_t out, std::size_t in, std::size_t k) {
      gathers[in][k].push_back(out);
      for (std::size_t c = 0; c < inputs; ++c) {
        const float x = b.x.at(r, in * inputs + c);
        for (std::size_t o = 0; o < outputs; ++o) {
          float& z = y.at(r, out * outputs + o);
          z = multiply_add(target, x, b.weights.at(k * inputs + c, o), z);
          float& g = block.at(k * inputs + c, o);
          g = multiply_add(target, x, b.delta.at(r, out * outputs + o), g);
        }
      }
    });
    for (std::size_t in = 0; in < gathers.size(); ++in) {
      for (std::size_t k = 0; k < gathers[in].size(); ++k) {
        for (const std::size_t out : gathers[in][k]) {
          for (std::size_t c = 0; c < inputs; ++c) {
            float& d = delta_x.at(r, in * inputs + c);
            for (std::size_t o = 0; o < outputs; ++o) {
              d = multiply_add(target, b.delta.at(r, out * outputs + o),
                               b.weights.at(k * inputs + c, o), d);
            }
          }
        }
      }
    }
    if (r % kImagesPerBlock + 1 == kImagesPerBlock || r + 1 == b.x.rows()) {
      for (std::size_t i = 0; i <= s.patch(); ++i) {
        for (std::size_t o = 0; o < outputs; ++o) {
          gradient.at(i, o) += block.at(i, o);
          block.at(i, o) = 0;
        }
      }
    }
  }
  const auto equal = [](PaddedMatrix& computed, PaddedMatrix& expected) {
    for (std::size_t i = 0; i < computed.rows(); ++i) {
      for (std::size_t j = 0; j < computed.columns(); ++j) {
        if (computed.at(i, j) != expected.at(i, j)) return false;
      }
    }
    return true;
  };
  CHECK(equal(b.y, y));
  CHECK(equal(b.delta_x, delta_x));
  CHECK(equal(b.gradient, gradient));
  for (PaddedMatrix* m : {&b.y, &b.delta_x, &b.gradient}) CHECK(m->padding_intact());
}

TEST_CASE("kernels: convolutions have the bits of their naive twin") {
  for_each_target([](const Target& target) {
    for (const std::size_t inputs : {1U, 3U, 8U, 17U, 33U}) {
      for (const std::size_t outputs : {1U, 6U, 16U, 20U, 49U}) {
        for (const std::size_t kernel : {1U, 2U, 3U, 5U}) {
          for (const std::size_t stride : {1U, 2U, 3U}) {
            for (const bool same : {false, true}) {
              if (inputs * outputs * kernel > 1000 || (same && kernel % 2 == 0)) continue;
              const ConvolutionShape shape{{inputs, 6 + inputs % 3, 5 + outputs % 9},
                                           outputs,
                                           kernel,
                                           stride,
                                           same ? (kernel - 1) / 2 : 0};
              INFO(inputs << " to " << outputs << ", kernel " << kernel << ", stride " << stride
                          << (same ? ", same" : ""));
              Batch batch(shape, 10);
              batch.compute();
              check(target, batch);
            }
          }
        }
      }
    }
  });
}

TEST_CASE("kernels: wide convolutions have the bits of their naive twin") {
  for_each_target([](const Target& target) {
    for (const ConvolutionShape& shape :
         {ConvolutionShape{{1, 28, 29}, 40, 3, 1, 1}, ConvolutionShape{{512, 2, 3}, 5, 1, 1, 0},
          ConvolutionShape{{5, 3, 2}, 512, 1, 1, 0}, ConvolutionShape{{64, 3, 3}, 33, 3, 1, 0}}) {
      Batch batch(shape, 3);
      batch.compute();
      check(target, batch);
    }
  });
}

TEST_CASE("kernels: a convolution's own ReLU and pooling have the bits of those behind it") {
  for_each_target([](const Target&) {
    for (const std::size_t pool : {1U, 2U, 3U}) {
      for (const auto& [inputs, outputs] :
           {std::pair{5U, 1U}, {5U, 6U}, {2U, 16U}, {6U, 49U}, {16U, 70U}, {37U, 17U}}) {
        for (const auto& [stride, padding] : {std::pair{1U, 0U}, {1U, 1U}, {2U, 1U}}) {
          INFO(inputs << " to " << outputs << " channels, pool " << pool << ", stride " << stride
                      << ", padding " << padding);
          Batch apart({{inputs, 13, 11}, outputs, 3, stride, padding}, 9);
          for (std::size_t i = 0; i < apart.x.columns(); ++i) apart.x.at(4, i) = 0;  // ties
          ConvolutionShape shape = apart.shape;
          shape.relu = true;
          shape.pool = pool;
          const std::size_t images = apart.x.rows();
          PaddedMatrix pooled(images, shape.result().size()), delta(images, pooled.columns());
          fill_normal(delta, 1, 5);
          apart.compute();
          const PoolingShape pooling{apart.shape.output(), pool, pool};
          activation_forward(Activation::kRelu, apart.y.view(), apart.y.view());
          max_pool_forward(pooling, apart.y.view(), pooled.view());
          max_pool_backward(pooling, apart.y.view(), pooled.view(), delta.view(),
                            apart.delta.view());
          activation_backward(Activation::kRelu, apart.y.view(), apart.y.view(), apart.delta.view(),
                              apart.delta.view());
          convolution_backward(apart.shape, {apart.delta.view(), {}, {}}, apart.weights.view(),
                               apart.delta_x.view());
          convolution_gradient(apart.shape, apart.x.view(), {apart.delta.view(), {}, {}}, 0, 0,
                               apart.gradient.view());

          const std::size_t row = PoolChoice::row_size(shape);
          std::vector<std::uint8_t> bytes(images * row);
          const PoolChoice choice{pool > 1 ? bytes.data() : nullptr, row};
          PaddedMatrix results(images, pooled.columns()), unasked(images, pooled.columns());
          PaddedMatrix delta_x(images, apart.x.columns());
          PaddedMatrix gradient(shape.patch() + 1, outputs);
          convolution_forward(shape, apart.x.view().row_range(0, 4), apart.weights.view(),
                              apart.bias.data(), results.view().row_range(0, 4), choice);
          convolution_forward(shape, apart.x.view().row_range(4, images), apart.weights.view(),
                              apart.bias.data(), results.view().row_range(4, images),
                              choice.from_row(4));
          convolution_forward(shape, apart.x.view(), apart.weights.view(), apart.bias.data(),
                              unasked.view());
          const ConvolutionDelta of_results{delta.view(), results.view(), choice};
          convolution_backward(shape, of_results, apart.weights.view(), delta_x.view());
          for (std::size_t first = 0; first < outputs; first += kFloatsPerLine) {
            const std::size_t last = std::min<std::size_t>(first + kFloatsPerLine, outputs);
            for (std::size_t begin = 0; begin <= shape.patch(); begin += 50) {
              const std::size_t end = std::min(begin + 50, shape.patch() + 1);
              convolution_gradient(shape, apart.x.view(), of_results, begin, first,
                                   gradient.view().row_range(begin, end).column_range(first, last));
            }
          }
          CHECK(same(results, pooled));
          CHECK(same(unasked, pooled));
          CHECK(same(delta_x, apart.delta_x));
          CHECK(same(gradient, apart.gradient));
          for (PaddedMatrix* m : {&results, &delta_x, &gradient}) CHECK(m->padding_intact());
        }
      }
    }
  });
}

TEST_CASE("kernels: a convolution of no images writes nothing but zeros to its gradient") {
  for_each_target([](const Target&) {
    Batch batch({{2, 4, 4}, 3, 3, 1, 0}, 0);
    fill_normal(batch.gradient);
    batch.compute();
    for (std::size_t i = 0; i < batch.gradient.rows(); ++i) CHECK(batch.gradient.at(i, 0) == 0);
  });
}

}  // namespace
}  // namespace mnist::kernels
