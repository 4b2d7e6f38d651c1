// Which instruction set the kernels use.
#pragma once

namespace mnist::kernels {

/// Highway's name of the best one that this processor has, e.g. "AVX2".
const char* instruction_set();

}  // namespace mnist::kernels
