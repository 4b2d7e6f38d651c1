#include "data/model_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/huge_pages.h"

namespace mnist {
namespace {

// Whether the values are fractions from 0 to 1.
bool within_unit(const ValueSummary& summary) {
  return !summary.whole && summary.lowest >= 0 && summary.highest <= 1;
}

void multiply(Dataset& data, float factor) {
  make_floats(data);
  for (float& value : data.values) value *= factor;
}

template <class T>
void transpose(std::vector<T>& values, const Shape& shape) {
  std::vector<T> image(shape.height * shape.width);
  for (std::size_t begin = 0; begin < values.size(); begin += image.size()) {
    T* const out = values.data() + begin;
    std::copy_n(out, image.size(), image.data());
    for (std::size_t y = 0; y < shape.height; ++y) {
      for (std::size_t x = 0; x < shape.width; ++x) {
        out[x * shape.height + y] = image[y * shape.width + x];
      }
    }
  }
}

}  // namespace

ModelInput model_input_for(const Dataset& training, const InputScale& scale, bool invert,
                           bool transpose) {
  ModelInput input;
  input.shape = training.shape;
  if (transpose) std::swap(input.shape.height, input.shape.width);
  input.scale = scale_for(scale, training);
  input.invert = invert;
  input.transpose = transpose;
  const ValueSummary& summary = training.summary;
  if (!summary.empty()) {
    input.highest = summary.highest;
    input.lowest = summary.lowest;
    input.mean = summary.mean();
    input.light_ground = summary.light_ground();
  }
  input.labels = training.label_names;
  input.features = training.feature_names;
  input.first_feature = training.first_feature;
  return input;
}

void restore_bytes(Dataset& data) {
  constexpr float kRounded = 0.02F;
  constexpr float kHalf = 0.5F;
  if (!data.has_floats() || data.summary.empty() || !within_unit(data.summary)) return;
  constexpr std::size_t kBlock = 1 << 12;  // values between checks
  std::vector<std::uint8_t> pixels;
  reserve_on_huge_pages(pixels, data.values.size());
  pixels.resize(data.values.size());
  for (std::size_t begin = 0; begin < pixels.size(); begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, pixels.size());
    float farthest = 0;  // distance from a whole number
    for (std::size_t i = begin; i < end; ++i) {
      const float byte = data.values[i] * kMaxByte;
      const int nearest = static_cast<int>(byte + kHalf);
      pixels[i] = static_cast<std::uint8_t>(nearest);
      const float distance = std::abs(byte - static_cast<float>(nearest));
      farthest = distance > farthest ? distance : farthest;
    }
    if (farthest > kRounded) return;
  }
  data.pixels = std::move(pixels);
  data.values.clear();
  data.values.shrink_to_fit();
  data.summary = {};
  add_rows(data.summary, data.shape, std::span<const std::uint8_t>(data.pixels));
}

void transpose_images(Dataset& data) {
  if (data.has_floats()) {
    transpose(data.values, data.shape);
  } else {
    transpose(data.pixels, data.shape);
  }
  std::swap(data.shape.height, data.shape.width);
}

void invert_values(Dataset& data, float highest) {
  if (!data.has_floats() && highest == kMaxByte) {
    for (std::uint8_t& pixel : data.pixels) pixel ^= 0xff;
    return;
  }
  make_floats(data);
  for (float& value : data.values) value = highest - value;
}

void summarise(Dataset& data) {
  if (!data.summary.empty()) return;
  add_rows(data.summary, data.shape, std::span<const std::uint8_t>(data.pixels));
  add_rows(data.summary, data.shape, std::span<const float>(data.values));
}

void prepare(Dataset& data, const ModelInput& input) {
  summarise(data);
  const bool trained_on_unit = input.highest <= 1 && input.scale.kind == ScaleKind::kNone;
  InputScale scale = input.scale;
  if (within_unit(data.summary) && input.highest > 1 && input.highest <= kMaxByte) {
    restore_bytes(data);
    if (data.has_floats()) multiply(data, kMaxByte);
  } else if (!data.has_floats() && trained_on_unit && data.summary.highest > 1) {
    scale = {};  // the training values were bytes / 255
  }
  if (input.transpose) transpose_images(data);
  if (input.invert) {
    const bool bytes = scale.takes_bytes() && !data.has_floats();
    invert_values(data, bytes ? kMaxByte : std::max(input.highest, 1.0F));
  }
  apply_scale(data, scale);
}

std::string unlike_training(const ValueSummary& data, const ModelInput& input) {
  constexpr float kFactor = 4;
  if (data.empty() || data.highest <= data.lowest) return "";
  float highest = data.highest;
  const bool unit = within_unit(data);
  if (unit && input.highest > 1) highest *= kMaxByte;
  if (!unit && input.highest <= 1 && data.whole && data.highest > 1) highest /= kMaxByte;
  if (highest * kFactor < input.highest || highest > input.highest * kFactor) {
    return fmt::format("values reach {}; the network was trained on values to {}", data.highest,
                       input.highest);
  }
  if (input.lowest && *input.lowest >= 0 && data.lowest < 0) {
    return fmt::format("values reach down to {}; the network was trained on values from {}",
                       data.lowest, *input.lowest);
  }
  const std::optional<bool> light = data.light_ground();
  if (light && input.light_ground && *light != *input.light_ground) {
    return fmt::format("{}; the network was trained on {}; --invert makes them alike",
                       *light ? "dark on light" : "light on dark",
                       *light ? "light on dark" : "dark on light");
  }
  // The means of a few rows differ by chance; means of values on both sides of 0 say little.
  constexpr double kFewRows = 50;
  constexpr double kMeanFactor = 2;
  constexpr double kLeast = 0.05;  // fraction of the range
  const double features = static_cast<double>(std::max<std::size_t>(input.shape.size(), 1));
  if (!input.mean || data.lowest < 0 || static_cast<double>(data.count) < kFewRows * features) {
    return "";
  }
  const double unit_factor = static_cast<double>(highest) / static_cast<double>(data.highest);
  const double mean = data.mean() * unit_factor;
  const auto [less, more] = std::minmax(mean, *input.mean);
  const bool differs = more - less > kLeast * static_cast<double>(input.highest);
  if (less >= 0 && differs && more > kMeanFactor * less) {
    return fmt::format("values have a mean of {:.3g}; those that the network was trained on {:.3g}",
                       data.mean(), *input.mean);
  }
  return "";
}

}  // namespace mnist
