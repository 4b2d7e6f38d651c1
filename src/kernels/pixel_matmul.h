// The matrix products of a first layer, whose input is pixels. A pixel stands for the number that
// scale_pixels makes of it, and sums run in the order of matmul: both give the same bits.
//
// All matrices here have rows padded to padded_stride(columns) floats; the padding of operands is
// zero, and that of results is set to zero.
#pragma once

#include "kernels/matrix.h"
#include "kernels/pixel_batch.h"

namespace mnist::kernels {

/// Rows [row_begin, row_begin + z.rows) of the batch, their features from feature_begin on, a
/// multiple of PixelBatch::kGroup, times weights [features × columns], plus bias [columns]
/// (nullptr: none), into z.
void pixel_forward(const PixelBatch& batch, std::size_t row_begin, std::size_t feature_begin,
                   ConstMatrix weights, const float* bias, Matrix z);

/// gradient [n × columns] for the features from feature_begin on, a multiple of PixelBatch::kGroup:
/// each feature's pixels of the batch's first delta.rows rows, times delta [rows × columns].
void pixel_gradient(const PixelBatch& batch, std::size_t feature_begin, ConstMatrix delta,
                    Matrix gradient);

/// sum = x + y, of one shape: the last step of products that were summed in two chains.
void add(ConstMatrix x, ConstMatrix y, Matrix sum);

}  // namespace mnist::kernels
