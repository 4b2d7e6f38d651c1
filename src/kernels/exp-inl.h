// The exponential function as softmax and sigmoid want it.
#if defined(MNIST_KERNELS_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_EXP_INL_H_
#undef MNIST_KERNELS_EXP_INL_H_
#else
#define MNIST_KERNELS_EXP_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// e^x for x <= 88, to 1 ulp. NaN stays NaN, which hn::Exp would turn into 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_or_nan(D d, V x) {
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(d, x));
}

}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#endif
