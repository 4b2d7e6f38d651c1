// The instruction set that the kernels use.
#pragma once

namespace mnist::kernels {

/// Highway's name of the best instruction set of this processor, e.g. "AVX2".
const char* instruction_set();

}  // namespace mnist::kernels
