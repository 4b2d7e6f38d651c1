// Matrix products of a first layer that reads pixels. Pixels have the values of scale_pixels, and
// sums the order of matmul, so both products give the same bits.
//
// All matrices here have rows padded to padded_stride(columns) floats; the padding of operands is
// zero, and that of results is set to zero.
#pragma once

#include "kernels/matrix.h"
#include "kernels/pixel_batch.h"

namespace mnist::kernels {

/// z = x · weights + bias. x are the rows [row_begin, row_begin + z.rows) of the batch and its
/// features from feature_begin on, which is a multiple of PixelBatch::kGroup; weights are [features
/// × columns], bias [columns] (nullptr: none).
void pixel_forward(const PixelBatch& batch, std::size_t row_begin, std::size_t feature_begin,
                   ConstMatrix weights, const float* bias, Matrix z);

/// gradient [n × columns] = xᵀ · delta [rows × columns]. x are the batch's first delta.rows rows
/// and its n features from feature_begin on, which is a multiple of PixelBatch::kGroup.
void pixel_gradient(const PixelBatch& batch, std::size_t feature_begin, ConstMatrix delta,
                    Matrix gradient);

/// sum = x + y, all of the same shape; adds the two partial sums of a product.
void add(ConstMatrix x, ConstMatrix y, Matrix sum);

}  // namespace mnist::kernels
