// Sums over the pixels of images for each channel, in one order: blocks of kImagesPerBlock images
// (convolution.h) in order, each a chain over image, row, column. Images are rows of a matrix whose
// pixels hold their channels side by side; all is done for the channels [begin, end) of each pixel,
// whose sums, and means, come one after the other.
#pragma once

#include <cstddef>

#include "kernels/matrix.h"

namespace mnist::kernels {

struct Channels {
  std::size_t count = 0;  // of a pixel
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// sums [end - begin] = Σ x.
void channel_sums(ConstMatrix images, const Channels& channels, float* sums);

/// sums [end - begin] = Σ (x - mean)², with the mean of each channel.
void channel_square_sums(ConstMatrix images, const Channels& channels, const float* mean,
                         float* sums);

/// sums [end - begin] = Σ (x - mean) · delta, with deltas of the images' shape.
void channel_product_sums(ConstMatrix images, const Channels& channels, const float* mean,
                          ConstMatrix delta, float* sums);

}  // namespace mnist::kernels
