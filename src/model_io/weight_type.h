// How an exported file holds the weights.
#pragma once

namespace mnist {

enum class WeightType { kFloat32, kFloat16, kInt8 };

}  // namespace mnist
