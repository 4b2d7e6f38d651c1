#include "nn/dropout_layer.h"

#include <algorithm>

#include "base/random.h"

namespace mnist {

void DropoutLayer::forward(Worker&, const LayerPass& pass) const {
  const Range& rows = pass.rows;
  const ConstMatrix input = pass.input.row_range(rows.begin, rows.end);
  const Matrix output = pass.output.row_range(rows.begin, rows.end);
  if (pass.training) {
    return kernels::dropout(mask(pass.seed, pass.step, pass.position), rate_, rows.begin, input,
                            output);
  }
  for (std::size_t r = 0; r < input.rows; ++r) std::copy_n(input.row(r), outputs(), output.row(r));
}

void DropoutLayer::backward(Worker&, const LayerPass& pass) const {
  if (pass.input_delta.data == nullptr) return;
  const Range& rows = pass.rows;
  kernels::dropout(mask(pass.seed, pass.step, pass.position), rate_, rows.begin,
                   pass.output_delta.row_range(rows.begin, rows.end),
                   pass.input_delta.row_range(rows.begin, rows.end));
}

kernels::DropoutMask DropoutLayer::mask(std::uint64_t seed, std::uint64_t step,
                                        std::size_t position) {
  // The counter of a RandomStream, with the layer's position added to the purpose.
  const auto purpose = static_cast<std::uint32_t>(RandomPurpose::kDropout);
  return {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
          {purpose | static_cast<std::uint32_t>(position) << 8, static_cast<std::uint32_t>(step),
           static_cast<std::uint32_t>(step >> 32)}};
}

}  // namespace mnist
