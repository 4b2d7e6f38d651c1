// Runs a test once for every instruction set that was compiled and that this processor has.
#pragma once

#include <hwy/targets.h>

#include <cstdint>

#include "catch.h"

namespace mnist::kernels {

struct Target {
  std::int64_t id;  // one of HWY_AVX3, HWY_AVX2, ...
  const char* name;
  bool fused;  // MulAdd rounds once, as std::fma does
};

/// Calls body(const Target&) with every kernel dispatched to that target, best first; the
/// processor's own choice is back afterwards, also when body throws. Not while other threads run
/// kernels.
template <class Body>
void for_each_target(Body body) {
  struct Restore {
    ~Restore() { hwy::GetChosenTarget().Update(hwy::SupportedTargets()); }
  } restore;
#ifdef HWY_SSE2  // a target of later versions of Highway
  constexpr std::int64_t kSse2 = HWY_SSE2;
#else
  constexpr std::int64_t kSse2 = 0;
#endif
  constexpr std::int64_t kUnfused = kSse2 | HWY_SSSE3 | HWY_SSE4 | HWY_EMU128 | HWY_SCALAR;
  for (const std::int64_t id : hwy::SupportedAndGeneratedTargets()) {
    const Target target{id, hwy::TargetName(id), (id & kUnfused) == 0};
    INFO("instruction set " << target.name);
    hwy::GetChosenTarget().Update(id);
    body(target);
  }
}

}  // namespace mnist::kernels
