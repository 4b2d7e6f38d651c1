#include "kernels/column_norm.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/column_norm.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

// Columns per strip; their sums stay in the L1 cache.
constexpr std::size_t kStrip = 256;

constexpr hn::ScalableTag<float> kTag;

void limit_strip(Matrix m, float limit) {
  HWY_ALIGN float factors[kStrip] = {};  // first the sums of squares
  for (std::size_t r = 0; r < m.rows; ++r) {
    const float* row = m.row(r);
    for_each_vector(kTag, m.columns, [&](auto lanes, std::size_t i) HWY_ATTR {
      const auto x = lanes.load(row + i);
      lanes.store(hn::MulAdd(x, x, lanes.load(factors + i)), factors + i);
    });
  }
  bool exceeded = false;
  for_each_vector(kTag, m.columns, [&](auto lanes, std::size_t i) HWY_ATTR {
    const auto one = hn::Set(kTag, 1.0F);
    const auto norm = hn::Sqrt(lanes.load(factors + i));
    const auto too_long = hn::Gt(norm, hn::Set(kTag, limit));
    lanes.store(hn::IfThenElse(too_long, hn::Div(hn::Set(kTag, limit), norm), one), factors + i);
    exceeded = exceeded || !hn::AllFalse(kTag, too_long);
  });
  if (!exceeded) return;
  for (std::size_t r = 0; r < m.rows; ++r) {
    float* row = m.row(r);
    for_each_vector(kTag, m.columns, [&](auto lanes, std::size_t i) HWY_ATTR {
      lanes.store(hn::Mul(lanes.load(row + i), lanes.load(factors + i)), row + i);
    });
  }
}

void limit_columns(Matrix m, float limit) {
  for (std::size_t begin = 0; begin < m.columns; begin += kStrip) {
    limit_strip(m.column_range(begin, std::min(begin + kStrip, m.columns)), limit);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(limit_columns);

void limit_column_norms(Matrix matrix, float limit) {
  HWY_DYNAMIC_DISPATCH(limit_columns)(matrix, limit);
}

}  // namespace mnist::kernels
#endif
