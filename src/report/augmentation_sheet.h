// A sheet that shows the effect of augmentation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/augmentation.h"
#include "data/dataset.h"

namespace mnist {

constexpr std::size_t kSheetColumns = 10;

/// The first image of each of up to twenty classes (of unlabelled data, the first ten images). Each
/// is followed by its distorted forms in epochs 1 to 9 of a training with this seed, at full
/// strength: [images × kSheetColumns × features]. Throws the Error(kUsage) of Augmenter.
std::vector<std::uint8_t> augmentation_samples(const Dataset& data, const AugmentSettings& settings,
                                               std::uint64_t seed);

/// Writes the same as a PNG file, one row per image. Throws Error(kFailure) naming the path.
void draw_augmentation(const std::filesystem::path& path, const Dataset& data,
                       const AugmentSettings& settings, std::uint64_t seed);

}  // namespace mnist
