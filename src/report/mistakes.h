// The rows that a classifier labels wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mnist {

struct Mistake {
  std::size_t row = 0;
  std::size_t label = 0;
  std::size_t guess = 0;
  float probability = 0;  // of the guess
};

/// The `count` mistakes with the highest probabilities, highest first, ties in the order of rows.
/// `probabilities` is [labels × classes].
std::vector<Mistake> most_confident_mistakes(std::span<const float> probabilities,
                                             std::size_t classes,
                                             std::span<const std::int32_t> labels,
                                             std::size_t count);

}  // namespace mnist
