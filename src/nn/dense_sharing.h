// How the workers of a pool share the work of a dense layer. The results do not depend on it.
#pragma once

#include <array>
#include <cstddef>

#include "base/thread_pool.h"
#include "nn/layer.h"

namespace mnist {

/// The facts that decide how to share a dense layer.
struct DenseWork {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  bool bias = false;
  bool two_chains = false;  // sums consist of two partial sums, one per half of the inputs
  bool pixels = false;      // the input is read as pixels
  bool training = false;
  std::size_t workers = 1;
};

struct DenseSharing {
  /// How the output and the input's delta are shared.
  enum class Products {
    kRows,      // each worker computes some rows, with all weights
    kColumns,   // each worker computes some columns of all rows, with these columns of the weights
    kFeatures,  // each worker computes a partial sum of all rows (or some columns of one), with one
                // half of the pixels and weights
  };
  /// How the gradient and the update are shared.
  enum class Update {
    kRows,    // each worker updates some rows of the parameter; by columns it would have to
              // transpose all inputs
    kHalves,  // each of two workers updates the half whose pixels it has read
    kParts,   // each worker updates a part of both halves, since most ink is in the middle
    kRelay,   // gradient accumulation by two workers: one sums over its rows of the batch during
              // the backward pass; the other adds its own rows and updates everything
  };

  Products products = Products::kRows;
  Update update = Update::kRows;

  bool operator==(const DenseSharing&) const = default;
};

DenseSharing dense_sharing(const DenseWork& work);

/// The blocks of the parameter (weights, then the bias) that a worker updates.
std::array<Block, 2> dense_update_share(const DenseSharing& sharing, const DenseWork& work,
                                        const Worker& worker);

/// Whether a first layer of this size computes two partial sums.
bool sums_in_two_chains(std::size_t inputs, std::size_t outputs);

/// Whether two workers accumulate the gradient of a layer that reads floats one after the other.
bool relays_gradient(std::size_t inputs, std::size_t outputs);

}  // namespace mnist
