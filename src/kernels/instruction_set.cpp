#include "kernels/instruction_set.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/instruction_set.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels {
namespace HWY_NAMESPACE {
namespace {

const char* name() { return hwy::TargetName(HWY_TARGET); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace mnist::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mnist::kernels {

HWY_EXPORT(name);

const char* instruction_set() { return HWY_DYNAMIC_DISPATCH(name)(); }

}  // namespace mnist::kernels
#endif
