// Include this before Highway in kernels that store vectors in arrays or as members. Vectors of SVE
// and RISC-V cannot be stored so, because their size is only known at run time. Such a kernel uses
// NEON instead, which every ARM processor with SVE has.
#pragma once

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS \
  (MNIST_NEEDLESS_TARGETS | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
