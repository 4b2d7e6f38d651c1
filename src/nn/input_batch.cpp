#include "nn/input_batch.h"

#include <vector>

namespace mnist {

InputBatch::InputBatch(const Shape& shape, std::size_t max_rows, bool as_pixels, bool training)
    : shape_(shape) {
  if (as_pixels) {
    pixels_.emplace(shape.size(), max_rows);
    if (training) pixels_ahead_.emplace(shape.size(), max_rows);
  } else {
    floats_.resize(max_rows * row_stride(shape.size()));
  }
}

void InputBatch::load_row(const std::uint8_t* pixels, float* row) const {
  const std::size_t plane = shape_.height * shape_.width;
  if (shape_.channels == 1 || plane == 1) return kernels::scale_pixels(pixels, shape_.size(), row);
  thread_local std::vector<float> values;
  values.resize(shape_.size());
  kernels::scale_pixels(pixels, shape_.size(), values.data());
  load_row(values.data(), row);
}

void InputBatch::load_row(const float* values, float* row) const {
  const std::size_t plane = shape_.height * shape_.width;
  for (std::size_t c = 0; c < shape_.channels; ++c) {
    for (std::size_t i = 0; i < plane; ++i) row[i * shape_.channels + c] = *values++;
  }
}

}  // namespace mnist
