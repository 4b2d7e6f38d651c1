#include "data/augmentation.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/error.h"
#include "base/portable_math.h"
#include "base/random.h"

namespace mnist {

namespace {

using kernels::ToroidalField;

// Images of this shape count as handwritten digits, see AugmentSettings::digit_rules.
constexpr std::size_t kDigitFeatures = 784;
constexpr std::size_t kDigitClasses = 10;

constexpr double kFinalStrength = 0.7;
constexpr std::uint16_t kMaxSide = 4000;
constexpr std::uint8_t kFaint = 64;  // pixels up to this value are the faint rim of a stroke
constexpr int kMostMovesBack = 4;
constexpr std::uint32_t kFieldRow = 0xFFFFFFFF;  // the fields' stream; no data set has this row

std::uint64_t stream_index(std::uint64_t epoch, std::uint32_t row) { return epoch << 32 | row; }

void check(const char* name, float value, float low, float high) {
  if (value >= low && value <= high) return;  // false for NaN
  refuse(
      fmt::format("augmentation: {} is {}; give a number from {} to {}", name, value, low, high));
}

Shape checked_shape(const AugmentSettings& settings, const Shape& shape) {
  const auto [shorter, longer] = std::minmax(shape.height, shape.width);
  if (settings.kind != AugmentKind::kNone && (shorter < 2 || longer > kMaxSide)) {
    refuse(fmt::format(
        "augmentation: {} features are no image; say its --shape, or train without augmentation",
        to_string(shape)));
  }
  return shape;
}

// Uniform in [-bound, bound).
float within(RandomStream& random, float bound) { return bound * (2 * random.uniform() - 1); }

// Draws a distortion about the image's centre: shear, scale, rotation and shift, in this order. The
// map leads from the distorted image back to the original, so it holds the inverse.
void draw_affine(const AugmentSettings& settings, int label, float strength, const Shape& shape,
                 RandomStream& random, kernels::WarpMap& map) {
  const bool slanted = settings.digit_rules && (label == 1 || label == 7);
  const float rotate = slanted ? settings.rotate / 2 : settings.rotate;
  const double turns = static_cast<double>(within(random, strength * rotate)) / 360;
  const float scale_x = 1 + within(random, strength * settings.scale);
  const float scale_y = 1 + within(random, strength * settings.scale);
  const float shear = within(random, strength * settings.shear);
  const float shift_x = within(random, strength * settings.shift);
  const float shift_y = within(random, strength * settings.shift);

  const portable::SineAndCosine rotation = portable::sine_and_cosine(turns);
  const auto cosine = static_cast<float>(rotation.cosine);
  const auto sine = static_cast<float>(rotation.sine);
  map.yx = -sine / scale_y;
  map.yy = cosine / scale_y;
  map.xx = cosine / scale_x - shear * map.yx;
  map.xy = sine / scale_x - shear * map.yy;
  const float centre_x = static_cast<float>(shape.width - 1) / 2;
  const float centre_y = static_cast<float>(shape.height - 1) / 2;
  map.x0 = centre_x - map.xx * (centre_x + shift_x) - map.xy * (centre_y + shift_y);
  map.y0 = centre_y - map.yx * (centre_x + shift_x) - map.yy * (centre_y + shift_y);
}

// The edges of an image that carry ink.
struct Edges {
  bool left = false, right = false, top = false, bottom = false;
};

Edges inked_edges(const std::uint8_t* image, const Shape& shape) {
  std::uint8_t left = 0, right = 0, top = 0, bottom = 0;  // maximum of each edge
  for (std::size_t c = 0; c < shape.channels; ++c, image += shape.height * shape.width) {
    for (std::size_t y = 0; y < shape.height; ++y) {
      left = std::max(left, image[y * shape.width]);
      right = std::max(right, image[y * shape.width + shape.width - 1]);
    }
    for (std::size_t x = 0; x < shape.width; ++x) {
      top = std::max(top, image[x]);
      bottom = std::max(bottom, image[(shape.height - 1) * shape.width + x]);
    }
  }
  return {left > kFaint, right > kFaint, top > kFaint, bottom > kFaint};
}

// The direction (-1, 0 or 1) away from an edge (`low` or `high`) that has ink only because of the
// distortion; 0 if the opposite edge has ink as well.
int way_back(bool low, bool low_before, bool high, bool high_before) {
  if (low == high) return 0;
  return low ? !low_before : -!high_before;
}

void warp(const std::uint8_t* image, const Shape& shape, const kernels::WarpMap& map,
          std::uint8_t* out) {
  const std::size_t plane = shape.height * shape.width;
  for (std::size_t c = 0; c < shape.channels; ++c) {
    kernels::warp_image(image + c * plane, shape.width, shape.height, map, out + c * plane);
  }
}

// Resamples the image. If that moves ink to an edge, shifts the image away from it pixel by pixel.
void warp_inside(const std::uint8_t* image, const Shape& shape, kernels::WarpMap& map,
                 std::uint8_t* out) {
  warp(image, shape, map, out);
  const Edges before = inked_edges(image, shape);
  for (int moves = 0; moves < kMostMovesBack; ++moves) {
    const Edges now = inked_edges(out, shape);
    const int right = way_back(now.left, before.left, now.right, before.right);
    const int down = way_back(now.top, before.top, now.bottom, before.bottom);
    if (right == 0 && down == 0) return;
    map.x0 -= map.xx * static_cast<float>(right) + map.xy * static_cast<float>(down);
    map.y0 -= map.yx * static_cast<float>(right) + map.yy * static_cast<float>(down);
    warp(image, shape, map, out);
  }
}

}  // namespace

float augment_strength(const AugmentSettings& settings, double progress) {
  const double left = std::clamp(1 - progress, 0.0, 1.0);
  if (left >= static_cast<double>(settings.anneal)) return 1;
  const double weakened = 1 - left / static_cast<double>(settings.anneal);
  return static_cast<float>(1 - (1 - kFinalStrength) * weakened);
}

Augmenter::Augmenter(const AugmentSettings& settings, const Shape& shape, std::uint64_t seed)
    : settings_(settings), shape_(checked_shape(settings, shape)), seed_(seed) {
  check("rotate", settings.rotate, 0, 180);
  check("scale", settings.scale, 0, 0.9F);
  check("shear", settings.shear, 0, 10);
  check("shift", settings.shift, 0, float{kMaxSide});
  check("elastic alpha", settings.elastic_alpha, 0, 1e6F);
  check("elastic sigma", settings.elastic_sigma, 0.1F, 40);
  check("anneal", settings.anneal, 0, 1);
  if (settings.kind == AugmentKind::kElastic || settings.kind == AugmentKind::kFull) {
    fields_.assign(2, ToroidalField(shape_.width));
  }
}

void Augmenter::begin_epoch(std::uint64_t epoch) {
  epoch_ = epoch;
  if (fields_.empty()) return;
  // 16 bits of noise are enough because it is smoothed. Each random number gives two values.
  RandomStream random(seed_, RandomPurpose::kAugmentation, stream_index(epoch, kFieldRow));
  for (auto& field : fields_) {
    for (std::size_t y = 0; y < ToroidalField::kSide; ++y) {
      float* row = field.row(y);
      for (std::size_t x = 0; x < ToroidalField::kSide; x += 2) {
        const std::uint32_t bits = random.next();
        row[x] = static_cast<float>(static_cast<std::int16_t>(bits >> 16)) * 0x1p-15F;
        row[x + 1] = static_cast<float>(static_cast<std::int16_t>(bits & 0xFFFF)) * 0x1p-15F;
      }
    }
    field.blur(settings_.elastic_sigma);
  }
}

void Augmenter::distort(const std::uint8_t* image, std::uint64_t epoch, std::uint32_t row,
                        int label, float strength, std::uint8_t* out) const {
  if (epoch_ != epoch) throw std::logic_error("Augmenter: distort() outside of its epoch");
  if (settings_.kind == AugmentKind::kNone) {
    std::copy_n(image, shape_.size(), out);
    return;
  }
  RandomStream random(seed_, RandomPurpose::kAugmentation, stream_index(epoch, row));
  kernels::WarpMap map;
  if (settings_.kind != AugmentKind::kElastic) {
    draw_affine(settings_, label, strength, shape_, random, map);
  }
  if (!fields_.empty()) {
    const std::uint32_t bits = random.next();
    map.field_x = bits % ToroidalField::kSide;
    map.field_y = bits / ToroidalField::kSide % ToroidalField::kSide;
    const bool swap = (bits & 1U << 16) != 0;
    map.dx = &fields_[swap ? 1 : 0];
    map.dy = &fields_[swap ? 0 : 1];
    const float amplitude = strength * settings_.elastic_alpha;
    map.dx_amplitude = (bits & 1U << 17) != 0 ? amplitude : -amplitude;
    map.dy_amplitude = (bits & 1U << 18) != 0 ? amplitude : -amplitude;
  }
  warp_inside(image, shape_, map, out);
}

Augmenter augmenter_for(const Dataset& data, AugmentSettings settings, std::uint64_t seed) {
  if (data.has_floats() && settings.kind != AugmentKind::kNone) {
    refuse(
        "augmentation distorts images of bytes, whose values are integers from 0 to 255; train "
        "without augmentation");
  }
  settings.digit_rules = data.features() == kDigitFeatures && data.classes == kDigitClasses;
  return Augmenter(settings, data.shape, seed);
}

}  // namespace mnist
