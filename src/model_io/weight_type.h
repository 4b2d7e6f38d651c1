// The number format of weights in an exported file.
#pragma once

namespace mnist {

enum class WeightType { kFloat32, kFloat16, kInt8 };

}  // namespace mnist
