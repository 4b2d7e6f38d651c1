#include "kernels/channel_sums.h"

#include <algorithm>

#include "kernels/convolution.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/channel_sums.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

constexpr hn::ScalableTag<float> kTag;

// sums = Σ x. term(lanes, image, index in the row, channel, sum so far) returns the sum with x
// added.
template <class Term>
void sum(ConstMatrix images, const Channels& channels, float* sums, const Term& term) {
  for_each_vector(kTag, channels.end - channels.begin, [&](auto lanes, std::size_t c) HWY_ATTR {
    auto total = hn::Zero(kTag);
    for (std::size_t first = 0; first < images.rows; first += kImagesPerBlock) {
      auto block = hn::Zero(kTag);
      for (std::size_t r = first; r < std::min(first + kImagesPerBlock, images.rows); ++r) {
        for (std::size_t i = channels.begin + c; i < images.columns; i += channels.count) {
          block = term(lanes, r, i, c, block);
        }
      }
      total = hn::Add(total, block);
    }
    lanes.store(total, sums + c);
  });
}

void plain(ConstMatrix images, const Channels& channels, float* sums) {
  sum(images, channels, sums,
      [&](auto lanes, std::size_t r, std::size_t i, std::size_t, auto so_far)
          HWY_ATTR { return hn::Add(so_far, lanes.load(images.row(r) + i)); });
}

void squares(ConstMatrix images, const Channels& channels, const float* mean, float* sums) {
  sum(images, channels, sums,
      [&](auto lanes, std::size_t r, std::size_t i, std::size_t c, auto so_far) HWY_ATTR {
        const auto centred = hn::Sub(lanes.load(images.row(r) + i), lanes.load(mean + c));
        return hn::MulAdd(centred, centred, so_far);
      });
}

void products(ConstMatrix images, const Channels& channels, const float* mean, ConstMatrix delta,
              float* sums) {
  sum(images, channels, sums,
      [&](auto lanes, std::size_t r, std::size_t i, std::size_t c, auto so_far) HWY_ATTR {
        const auto centred = hn::Sub(lanes.load(images.row(r) + i), lanes.load(mean + c));
        return hn::MulAdd(centred, lanes.load(delta.row(r) + i), so_far);
      });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(plain);
HWY_EXPORT(squares);
HWY_EXPORT(products);

namespace {
void check([[maybe_unused]] ConstMatrix images, [[maybe_unused]] const Channels& channels) {
  HWY_DASSERT(channels.begin <= channels.end && channels.end <= channels.count);
  HWY_DASSERT(images.columns % channels.count == 0);
}
}  // namespace

void channel_sums(ConstMatrix images, const Channels& channels, float* sums) {
  check(images, channels);
  HWY_DYNAMIC_DISPATCH(plain)(images, channels, sums);
}

void channel_square_sums(ConstMatrix images, const Channels& channels, const float* mean,
                         float* sums) {
  check(images, channels);
  HWY_DYNAMIC_DISPATCH(squares)(images, channels, mean, sums);
}

void channel_product_sums(ConstMatrix images, const Channels& channels, const float* mean,
                          ConstMatrix delta, float* sums) {
  check(images, channels);
  HWY_DASSERT(same_shape(images, delta));
  HWY_DYNAMIC_DISPATCH(products)(images, channels, mean, delta, sums);
}

}  // namespace mnist::kernels
#endif
