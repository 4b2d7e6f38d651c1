#include "data/dataset.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mnist {

std::vector<std::size_t> Dataset::class_rows() const {
  std::vector<std::size_t> rows(classes);
  for (const std::int32_t label : labels) ++rows[static_cast<std::size_t>(label)];
  return rows;
}

std::string Dataset::label_name(std::size_t label) const {
  return label_names.empty() ? std::to_string(label) : label_names[label];
}

void clear_rows(Dataset& data) {
  data.classes = 0;
  data.pixels.clear();
  data.values.clear();
  data.labels.clear();
  data.label_names.clear();
  data.ids.clear();
  data.summary = {};
}

void make_floats(Dataset& data) {
  if (data.pixels.empty()) return;
  data.values.assign(data.pixels.begin(), data.pixels.end());
  data.pixels.clear();
  data.pixels.shrink_to_fit();
}

void make_bytes(Dataset& data) {
  const ValueSummary& summary = data.summary;
  const bool bytes = summary.whole && summary.lowest >= 0 && summary.highest <= kMaxByte;
  if (!data.has_floats() || summary.empty() || !bytes) return;
  data.pixels.reserve(data.values.size());
  for (const float value : data.values) data.pixels.push_back(static_cast<std::uint8_t>(value));
  data.values.clear();
  data.values.shrink_to_fit();
}

Shape shape_of_row(std::size_t features) {
  if (const auto side = image_side(features)) return {1, *side, *side};
  return {1, 1, features};
}

std::optional<std::size_t> image_side(const Shape& shape) {
  const bool square = shape.channels == 1 && shape.height == shape.width;
  return square ? std::optional(shape.width) : std::nullopt;
}

std::optional<std::size_t> image_side(std::size_t features) {
  const auto side = static_cast<std::size_t>(std::llround(std::sqrt(features)));
  return side * side == features ? std::optional(side) : std::nullopt;
}

namespace {

std::size_t find_or_add(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  const auto place = static_cast<std::size_t>(found - names.begin());
  if (place == names.size()) names.push_back(name);
  return place;
}

void append_labels(Dataset& to, const Dataset& from, std::size_t first, std::size_t count) {
  const auto begin = from.labels.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  if (to.label_names == from.label_names || to.labels.empty()) {
    to.label_names = from.label_names;
    to.labels.insert(to.labels.end(), begin, end);
    to.classes = std::max(to.classes, static_cast<std::size_t>(*std::max_element(begin, end)) + 1);
    return;
  }
  // The same number means different labels in the two data sets, so match them by name.
  for (std::size_t label = to.label_names.size(); label < to.classes; ++label) {
    to.label_names.push_back(std::to_string(label));
  }
  constexpr std::int32_t kUnknown = -1;
  std::vector<std::int32_t> places(from.classes, kUnknown);
  for (auto label = begin; label != end; ++label) {
    std::int32_t& place = places[static_cast<std::size_t>(*label)];
    if (place == kUnknown) {
      const std::string name = from.label_name(static_cast<std::size_t>(*label));
      place = static_cast<std::int32_t>(find_or_add(to.label_names, name));
    }
    to.labels.push_back(place);
  }
  to.classes = to.label_names.size();
}

}  // namespace

void append_rows(Dataset& to, const Dataset& from, std::size_t first, std::size_t count) {
  to.shape = from.shape;
  if (count == 0) return;
  if (to.has_floats() || from.has_floats()) {
    make_floats(to);
    if (from.has_floats()) {
      to.values.insert(to.values.end(), from.float_row(first), from.float_row(first + count));
    } else {
      to.values.insert(to.values.end(), from.row(first), from.row(first + count));
    }
  } else {
    to.pixels.insert(to.pixels.end(), from.row(first), from.row(first + count));
  }
  if (from.labelled()) append_labels(to, from, first, count);
  if (from.ids.empty()) return;
  to.id_name = from.id_name;
  const auto ids = from.ids.begin() + static_cast<std::ptrdiff_t>(first);
  to.ids.insert(to.ids.end(), ids, ids + static_cast<std::ptrdiff_t>(count));
}

void move_row(Dataset& data, std::size_t from, std::size_t to) {
  const std::size_t n = data.features();
  if (data.has_floats()) {
    std::copy_n(data.float_row(from), n, data.values.data() + to * n);
  } else {
    std::copy_n(data.row(from), n, data.pixels.data() + to * n);
  }
  if (data.labelled()) data.labels[to] = data.labels[from];
  if (!data.ids.empty()) data.ids[to] = std::move(data.ids[from]);
}

void truncate_rows(Dataset& data, std::size_t rows) {
  (data.has_floats() ? data.values.resize(rows * data.features())
                     : data.pixels.resize(rows * data.features()));
  if (data.labelled()) data.labels.resize(rows);
  if (!data.ids.empty()) data.ids.resize(rows);
}

double inked_share(const Dataset& data) {
  constexpr std::size_t kSample = 200;
  constexpr std::size_t kGroup = 4;
  std::size_t groups = 0;
  std::size_t inked = 0;
  if (data.has_floats()) return 1;
  const std::size_t step = std::max<std::size_t>(1, data.rows() / kSample);
  for (std::size_t r = 0; r < data.rows(); r += step) {
    const std::uint8_t* row = data.row(r);
    for (std::size_t f = 0; f < data.features(); f += kGroup, ++groups) {
      const std::uint8_t* end = row + std::min(f + kGroup, data.features());
      inked += std::any_of(row + f, end, [](std::uint8_t p) { return p != 0; }) ? 1U : 0U;
    }
  }
  return groups == 0 ? 1 : static_cast<double>(inked) / static_cast<double>(groups);
}

}  // namespace mnist
