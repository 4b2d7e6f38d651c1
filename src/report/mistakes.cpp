#include "report/mistakes.h"

#include <algorithm>

#include "report/metrics.h"

namespace mnist {

std::vector<Mistake> most_confident_mistakes(std::span<const float> probabilities,
                                             std::size_t classes,
                                             std::span<const std::int32_t> labels,
                                             std::size_t count) {
  std::vector<Mistake> mistakes;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const auto row = probabilities.subspan(r * classes, classes);
    const std::size_t guess = most_probable(row);
    const auto label = static_cast<std::size_t>(labels[r]);
    if (guess != label) mistakes.push_back({r, label, guess, row[guess]});
  }
  std::ranges::stable_sort(
      mistakes, [](const Mistake& a, const Mistake& b) { return a.probability > b.probability; });
  mistakes.resize(std::min(mistakes.size(), count));
  return mistakes;
}

}  // namespace mnist
