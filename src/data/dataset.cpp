#include "data/dataset.h"

#include <algorithm>

namespace mnist {

void append_rows(Dataset& to, const Dataset& from, std::size_t first, std::size_t count) {
  to.features = from.features;
  to.pixels.insert(to.pixels.end(), from.row(first), from.row(first + count));
  if (!from.labelled() || count == 0) return;
  const auto begin = from.labels.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  to.labels.insert(to.labels.end(), begin, end);
  to.classes = std::max(to.classes, static_cast<std::size_t>(*std::max_element(begin, end)) + 1);
}

}  // namespace mnist
