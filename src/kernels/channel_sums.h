// Sums over the pixels of images for each channel, always in the same order: each block of
// kImagesPerBlock images (convolution.h) is summed over image, row, column; then the sums of the
// blocks are added in order. Images are rows of a matrix, with the channels of a pixel side by
// side. The functions process the channels [begin, end); `sums` and `mean` begin with channel
// `begin`.
#pragma once

#include <cstddef>

#include "kernels/matrix.h"

namespace mnist::kernels {

struct Channels {
  std::size_t count = 0;  // channels of a pixel
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// sums [end - begin] = Σ x.
void channel_sums(ConstMatrix images, const Channels& channels, float* sums);

/// sums [end - begin] = Σ (x - mean)², with the mean of each channel.
void channel_square_sums(ConstMatrix images, const Channels& channels, const float* mean,
                         float* sums);

/// sums [end - begin] = Σ (x - mean) · delta; `delta` has the shape of `images`.
void channel_product_sums(ConstMatrix images, const Channels& channels, const float* mean,
                          ConstMatrix delta, float* sums);

}  // namespace mnist::kernels
