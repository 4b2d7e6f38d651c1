// How the workers of a pool share the work of a dense layer. The sums do not depend on it.
#pragma once

#include <array>
#include <cstddef>

#include "base/thread_pool.h"
#include "nn/layer.h"

namespace mnist {

/// What decides how a dense layer is shared.
struct DenseWork {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  bool bias = false;
  bool two_chains = false;  // sums run in two chains, one per half of the inputs
  bool pixels = false;      // the input is read as pixels
  bool training = false;
  std::size_t rows = 0;  // of the batch
  std::size_t workers = 1;
};

struct DenseSharing {
  /// How the output and the input's delta are shared.
  enum class Products {
    kRows,      // each worker its rows, with all weights
    kColumns,   // each its columns of all rows, with its columns of the weights
    kFeatures,  // each a chain of all rows, or some columns of one: its half of pixels and weights
  };
  /// How the gradient and the update are shared.
  enum class Update {
    kRows,     // each worker some rows of the parameter
    kColumns,  // the columns that it has in the products
    kHalves,   // of two workers, each the half whose pixels it has read
    kParts,    // a part of either half of the rows, as most of the ink lies in the middle
    kRelay,    // of two workers, one sums the gradient over its rows of the batch during the
               // backward pass; the other continues over its own rows and updates all
  };

  Products products = Products::kRows;
  Update update = Update::kRows;

  bool operator==(const DenseSharing&) const = default;
};

DenseSharing dense_sharing(const DenseWork& work);

/// The blocks of the parameter, weights and below them the bias, that a worker updates.
std::array<Block, 2> dense_update_share(const DenseSharing& sharing, const DenseWork& work,
                                        const Worker& worker);

/// True where sums of a first layer run in two chains.
bool sums_in_two_chains(std::size_t inputs, std::size_t outputs);

/// True where two workers relay the gradient of a layer that reads floats.
bool relays_gradient(std::size_t inputs, std::size_t outputs);

}  // namespace mnist
