// Counter-based random numbers: each number follows from (seed, purpose, index, position) alone, so
// neither threads nor interruptions nor the order of calls can change it.
#pragma once

#include <array>
#include <cstdint>

namespace mnist {

/// Philox' multipliers, the increments of its key (golden ratio, √3 - 1) and its rounds,
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
/// The values are part of promise 1 (same seed, same bits): never renumber them.
enum class RandomPurpose : std::uint32_t {
  kInitialWeights = 1,  // index: layer
  kSplit = 2,           // index: 0
  kShuffle = 3,         // index: epoch
  kDraw = 4,            // index: step
  kDropout = 5,         // index: step
  kAugmentation = 6,    // index: epoch and row
  kSweep = 7,           // index: trial
};

/// The numbers of one purpose and index, in order.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, RandomPurpose purpose, std::uint64_t index);

  std::uint32_t next();

  /// Uniform over 0 .. bound - 1 without bias (Lemire 2019); bound > 0.
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
