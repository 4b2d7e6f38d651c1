#include "kernels/softmax.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

#include "kernels/math-inl.h"
#include "kernels/partial_sums.h"
#include "kernels/vector_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

using D = hn::CappedTag<float, kPartialSums>;
using V = hn::Vec<D>;
constexpr D kTag;

/// Subtracts the row's maximum, so that no exponential overflows and their sum is at least 1.
struct StableForm {
  static constexpr float kAddedToSum = 0;

  static HWY_INLINE V shift(V lane_maxima) { return hn::MaxOfLanes(kTag, lane_maxima); }
  static HWY_INLINE V exponent(V z, V shift) { return hn::Sub(z, shift); }
};

struct ArticleForm {
  static constexpr float kAddedToSum = kArticleAddend;

  static HWY_INLINE V shift(V /*lane_maxima*/) { return hn::Zero(kTag); }
  static HWY_INLINE V exponent(V z, V /*shift*/) {
    const V high = hn::Set(kTag, kArticleBound);
    const V low = hn::Set(kTag, -kArticleBound);
    // By comparison, as Min and Max may lose a NaN.
    return hn::IfThenElse(hn::Gt(z, high), high, hn::IfThenElse(hn::Lt(z, low), low, z));
  }
};

struct RowSum {
  float shift;
  float sum;  // Σ exp(z - shift) + Form::kAddedToSum
};

/// Computes one row of n >= 1 columns. The last vector, whole or partial, stays in a register: with
/// ten classes it is the only one, and loading a partial vector shortly after storing it is slow
/// (no store forwarding).
template <class Form>
HWY_INLINE RowSum softmax_row(const float* z, float* p, std::size_t n) {
  const std::size_t lanes = hn::Lanes(kTag);
  const std::size_t whole = (n - 1) / lanes * lanes;
  const PartialVector<D> last{kTag, n - whole};
  const V last_z = last.load(z + whole);

  V maxima = last.fill_up(last_z, hn::Set(kTag, -std::numeric_limits<float>::infinity()));
  for (std::size_t i = 0; i < whole; i += lanes) {
    maxima = hn::Max(maxima, hn::LoadU(kTag, z + i));
  }
  const V shift = Form::shift(maxima);

  HWY_ALIGN float sums[kPartialSums] = {};
  const auto add = [&](V e, std::size_t i) HWY_ATTR {
    float* some = sums + i % kPartialSums;
    hn::Store(hn::Add(hn::Load(kTag, some), e), kTag, some);
  };
  for (std::size_t i = 0; i < whole; i += lanes) {
    const V e = exp_of(kTag, Form::exponent(hn::LoadU(kTag, z + i), shift));
    hn::StoreU(e, kTag, p + i);
    add(e, i);
  }
  const V last_e = exp_of(kTag, Form::exponent(last_z, shift));
  add(last.fill_up(last_e, hn::Zero(kTag)), whole);
  const V sum = hn::Set(kTag, fold(sums) + Form::kAddedToSum);

  for (std::size_t i = 0; i < whole; i += lanes) {
    hn::StoreU(hn::Div(hn::LoadU(kTag, p + i), sum), kTag, p + i);
  }
  last.store(hn::Div(last_e, sum), p + whole);
  return {hn::GetLane(shift), hn::GetLane(sum)};
}

template <class Form>
void softmax_rows(ConstMatrix z, Matrix p, float* log_sums) {
  if (z.empty()) return;
  // Logarithms are computed for a block of rows at a time, to use full vectors.
  constexpr std::size_t kBlock = 64;
  float shifts[kBlock];
  float sums[kBlock];
  for (std::size_t begin = 0; begin < z.rows; begin += kBlock) {
    const std::size_t rows = std::min(kBlock, z.rows - begin);
    for (std::size_t r = 0; r < rows; ++r) {
      const RowSum row = softmax_row<Form>(z.row(begin + r), p.row(begin + r), z.columns);
      shifts[r] = row.shift;
      sums[r] = row.sum;
    }
    if (log_sums == nullptr) continue;
    for_each_vector(kTag, rows, [&](auto lanes, std::size_t i) HWY_ATTR {
      const V sum = lanes.load(sums + i);
      lanes.store(hn::Add(lanes.load(shifts + i), log_of(kTag, sum)), log_sums + begin + i);
    });
  }
}

void stable(ConstMatrix z, Matrix p, float* log_sums) { softmax_rows<StableForm>(z, p, log_sums); }

void article(ConstMatrix z, Matrix p, float* log_sums) {
  softmax_rows<ArticleForm>(z, p, log_sums);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(stable);
HWY_EXPORT(article);

void softmax(ConstMatrix z, Matrix p, float* log_sums) {
  HWY_DASSERT(same_shape(z, p));
  HWY_DYNAMIC_DISPATCH(stable)(z, p, log_sums);
}

void article_softmax(ConstMatrix z, Matrix p, float* log_sums) {
  HWY_DASSERT(same_shape(z, p));
  HWY_DYNAMIC_DISPATCH(article)(z, p, log_sums);
}

}  // namespace mnist::kernels
#endif
