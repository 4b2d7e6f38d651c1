// From the values in data to those that a network computes with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace mnist {

enum class ScaleKind {
  kAuto,       // found out from the training data; no scale of a network
  kNone,       // x
  kDivide,     // x / divisor
  kStandard,   // (x - mean) / deviation, each feature by its own
  kNormalize,  // (x / divisor - mean) / deviation, as torchvision's Normalize behind ToTensor
};

struct InputScale {
  ScaleKind kind = ScaleKind::kDivide;
  float divisor = 255;
  std::vector<float> mean;       // [1], or [features] of kStandard
  std::vector<float> deviation;  // the same, none of them 0

  /// Whether bytes are the network's input as they are, see kernels::scale_pixels.
  bool takes_bytes() const { return kind == ScaleKind::kDivide && divisor == 255; }

  friend bool operator==(const InputScale&, const InputScale&) = default;
};

/// "auto", "none", "divide:X", "standard" or "normalize:MEAN,STD"; the same text again where what
/// is found from data is left out. Throws Error(kUsage) for any other text.
InputScale parse_scale(std::string_view text);
std::string to_string(const InputScale& scale);

/// The scale that is asked for, with what it takes from the training data. Auto divides integers up
/// to 255 by 255, or by the largest of them where it is below 64; leaves what lies within 0 .. 1 as
/// it is; and standardises all else.
InputScale scale_for(const InputScale& asked, const Dataset& training);

/// Makes values what the network computes with; bytes stay where scale.takes_bytes().
void apply_scale(Dataset& data, const InputScale& scale);

}  // namespace mnist
