// A look at what augmentation makes of images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/augmentation.h"
#include "data/dataset.h"

namespace mnist {

constexpr std::size_t kSheetColumns = 10;

/// The first image of each class, of up to twenty, or the first ten of unlabelled data; each
/// followed by what training on this data and with this seed makes of it at full strength in its
/// epochs 1 to 9: [images × kSheetColumns × features]. Throws Error(kUsage) as Augmenter does.
std::vector<std::uint8_t> augmentation_samples(const Dataset& data, const AugmentSettings& settings,
                                               std::uint64_t seed);

/// The same as a PNG file, a row an image. Throws Error(kFailure) naming the path.
void draw_augmentation(const std::filesystem::path& path, const Dataset& data,
                       const AugmentSettings& settings, std::uint64_t seed);

}  // namespace mnist
