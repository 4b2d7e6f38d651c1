// Distorts training images a little differently in every epoch, so that a network sees more
// handwriting than there is: Simard, Steinkraus and Platt, "Best practices for convolutional neural
// networks applied to visual document analysis", ICDAR 2003.
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

/// Each amount is the largest that is drawn, uniformly and to either side.
struct AugmentSettings {
  AugmentKind kind = AugmentKind::kNone;
  float rotate = 15;         // degrees
  float scale = 0.15F;       // each axis by 1 ± scale
  float shear = 0.15F;       // horizontal pixels per vertical pixel
  float shift = 1.5F;        // pixels along each axis
  float elastic_alpha = 36;  // noise in [-1, 1), smoothed, times alpha: a displacement in pixels
  float elastic_sigma = 5;   // of the Gaussian that smooths it, pixels
  float anneal = 0;          // the part of training, at its end, in which distortion weakens
  /// Labels are the digits: 1 and 7, which differ by their slant, are rotated half as far.
  bool digit_rules = false;
};

/// The strength of distortion once the part `progress`, from 0 to 1, of training is done: 1, and
/// falling linearly to 0.7 over the last part `anneal`.
float augment_strength(const AugmentSettings& settings, double progress);

class Augmenter {
 public:
  /// Throws Error(kUsage) where a setting is out of range, or where `shape` is no image's and one
  /// is to be distorted.
  Augmenter(const AugmentSettings& settings, const Shape& shape, std::uint64_t seed);

  /// Draws the epoch's displacement fields (about a millisecond). Not while distort() runs.
  void begin_epoch(std::uint64_t epoch);

  /// Writes a distorted copy of an image to `out`, not the same, all channels alike. It depends on
  /// the seed, the epoch (the one begun last, below 2^32), the image's row in its data set and the
  /// arguments alone; any number of threads may call this at once. `strength` scales every amount;
  /// at 0 the image stays as it is. An image that would leave its frame is moved back inside where
  /// the opposite edge leaves room. `label` matters to the digit rules only; -1: unknown.
  void distort(const std::uint8_t* image, std::uint64_t epoch, std::uint32_t row, int label,
               float strength, std::uint8_t* out) const;

 private:
  AugmentSettings settings_;
  Shape shape_;
  std::uint64_t seed_;
  std::optional<std::uint64_t> epoch_;
  // Two fields, or none, serve all images of an epoch: each sees them through a window of its own,
  // with signs of its own and in the order it draws.
  std::vector<kernels::ToroidalField> fields_;
};

/// For the images of `data`, with digit rules where these have MNIST's form.
Augmenter augmenter_for(const Dataset& data, AugmentSettings settings, std::uint64_t seed);

}  // namespace mnist
