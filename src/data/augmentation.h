// Distorts training images differently in every epoch, so that a network sees more handwriting than
// the data hold: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks
// applied to visual document analysis", ICDAR 2003.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "data/dataset.h"
#include "kernels/warp.h"

namespace mnist {

enum class AugmentKind {
  kNone,
  kAffine,   // rotation, scale, shear, shift
  kElastic,  // smooth random displacements
  kFull,     // both
};

/// Each amount is a maximum: values are drawn uniformly from [-amount, amount).
struct AugmentSettings {
  AugmentKind kind = AugmentKind::kNone;
  float rotate = 15;         // degrees
  float scale = 0.15F;       // each axis by 1 ± scale
  float shear = 0.15F;       // horizontal pixels per vertical pixel
  float shift = 1.5F;        // pixels along each axis
  float elastic_alpha = 36;  // noise in [-1, 1) is smoothed, then times alpha: pixels
  float elastic_sigma = 5;   // of the Gaussian that smooths the noise, pixels
  float anneal = 0;          // fraction of training, at its end, in which the distortion weakens
  /// The labels are digits. Rotates 1 and 7 half as far, because their slant distinguishes them.
  bool digit_rules = false;
};

/// The strength of the distortion when the fraction `progress` (0 to 1) of training is done. It is
/// 1, and falls linearly to 0.7 over the last fraction `anneal`.
float augment_strength(const AugmentSettings& settings, double progress);

class Augmenter {
 public:
  /// Throws Error(kUsage) if a setting is out of range, or if there is a distortion and `shape` is
  /// not that of an image.
  Augmenter(const AugmentSettings& settings, const Shape& shape, std::uint64_t seed);

  /// Draws the epoch's displacement fields (about a millisecond). Not thread-safe with distort().
  void begin_epoch(std::uint64_t epoch);

  /// Writes a distorted copy of `image` to `out`, a different buffer; all channels get the same
  /// distortion. The result depends only on the seed, the epoch (that of the last begin_epoch(),
  /// below 2^32), the image's row in its data set and the arguments. Thread-safe. `strength` scales
  /// every amount; 0 leaves the image unchanged. An image that would leave its frame is moved back
  /// inside if the opposite edge has room. `label` only matters for digit_rules; -1 if unknown.
  void distort(const std::uint8_t* image, std::uint64_t epoch, std::uint32_t row, int label,
               float strength, std::uint8_t* out) const;

 private:
  AugmentSettings settings_;
  Shape shape_;
  std::uint64_t seed_;
  std::optional<std::uint64_t> epoch_;
  // Two fields, or none, serve all images of an epoch. Each image draws its own window, signs and
  // order of the two.
  std::vector<kernels::ToroidalField> fields_;
};

/// An Augmenter for the images of `data`, with digit rules if these have MNIST's shape and classes.
Augmenter augmenter_for(const Dataset& data, AugmentSettings settings, std::uint64_t seed);

}  // namespace mnist
