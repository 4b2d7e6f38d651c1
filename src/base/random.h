// Counter-based random numbers. Each number is a function of (seed, purpose, index, position), so
// threads, interruptions and the order of calls do not change it.
#pragma once

#include <array>
#include <cstdint>

namespace mnist {

/// The constants of Philox: multipliers, key increments (golden ratio, √3 - 1) and rounds, from
/// section 4.2 of the paper below.
namespace philox {
inline constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
inline constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
inline constexpr std::uint32_t kKeyStep0 = 0x9E3779B9;
inline constexpr std::uint32_t kKeyStep1 = 0xBB67AE85;
inline constexpr int kRounds = 10;
}  // namespace philox

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011): a bijection of the counter that passes BigCrush.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// What a stream of numbers is for. Streams of one seed with different purposes are independent.
/// Never renumber them: the same seed must give the same weights in every version.
enum class RandomPurpose : std::uint32_t {
  kInitialWeights = 1,  // index: layer
  kSplit = 2,           // index: 0
  kShuffle = 3,         // index: epoch
  kDraw = 4,            // index: step
  kDropout = 5,         // index: step
  kAugmentation = 6,    // index: epoch and row
  kSweep = 7,           // index: trial
};

/// The sequence of numbers of one purpose and index.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, RandomPurpose purpose, std::uint64_t index);

  std::uint32_t next();

  /// Uniform over 0 .. bound - 1, without bias (Lemire, "Fast random integer generation in an
  /// interval", 2019); bound > 0.
  std::uint32_t below(std::uint32_t bound);

  /// Uniform in [0, 1), a multiple of 2^-24.
  float uniform();

  /// Normal with mean 0 and standard deviation 1 (Box-Muller).
  float normal();

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  std::uint32_t used_ = 4;
  float spare_normal_ = 0;
  bool has_spare_normal_ = false;
};

}  // namespace mnist
