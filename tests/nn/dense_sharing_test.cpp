#include "nn/dense_sharing.h"

#include "catch.h"

namespace mnist {
namespace {

using Products = DenseSharing::Products;
using Update = DenseSharing::Update;

TEST_CASE("nn: how workers share a dense layer follows from its sizes") {
  const auto sharing = [](std::size_t inputs, std::size_t outputs, std::size_t workers,
                          bool first) {
    return dense_sharing({.inputs = inputs,
                          .outputs = outputs,
                          .bias = true,
                          .two_chains = first && sums_in_two_chains(inputs, outputs),
                          .pixels = first,
                          .training = true,
                          .workers = workers});
  };
  // The article's network.
  CHECK(sharing(784, 50, 1, true) == DenseSharing{Products::kRows, Update::kParts});
  CHECK(sharing(784, 50, 2, true) == DenseSharing{Products::kFeatures, Update::kHalves});
  CHECK(sharing(784, 50, 3, true) == DenseSharing{Products::kFeatures, Update::kParts});
  CHECK(sharing(50, 20, 2, false) == DenseSharing{Products::kRows, Update::kRelay});
  CHECK(sharing(50, 20, 3, false) == DenseSharing{Products::kRows, Update::kRows});
  // A wide one.
  CHECK(sharing(784, 500, 2, true) == DenseSharing{Products::kColumns, Update::kParts});
  CHECK(sharing(300, 300, 2, false) == DenseSharing{Products::kColumns, Update::kRows});
  CHECK(sharing(1000, 500, 2, false) == DenseSharing{Products::kColumns, Update::kRows});
  CHECK(sharing(500, 100, 2, false) == DenseSharing{Products::kRows, Update::kRows});
}

TEST_CASE("nn: the workers' shares of an update cover each weight once") {
  for (const Update update : {Update::kRows, Update::kHalves, Update::kParts, Update::kRelay}) {
    const DenseWork work{.inputs = 71, .outputs = 40, .bias = true};
    std::vector<int> taken(72 * 40);
    ThreadPool pool(2);
    pool.run([&](Worker& worker) {
      for (const Block& block : dense_update_share({Products::kRows, update}, work, worker)) {
        for (std::size_t r = block.rows.begin; r < block.rows.end; ++r) {
          for (std::size_t c = block.columns.begin; c < block.columns.end; ++c) ++taken[r * 40 + c];
        }
      }
    });
    CHECK(taken == std::vector<int>(taken.size(), 1));
  }
}

}  // namespace
}  // namespace mnist
