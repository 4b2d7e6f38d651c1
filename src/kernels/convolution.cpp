#include "kernels/convolution.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/aligned_vector.h"
#include "kernels/channel_sums.h"
#include "kernels/fixed_vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/convolution.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/convolution_frame-inl.h"
#include "kernels/convolution_sparse-inl.h"
#include "kernels/convolution_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

// Rows of deltas with this many floats together stay in the L1 cache.
constexpr std::size_t kDeltaFloats = 4096;

std::size_t whole_vectors(std::size_t channels) {
  return (channels + kLanes - 1) / kLanes * kLanes;
}

// Calls run(begin, vectors, width) for groups of one or two vectors of channels. The last vector of
// a group holds `width` channels.
template <class Run>
void for_each_group(std::size_t channels, const Run& run) {
  for (std::size_t begin = 0; begin < channels; begin += kTileVectors * kLanes) {
    const std::size_t in_group = std::min(channels - begin, kTileVectors * kLanes);
    const std::size_t vectors = in_group > kLanes ? 2 : 1;
    run(begin, vectors, in_group - (vectors - 1) * kLanes);
  }
}

void run_row(const PlaceRow& row, std::size_t vectors, std::size_t places) {
  vectors == 1 ? run_places<1>(row, places) : run_places<2>(row, places);
}

// Packs the weights of the channels from `begin` on: for each row, whole vectors, padded with
// zeros.
void pack_columns(ConstMatrix weights, std::size_t begin, std::size_t vectors, float* packed) {
  const std::size_t width = vectors * kLanes;
  const std::size_t columns = std::min(width, weights.columns - begin);
  for (std::size_t r = 0; r < weights.rows; ++r, packed += width) {
    std::copy_n(weights.row(r) + begin, columns, packed);
    std::fill(packed + columns, packed + width, 0.0F);
  }
}

// Max pooling of one row of windows: the largest output of each window, and which one it was. The
// outputs are whole vectors of channels. kSide is the side of a window; 0 means shape.pool.
template <std::size_t kSide>
void pool_rows(const ConvolutionShape& shape, const float* rows, std::size_t vectors,
               std::size_t width, float* results, std::uint8_t* choice) {
  const Floats d;
  const hn::RebindToSigned<Floats> di;
  const hn::Rebind<std::uint8_t, Floats> bytes;
  const std::size_t side = kSide == 0 ? shape.pool : kSide;
  const Shape result = shape.result();
  const std::size_t pixel = vectors * kLanes;
  const std::size_t row_step = result.width * side * pixel;
  for (std::size_t x = 0; x < result.width; ++x) {
    for (std::size_t v = 0; v < vectors; ++v) {
      const float* window = rows + x * side * pixel + v * kLanes;
      Vector largest = hn::LoadU(d, window);
      auto taken = hn::Zero(di);
      for (std::size_t k = 1; k < side * side; ++k) {
        const Vector value = hn::LoadU(d, window + k / side * row_step + k % side * pixel);
        const auto larger = hn::Or(hn::Gt(value, largest), hn::IsNaN(value));
        largest = hn::IfThenElse(larger, value, largest);
        taken = hn::IfThenElse(hn::RebindMask(di, larger),
                               hn::Set(di, static_cast<std::int32_t>(k)), taken);
      }
      store_channels(largest, v + 1 == vectors ? width : kLanes,
                     results + x * result.channels + v * kLanes);
      if (choice == nullptr) continue;
      const auto passes = hn::RebindMask(di, hn::Gt(largest, hn::Zero(d)));
      hn::StoreU(hn::DemoteTo(bytes, hn::IfThenElse(passes, taken, hn::Set(di, PoolChoice::kNone))),
                 bytes, choice + x * padded_stride(result.channels) + v * kLanes);
    }
  }
}

void forward(const ConvolutionShape& shape, ConstMatrix images, ConstMatrix weights,
             const float* bias, Matrix results, const PoolChoice& choice) {
  const Shape output = shape.output();
  const Shape result = shape.result();
  const std::size_t pad = shape.padding;
  const FramedImages framed(shape.input, {pad, pad, pad, pad}, Scratch::kImage);
  const std::size_t depth = shape.kernel * shape.input.channels;
  const std::size_t padded = whole_vectors(shape.channels);
  float* packed = scratch(Scratch::kWeights, shape.patch() * padded);
  float* start = scratch(Scratch::kStart, padded);
  std::fill_n(start, padded, 0.0F);
  if (bias != nullptr) std::copy_n(bias, shape.channels, start);
  for_each_group(shape.channels, [&](std::size_t begin, std::size_t vectors, std::size_t) {
    pack_columns(weights, begin, vectors, packed + begin * shape.patch());
  });
  const bool pools = shape.pool > 1;
  const std::size_t places = pools ? result.width * shape.pool : output.width;
  float* rows = scratch(Scratch::kRows, pools ? shape.pool * places * kTileVectors * kLanes : 0);
  std::vector<Segment> segments(shape.kernel);
  for (std::size_t i = 0; i < images.rows; ++i) {
    const float* image = framed.place(images.row(i));
    for_each_group(shape.channels, [&](std::size_t begin, std::size_t vectors, std::size_t width) {
      for (std::size_t ky = 0; ky < shape.kernel; ++ky) {
        segments[ky] = {static_cast<std::ptrdiff_t>(ky * framed.row_step()),
                        static_cast<std::ptrdiff_t>(ky * depth * vectors * kLanes)};
      }
      PlaceRow row{
          .input = image,
          .input_step = shape.stride * shape.input.channels,
          .segments = segments.data(),
          .segment_count = segments.size(),
          .depth = depth,
          .weights = packed + begin * shape.patch(),
          .start = start + begin,
          .output = nullptr,
          .output_step = pools ? vectors * kLanes : result.channels,
          .last_width = pools ? kLanes : width,
          .floor = shape.relu ? 0.0F : -std::numeric_limits<float>::infinity(),
      };
      for (std::size_t y = 0; y < result.height; ++y) {
        float* to = results.row(i) + y * result.width * result.channels + begin;
        for (std::size_t of_window = 0; of_window < shape.pool; ++of_window) {
          row.output = pools ? rows + of_window * places * row.output_step : to;
          run_row(row, vectors, places);
          row.input += shape.stride * framed.row_step();
        }
        if (!pools) continue;
        std::uint8_t* taken = choice.from_row(i).data;
        if (taken != nullptr) taken += y * result.width * padded_stride(result.channels) + begin;
        const auto pool = shape.pool == 2 ? pool_rows<2> : pool_rows<0>;
        pool(shape, rows, vectors, width, to, taken);
      }
    });
  }
}

// The deltas of the outputs, one image at a time.
class OutputDeltas {
 public:
  // Each row gets `left` and `right` pixels of zeros around it. A pixel has `pixel` floats: either
  // the channels or whole vectors of them.
  OutputDeltas(const ConvolutionShape& shape, const ConvolutionDelta& delta,
               const Channels& channels, std::size_t left, std::size_t right, std::size_t pixel)
      : shape_(shape),
        delta_(delta),
        channels_(channels),
        left_(left),
        pixel_(pixel),
        row_step_((left + shape.output().width + right) * pixel) {
    if (left + right == 0 && pixel == channels.count && !shape.relu) return;
    const std::size_t size = shape.output().height * row_step_;
    placed_ = scratch(Scratch::kDelta, size);
    std::fill_n(placed_, size, 0.0F);
  }

  std::size_t row_step() const { return row_step_; }

  const float* place(std::size_t i) const {
    if (placed_ == nullptr) return delta_.delta.row(i);
    if (shape_.pool == 2) {
      unpool<2>(i);
    } else if (shape_.pool > 1) {
      unpool<0>(i);
    } else {
      copy(i);
    }
    return placed_;
  }

 private:
  // Calls visit(lanes, c) for each vector of a pixel's channels.
  template <class Visit>
  void for_each_channel(const Visit& visit) const {
    for_each_vector(Floats(), channels_.end - channels_.begin, visit);
  }

  template <class Lanes>
  void store(const Lanes& lanes, Vector v, float* to) const {
    pixel_ == channels_.count ? lanes.store(v, to) : hn::StoreU(v, Floats(), to);
  }

  void copy(std::size_t i) const {
    const Shape output = shape_.output();
    const float* from = delta_.delta.row(i) + channels_.begin;
    const float* result = shape_.relu ? delta_.results.row(i) + channels_.begin : from;
    const Vector floor =
        hn::Set(Floats(), shape_.relu ? 0.0F : -std::numeric_limits<float>::infinity());
    for (std::size_t y = 0; y < output.height; ++y) {
      float* to = placed_ + y * row_step_ + left_ * pixel_;
      for (std::size_t x = 0; x < output.width; ++x, to += pixel_) {
        for_each_channel([&](auto lanes, std::size_t c) HWY_ATTR {
          const auto passes = hn::Gt(lanes.load(result + c), floor);
          store(lanes, hn::IfThenElseZero(passes, lanes.load(from + c)), to + c);
        });
        from += output.channels;
        result += output.channels;
      }
    }
  }

  // kSide is the side of a window; 0 means shape.pool.
  template <std::size_t kSide>
  void unpool(std::size_t i) const {
    const hn::RebindToSigned<Floats> di;
    const hn::Rebind<std::uint8_t, Floats> bytes;
    const std::size_t side = kSide == 0 ? shape_.pool : kSide;
    const Shape result = shape_.result();
    const float* from = delta_.delta.row(i) + channels_.begin;
    const std::uint8_t* choice = delta_.choice.from_row(i).data + channels_.begin;
    for (std::size_t y = 0; y < result.height; ++y) {
      float* window = placed_ + y * side * row_step_ + left_ * pixel_;
      for (std::size_t x = 0; x < result.width; ++x, window += side * pixel_) {
        for_each_channel([&](auto lanes, std::size_t c) HWY_ATTR {
          const auto taken = hn::PromoteTo(di, hn::LoadU(bytes, choice + c));
          const Vector delta = lanes.load(from + c);
          for (std::size_t k = 0; k < side * side; ++k) {
            const auto hit = hn::Eq(taken, hn::Set(di, static_cast<std::int32_t>(k)));
            store(lanes, hn::IfThenElseZero(hn::RebindMask(Floats(), hit), delta),
                  window + k / side * row_step_ + k % side * pixel_ + c);
          }
        });
        from += result.channels;
        choice += padded_stride(result.channels);
      }
    }
  }

  const ConvolutionShape& shape_;
  const ConvolutionDelta& delta_;
  Channels channels_;
  std::size_t left_;
  std::size_t pixel_;
  std::size_t row_step_;
  float* placed_ = nullptr;
};

// Adds each place to `sums`. A place is `channels` floats, whole vectors.
void add_places(const float* places, std::size_t count, std::size_t channels, float* sums) {
  const Floats d;
  for (std::size_t c = 0; c < channels; c += kLanes) {
    Vector sum = hn::LoadU(d, sums + c);
    for (std::size_t p = 0; p < count; ++p) {
      sum = hn::Add(sum, hn::LoadU(d, places + p * channels + c));
    }
    hn::StoreU(sum, d, sums + c);
  }
}

// An input column x receives deltas through the kernel columns kx with kx = x + padding modulo the
// stride, from the output columns (x + padding - kx) / stride. The same holds for rows. So the
// columns and rows with the same remainder form a convolution with stride 1.
void backward(const ConvolutionShape& shape, const ConvolutionDelta& delta, ConstMatrix weights,
              Matrix input_delta) {
  if (shape.stride == 1 && sparse_pays(shape)) {
    return sparse_backward(shape, delta, weights, input_delta);
  }
  const Shape& input = shape.input;
  const Shape output = shape.output();
  const std::size_t kernel = shape.kernel;
  const std::size_t stride = shape.stride;
  const std::size_t pad = shape.padding;
  // Zero columns left and right of the output, as far as kernels reach. Rows outside are skipped
  // instead.
  const std::size_t left = kernel - 1 > pad ? (kernel - 1 - pad + stride - 1) / stride : 0;
  const std::size_t last = (input.width - 1 + pad) / stride;
  const std::size_t right = last >= output.width ? last - output.width + 1 : 0;
  const OutputDeltas deltas(shape, delta, {output.channels, 0, output.channels}, left, right,
                            output.channels);

  // For each kernel position, a row for each output channel, of whole vectors of input channels.
  const std::size_t block = output.channels * whole_vectors(input.channels);
  float* packed = scratch(Scratch::kWeights, kernel * kernel * block);
  for_each_group(input.channels, [&](std::size_t begin, std::size_t vectors, std::size_t width) {
    const std::size_t channels = (vectors - 1) * kLanes + width;
    float* to = packed + kernel * kernel * output.channels * begin;
    for (std::size_t k = 0; k < kernel * kernel; ++k) {
      for (std::size_t o = 0; o < output.channels; ++o, to += vectors * kLanes) {
        std::fill_n(to, vectors * kLanes, 0.0F);
        for (std::size_t c = 0; c < channels; ++c) {
          to[c] = weights.row(k * input.channels + begin + c)[o];
        }
      }
    }
  });

  std::vector<Segment> segments;
  for (std::size_t i = 0; i < input_delta.rows; ++i) {
    const float* of_outputs = deltas.place(i);
    for_each_group(input.channels, [&](std::size_t begin, std::size_t vectors, std::size_t width) {
      for (std::size_t y = 0; y < input.height; ++y) {
        for (std::size_t x = 0; x < std::min(stride, input.width); ++x) {
          segments.clear();
          for (std::size_t ky = (y + pad) % stride; ky < kernel && ky <= y + pad; ky += stride) {
            const std::size_t row = (y + pad - ky) / stride;
            if (row >= output.height) continue;
            for (std::size_t kx = (x + pad) % stride; kx < kernel; kx += stride) {
              // x + pad - kx is a multiple of the stride; it can be negative.
              const std::ptrdiff_t column =
                  (static_cast<std::ptrdiff_t>(x + pad) - static_cast<std::ptrdiff_t>(kx)) /
                  static_cast<std::ptrdiff_t>(stride);
              segments.push_back({static_cast<std::ptrdiff_t>(row * deltas.row_step()) +
                                      (column + static_cast<std::ptrdiff_t>(left)) *
                                          static_cast<std::ptrdiff_t>(output.channels),
                                  static_cast<std::ptrdiff_t>((ky * kernel + kx) * output.channels *
                                                              vectors * kLanes)});
            }
          }
          run_row({.input = of_outputs,
                   .input_step = output.channels,
                   .segments = segments.data(),
                   .segment_count = segments.size(),
                   .depth = output.channels,
                   .weights = packed + kernel * kernel * output.channels * begin,
                   .start = nullptr,
                   .output = input_delta.row(i) + (y * input.width + x) * input.channels + begin,
                   .output_step = stride * input.channels,
                   .last_width = width,
                   .floor = -std::numeric_limits<float>::infinity()},
                  vectors, (input.width - x + stride - 1) / stride);
        }
      }
    });
  }
}

void gradient(const ConvolutionShape& shape, ConstMatrix images, const ConvolutionDelta& delta,
              std::size_t patch_begin, std::size_t channel_begin, Matrix gradient) {
  if (sparse_pays(shape)) {
    return sparse_gradient(shape, images, delta, patch_begin, channel_begin, gradient);
  }
  const Shape output = shape.output();
  const std::size_t pad = shape.padding;
  const FramedImages framed(shape.input, {pad, pad, pad, pad}, Scratch::kImage);
  const std::size_t padded = whole_vectors(gradient.columns);
  const OutputDeltas deltas(shape, delta,
                            {shape.channels, channel_begin, channel_begin + gradient.columns}, 0, 0,
                            padded);
  const std::size_t row_floats = output.width * padded;
  const std::size_t rows_together = std::max<std::size_t>(1, kDeltaFloats / row_floats);
  const std::size_t depth = shape.kernel * shape.input.channels;
  std::vector<std::ptrdiff_t> offsets(std::min(gradient.rows, shape.patch() - patch_begin));
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const std::size_t of_patch = patch_begin + i;
    offsets[i] =
        static_cast<std::ptrdiff_t>(of_patch / depth * framed.row_step() + of_patch % depth);
  }
  const bool with_bias = gradient.rows > offsets.size();
  float* sums = scratch(Scratch::kBlock, gradient.rows * padded);
  for (std::size_t r = 0; r < gradient.rows; ++r) {
    std::fill_n(gradient.row(r), gradient.columns, 0.0F);
  }
  for (std::size_t first = 0; first < images.rows; first += kImagesPerBlock) {
    std::fill_n(sums, gradient.rows * padded, 0.0F);
    for (std::size_t i = first; i < std::min(first + kImagesPerBlock, images.rows); ++i) {
      const float* image = framed.place(images.row(i));
      const float* of_outputs = deltas.place(i);
      for (std::size_t y = 0; y < output.height; y += rows_together) {
        const std::size_t rows = std::min(rows_together, output.height - y);
        for_each_group(padded, [&](std::size_t begin, std::size_t vectors, std::size_t) {
          const GradientTile tile{
              .input = image + y * shape.stride * framed.row_step(),
              .input_step = shape.stride * shape.input.channels,
              .input_row_step = shape.stride * framed.row_step(),
              .offsets = offsets.data(),
              .delta = of_outputs + y * row_floats + begin,
              .delta_step = padded,
              .delta_row_step = row_floats,
              .rows = rows,
              .columns = output.width,
              .sums = sums + begin,
              .sums_step = padded,
          };
          vectors == 1 ? run_gradient<1>(tile, offsets.size())
                       : run_gradient<2>(tile, offsets.size());
        });
        if (with_bias) {
          add_places(of_outputs + y * row_floats, rows * output.width, padded,
                     sums + offsets.size() * padded);
        }
      }
    }
    for (std::size_t r = 0; r < gradient.rows; ++r) {
      add_block(sums + r * padded, first == 0, gradient.columns, gradient.row(r));
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(forward);
HWY_EXPORT(backward);
HWY_EXPORT(gradient);

void convolution_forward(const ConvolutionShape& shape, ConstMatrix images, ConstMatrix weights,
                         const float* bias, Matrix results, const PoolChoice& choice) {
  HWY_DASSERT(images.columns == shape.input.size());
  HWY_DASSERT(has_shape(weights, shape.patch(), shape.channels));
  HWY_DASSERT(has_shape(results, images.rows, shape.result().size()));
  HWY_DYNAMIC_DISPATCH(forward)(shape, images, weights, bias, results, choice);
}

void convolution_backward(const ConvolutionShape& shape, const ConvolutionDelta& delta,
                          ConstMatrix weights, Matrix input_delta) {
  HWY_DASSERT(delta.delta.columns == shape.result().size());
  HWY_DASSERT(has_shape(weights, shape.patch(), shape.channels));
  HWY_DASSERT(has_shape(input_delta, delta.delta.rows, shape.input.size()));
  HWY_DYNAMIC_DISPATCH(backward)(shape, delta, weights, input_delta);
}

void convolution_gradient(const ConvolutionShape& shape, ConstMatrix images,
                          const ConvolutionDelta& delta, std::size_t patch_begin,
                          std::size_t channel_begin, Matrix gradient) {
  HWY_DASSERT(images.columns == shape.input.size());
  HWY_DASSERT(has_shape(delta.delta, images.rows, shape.result().size()));
  HWY_DASSERT(patch_begin + gradient.rows <= shape.patch() + 1);  // the last row is the bias
  HWY_DASSERT(channel_begin % kFloatsPerLine == 0);
  HWY_DASSERT(channel_begin + gradient.columns <= shape.channels);
  if (gradient.empty()) return;
  HWY_DYNAMIC_DISPATCH(gradient)(shape, images, delta, patch_begin, channel_begin, gradient);
}

}  // namespace mnist::kernels
#endif
