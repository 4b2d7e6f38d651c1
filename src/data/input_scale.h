// Scales the values of data to the network's inputs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace mnist {

enum class ScaleKind {
  kAuto,       // chosen from the training data; a network never stores it
  kNone,       // x
  kDivide,     // x / divisor
  kStandard,   // (x - mean) / deviation, per feature
  kNormalize,  // (x / divisor - mean) / deviation: torchvision's ToTensor, then Normalize
};

struct InputScale {
  ScaleKind kind = ScaleKind::kDivide;
  float divisor = 255;
  std::vector<float> mean;       // [1]; [features] for kStandard
  std::vector<float> deviation;  // same size; never 0

  /// Whether the network's input are bytes, see kernels::scale_pixels.
  bool takes_bytes() const { return kind == ScaleKind::kDivide && divisor == 255; }

  friend bool operator==(const InputScale&, const InputScale&) = default;
};

/// Converts from and to "auto", "none", "divide:X", "standard" or "normalize:MEAN,STD"; the text
/// does not contain what is computed from the data. Throws Error(kUsage) for any other text.
InputScale parse_scale(std::string_view text);
std::string to_string(const InputScale& scale);

/// The requested scale, completed from the training data. Auto divides integers up to 255 by 255,
/// or by the largest of them if that is below 64; keeps values from 0 to 1; standardises all other
/// values.
InputScale scale_for(const InputScale& asked, const Dataset& training);

/// Scales the values in place. If scale.takes_bytes(), bytes stay bytes.
void apply_scale(Dataset& data, const InputScale& scale);

}  // namespace mnist
