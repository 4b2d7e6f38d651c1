#include "data/augmentation.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "catch.h"
#include "data/data_file.h"
#include "test_paths.h"

namespace mnist {
namespace {

constexpr Shape kDigit{1, 28, 28};

constexpr AugmentKind kDistorting[] = {AugmentKind::kAffine, AugmentKind::kElastic,
                                       AugmentKind::kFull};

const Dataset& digits() {
  static const Dataset all =
      load_data_file(std::filesystem::path(MNIST_DATA_DIR) / "mnist_test.csv.zst");
  return all;
}

AugmentSettings of_kind(AugmentKind kind) {
  AugmentSettings settings;
  settings.kind = kind;
  settings.digit_rules = true;
  return settings;
}

using Image = std::vector<std::uint8_t>;

Image distorted(const Augmenter& augmenter, std::uint64_t epoch, std::size_t row,
                float strength = 1) {
  Image out(784);
  augmenter.distort(digits().row(row), epoch, static_cast<std::uint32_t>(row), digits().labels[row],
                    strength, out.data());
  return out;
}

Image original(std::size_t row) { return {digits().row(row), digits().row(row) + 784}; }

double sum(const Image& image) { return std::accumulate(image.begin(), image.end(), 0.0); }

double border_sum(const Image& image) {
  double total = 0;
  for (std::size_t i = 0; i < 28; ++i) {
    total += image[i] + image[27 * 28 + i] + image[i * 28] + image[i * 28 + 27];
  }
  return total;
}

TEST_CASE("data: augmentation without strength leaves images as they are") {
  for (const AugmentKind kind : kDistorting) {
    Augmenter augmenter(of_kind(kind), kDigit, 1);
    augmenter.begin_epoch(0);
    for (std::size_t row = 0; row < 50; ++row) {
      CHECK(distorted(augmenter, 0, row, 0) == original(row));
    }
  }
  AugmentSettings still = of_kind(AugmentKind::kFull);
  still.rotate = still.scale = still.shear = still.shift = still.elastic_alpha = 0;
  for (const AugmentSettings& settings : {AugmentSettings{}, still}) {
    Augmenter augmenter(settings, kDigit, 1);
    augmenter.begin_epoch(0);
    for (std::size_t row = 0; row < 50; ++row) CHECK(distorted(augmenter, 0, row) == original(row));
  }
}

TEST_CASE("data: augmented digits keep their ink and stay inside the image") {
  for (const AugmentKind kind : kDistorting) {
    Augmenter augmenter(of_kind(kind), kDigit, 1);
    augmenter.begin_epoch(3);
    double ink = 0;
    double given_ink = 0;
    double border = 0;
    std::size_t cut_off = 0;
    for (std::size_t row = 0; row < 1000; ++row) {
      const Image image = distorted(augmenter, 3, row);
      CHECK(image != original(row));
      ink += sum(image);
      given_ink += sum(original(row));
      border += border_sum(image);
      if (border_sum(image) > border_sum(original(row)) + 3 * 255) ++cut_off;
    }
    CHECK(ink == Approx(given_ink).epsilon(0.05));
    CHECK(border < 0.002 * ink);
    CHECK(cut_off < 10);  // those too large for their image
  }
}

TEST_CASE("data: an image's distortion follows from seed, epoch and row, in any order") {
  constexpr std::size_t kRows = 100;
  for (const AugmentKind kind : kDistorting) {
    Augmenter augmenter(of_kind(kind), kDigit, 1);
    augmenter.begin_epoch(7);
    std::vector<Image> images(kRows);
    for (std::size_t row = 0; row < kRows; ++row) images[row] = distorted(augmenter, 7, row);

    Augmenter again(of_kind(kind), kDigit, 1);
    again.begin_epoch(3);
    again.begin_epoch(7);
    ThreadPool pool(3);
    std::vector<Image> from_threads(kRows);
    pool.run([&](Worker& worker) {
      const Range share = worker.share(kRows);
      for (std::size_t row = share.end; row-- > share.begin;) {
        from_threads[row] = distorted(again, 7, row);
      }
    });
    CHECK(from_threads == images);

    Augmenter other_seed(of_kind(kind), kDigit, 2);
    other_seed.begin_epoch(7);
    again.begin_epoch(8);
    for (std::size_t row = 0; row < kRows; ++row) {
      CHECK(distorted(other_seed, 7, row) != images[row]);
      CHECK(distorted(again, 8, row) != images[row]);
    }
    Image as_another_row(784);
    augmenter.distort(digits().row(0), 7, 1, digits().labels[0], 1, as_another_row.data());
    CHECK(as_another_row != images[0]);
    CHECK_THROWS_AS(distorted(augmenter, 8, 0), std::logic_error);
  }
}

// Displacements are told from images whose brightness is their place: b(x, y) = 4 · x or 4 · y.
TEST_CASE("data: elastic displacements have the size of Simard, Steinkraus and Platt's") {
  constexpr std::size_t kSide = 64;
  AugmentSettings settings;
  settings.kind = AugmentKind::kElastic;
  Augmenter augmenter(settings, {1, kSide, kSide}, 5);
  Image ramp(kSide * kSide);
  for (const bool down : {false, true}) {
    for (std::size_t i = 0; i < ramp.size(); ++i) {
      ramp[i] = static_cast<std::uint8_t>(4 * (down ? i / kSide : i % kSide));
    }
    double squares = 0;
    double total = 0;
    double count = 0;
    for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
      augmenter.begin_epoch(epoch);
      for (std::uint32_t row = 0; row < 30; ++row) {
        Image out(ramp.size());
        augmenter.distort(ramp.data(), epoch, row, -1, 1, out.data());
        for (std::size_t y = 8; y < kSide - 8; ++y) {
          for (std::size_t x = 8; x < kSide - 8; ++x) {
            const double displacement = (out[y * kSide + x] - ramp[y * kSide + x]) / 4.0;
            total += displacement;
            squares += displacement * displacement;
            ++count;
          }
        }
      }
    }
    // Uniform noise has deviation 1/√3; a Gaussian in two dimensions leaves 1 / (2 √π sigma) of it.
    CHECK(std::sqrt(squares / count) ==
          Approx(36 / std::sqrt(3) / (2 * std::sqrt(3.14159) * 5)).epsilon(0.1));
    CHECK(std::abs(total / count) < 0.25);
  }
}

// A bar through the centre shows an image's rotation by its moments.
double bar_angle(AugmentSettings settings, std::uint32_t row, int label) {
  settings.kind = AugmentKind::kAffine;
  settings.scale = settings.shear = settings.shift = 0;
  Augmenter augmenter(settings, kDigit, 1);
  augmenter.begin_epoch(0);
  Image bar(784);
  for (std::size_t x = 4; x < 24; ++x) bar[13 * 28 + x] = bar[14 * 28 + x] = 255;
  Image out(784);
  augmenter.distort(bar.data(), 0, row, label, 1, out.data());
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double x = static_cast<double>(i % 28) - 13.5;
    const std::size_t line = i / 28;
    const double y = static_cast<double>(line) - 13.5;
    xx += out[i] * x * x;
    xy += out[i] * x * y;
    yy += out[i] * y * y;
  }
  return std::atan2(2 * xy, xx - yy) / 2 * 180 / 3.14159265;
}

TEST_CASE("data: rotation reaches its bound, and half of it for 1 and 7 where labels are digits") {
  AugmentSettings settings;
  settings.rotate = 20;
  double widest = 0;
  for (std::uint32_t row = 0; row < 100; ++row) {
    widest = std::max(widest, std::abs(bar_angle(settings, row, 1)));
  }
  CHECK(widest < 20.5);
  CHECK(widest > 18);
  AugmentSettings of_digits = settings;
  of_digits.digit_rules = true;
  for (std::uint32_t row = 0; row < 10; ++row) {
    const double full = bar_angle(settings, row, 1);
    CHECK(bar_angle(of_digits, row, 0) == full);
    CHECK(bar_angle(of_digits, row, -1) == full);
    CHECK(bar_angle(of_digits, row, 1) == Approx(full / 2).margin(0.3));
    CHECK(bar_angle(of_digits, row, 7) == Approx(full / 2).margin(0.3));
  }
}

TEST_CASE("data: augmentation weakens over the annealed part of training") {
  AugmentSettings settings;
  CHECK(augment_strength(settings, 0) == 1);
  CHECK(augment_strength(settings, 1) == 1);
  settings.anneal = 0.25;
  CHECK(augment_strength(settings, 0.5) == 1);
  CHECK(augment_strength(settings, 0.75) == 1);
  CHECK(augment_strength(settings, 0.875) == Approx(0.85));
  CHECK(augment_strength(settings, 1) == Approx(0.7));
  settings.anneal = 1;
  CHECK(augment_strength(settings, 0) == 1);
  CHECK(augment_strength(settings, 0.5) == Approx(0.85));
}

TEST_CASE("data: images of any height and width are distorted, all channels alike") {
  for (const AugmentKind kind : kDistorting) {
    for (const Shape& shape : {Shape{1, 12, 40}, Shape{3, 40, 12}, Shape{3, 28, 28}}) {
      INFO(to_string(shape));
      const std::size_t plane = shape.height * shape.width;
      Image image(shape.size());
      for (std::size_t i = 0; i < image.size(); ++i) {
        image[i] = static_cast<std::uint8_t>(i % plane * 7919 % 251);
      }
      Augmenter augmenter({.kind = kind}, shape, 3);
      augmenter.begin_epoch(1);
      Image out(image.size());
      augmenter.distort(image.data(), 1, 5, -1, 1, out.data());
      CHECK(out != image);
      for (std::size_t i = plane; i < out.size(); ++i) CHECK(out[i] == out[i % plane]);
      augmenter.distort(image.data(), 1, 5, -1, 0, out.data());
      CHECK(out == image);
    }
  }
}

TEST_CASE("data: augmentation refuses floats") {
  Dataset floats;
  floats.shape = kDigit;
  floats.values.resize(784);
  CHECK_NOTHROW(augmenter_for(floats, {}, 1));
  CHECK_THROWS_AS(augmenter_for(floats, {.kind = AugmentKind::kAffine}, 1), Error);
}

TEST_CASE("data: augmentation refuses what is no image and settings out of range") {
  const auto refused = [](const AugmentSettings& settings, const Shape& shape) {
    try {
      Augmenter(settings, shape, 1);
    } catch (const Error& error) {
      return error.code() == ExitCode::kUsage;
    }
    return false;
  };
  CHECK_FALSE(refused({}, kDigit));
  CHECK_FALSE(refused({}, {1, 1, 783}));
  for (const AugmentKind kind : kDistorting) {
    CHECK_FALSE(refused({.kind = kind}, {1, 2, 2}));
    CHECK(refused({.kind = kind}, {1, 1, 1}));
    CHECK(refused({.kind = kind}, {1, 1, 783}));
    CHECK(refused({.kind = kind}, {1, 2, 4001}));
  }
  CHECK(refused({.scale = 1}, kDigit));
  CHECK(refused({.rotate = -1}, kDigit));
  CHECK(refused({.shift = NAN}, kDigit));
  CHECK(refused({.elastic_sigma = 0}, kDigit));
  CHECK(refused({.anneal = 1.5F}, kDigit));
}

}  // namespace
}  // namespace mnist
