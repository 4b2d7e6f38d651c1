#include "kernels/pooling.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pooling.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

constexpr hn::ScalableTag<float> kTag;

// Calls run(input, output) for every window, with the index of its first channel in the image and
// that of its output.
template <class Run>
void for_each_window(const PoolingShape& shape, const Run& run) {
  const Shape output = shape.output();
  const std::size_t channels = output.channels;
  for (std::size_t y = 0; y < output.height; ++y) {
    for (std::size_t x = 0; x < output.width; ++x) {
      run((y * shape.height * shape.input.width + x * shape.width) * channels,
          (y * output.width + x) * channels);
    }
  }
}

void max_forward(const PoolingShape& shape, ConstMatrix images, Matrix outputs) {
  const std::size_t channels = shape.input.channels;
  const std::size_t row_step = shape.input.width * channels;
  for (std::size_t r = 0; r < images.rows; ++r) {
    for_each_window(shape, [&](std::size_t input, std::size_t output) HWY_ATTR {
      const float* window = images.row(r) + input;
      for_each_vector(kTag, channels, [&](auto lanes, std::size_t c) HWY_ATTR {
        auto largest = lanes.load(window + c);
        for (std::size_t y = 0; y < shape.height; ++y) {
          for (std::size_t x = 0; x < shape.width; ++x) {
            const auto value = lanes.load(window + y * row_step + x * channels + c);
            const auto taken = hn::Or(hn::Gt(value, largest), hn::IsNaN(value));
            largest = hn::IfThenElse(taken, value, largest);
          }
        }
        lanes.store(largest, outputs.row(r) + output + c);
      });
    });
  }
}

// Clears the input deltas that belong to no window.
void clear_rest(const PoolingShape& shape, float* delta) {
  const Shape output = shape.output();
  const std::size_t row_floats = shape.input.width * shape.input.channels;
  const std::size_t used = output.width * shape.width * shape.input.channels;
  for (std::size_t y = 0; y < shape.input.height; ++y, delta += row_floats) {
    const bool in_windows = y < output.height * shape.height;
    std::fill(delta + (in_windows ? used : 0), delta + row_floats, 0.0F);
  }
}

void max_backward(const PoolingShape& shape, ConstMatrix images, ConstMatrix outputs,
                  ConstMatrix output_delta, Matrix input_delta) {
  const std::size_t channels = shape.input.channels;
  const std::size_t row_step = shape.input.width * channels;
  for (std::size_t r = 0; r < images.rows; ++r) {
    clear_rest(shape, input_delta.row(r));
    for_each_window(shape, [&](std::size_t input, std::size_t output) HWY_ATTR {
      const float* window = images.row(r) + input;
      float* to = input_delta.row(r) + input;
      for_each_vector(kTag, channels, [&](auto lanes, std::size_t c) HWY_ATTR {
        const auto largest = lanes.load(outputs.row(r) + output + c);
        auto left = lanes.load(output_delta.row(r) + output + c);
        for (std::size_t y = 0; y < shape.height; ++y) {
          for (std::size_t x = 0; x < shape.width; ++x) {
            const std::size_t at = y * row_step + x * channels + c;
            const auto hit = hn::Eq(lanes.load(window + at), largest);
            lanes.store(hn::IfThenElseZero(hit, left), to + at);
            left = hn::IfThenZeroElse(hit, left);
          }
        }
      });
    });
  }
}

void average_forward(const PoolingShape& shape, ConstMatrix images, Matrix outputs) {
  const std::size_t channels = shape.input.channels;
  const std::size_t row_step = shape.input.width * channels;
  const auto count = static_cast<float>(shape.height * shape.width);
  for (std::size_t r = 0; r < images.rows; ++r) {
    for_each_window(shape, [&](std::size_t input, std::size_t output) HWY_ATTR {
      const float* window = images.row(r) + input;
      for_each_vector(kTag, channels, [&](auto lanes, std::size_t c) HWY_ATTR {
        auto sum = hn::Zero(kTag);
        for (std::size_t y = 0; y < shape.height; ++y) {
          for (std::size_t x = 0; x < shape.width; ++x) {
            sum = hn::Add(sum, lanes.load(window + y * row_step + x * channels + c));
          }
        }
        lanes.store(hn::Div(sum, hn::Set(kTag, count)), outputs.row(r) + output + c);
      });
    });
  }
}

void average_backward(const PoolingShape& shape, ConstMatrix output_delta, Matrix input_delta) {
  const std::size_t channels = shape.input.channels;
  const std::size_t row_step = shape.input.width * channels;
  const auto count = static_cast<float>(shape.height * shape.width);
  for (std::size_t r = 0; r < output_delta.rows; ++r) {
    clear_rest(shape, input_delta.row(r));
    for_each_window(shape, [&](std::size_t input, std::size_t output) HWY_ATTR {
      float* to = input_delta.row(r) + input;
      for_each_vector(kTag, channels, [&](auto lanes, std::size_t c) HWY_ATTR {
        const auto share =
            hn::Div(lanes.load(output_delta.row(r) + output + c), hn::Set(kTag, count));
        for (std::size_t y = 0; y < shape.height; ++y) {
          for (std::size_t x = 0; x < shape.width; ++x) {
            lanes.store(share, to + y * row_step + x * channels + c);
          }
        }
      });
    });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(max_forward);
HWY_EXPORT(max_backward);
HWY_EXPORT(average_forward);
HWY_EXPORT(average_backward);

void max_pool_forward(const PoolingShape& shape, ConstMatrix images, Matrix outputs) {
  HWY_DASSERT(images.columns == shape.input.size());
  HWY_DASSERT(has_shape(outputs, images.rows, shape.output().size()));
  HWY_DYNAMIC_DISPATCH(max_forward)(shape, images, outputs);
}

void max_pool_backward(const PoolingShape& shape, ConstMatrix images, ConstMatrix outputs,
                       ConstMatrix output_delta, Matrix input_delta) {
  HWY_DASSERT(images.columns == shape.input.size());
  HWY_DASSERT(has_shape(outputs, images.rows, shape.output().size()));
  HWY_DASSERT(same_shape(outputs, output_delta) && same_shape(images, input_delta));
  HWY_DYNAMIC_DISPATCH(max_backward)(shape, images, outputs, output_delta, input_delta);
}

void average_pool_forward(const PoolingShape& shape, ConstMatrix images, Matrix outputs) {
  HWY_DASSERT(images.columns == shape.input.size());
  HWY_DASSERT(has_shape(outputs, images.rows, shape.output().size()));
  HWY_DYNAMIC_DISPATCH(average_forward)(shape, images, outputs);
}

void average_pool_backward(const PoolingShape& shape, ConstMatrix output_delta,
                           Matrix input_delta) {
  HWY_DASSERT(input_delta.columns == shape.input.size());
  HWY_DASSERT(has_shape(output_delta, input_delta.rows, shape.output().size()));
  HWY_DYNAMIC_DISPATCH(average_backward)(shape, output_delta, input_delta);
}

}  // namespace mnist::kernels
#endif
