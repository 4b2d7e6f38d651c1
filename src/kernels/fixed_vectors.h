// To be included ahead of Highway by kernels that keep vectors in arrays or as members. Those of
// SVE and RISC-V are no types for that, as their size is known only when the program runs; such a
// kernel falls back to NEON, which every ARM processor with SVE has too.
#pragma once

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS \
  (MNIST_NEEDLESS_TARGETS | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
