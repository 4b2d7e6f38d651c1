#include "train/update_rule.h"

#include <algorithm>
#include <array>

namespace mnist {
namespace {

using Kind = OptimizerKind;
constexpr std::nullopt_t kUnused = std::nullopt;

// The defaults are PyTorch's, except the learning rates, which suit mini-batches of MNIST. Columns:
// name, kind, learning rate, momentum, weight decay, beta1, beta2, epsilon, rule.
constexpr std::array<OptimizerRow, 7> kRows{{
    {"sgd", Kind::kSgd, 0.1F, kUnused, 0.0F, kUnused, kUnused, kUnused, make_sgd},
    {"momentum", Kind::kMomentum, 0.05F, 0.9F, 0.0F, kUnused, kUnused, kUnused, make_momentum},
    {"nesterov", Kind::kNesterov, 0.05F, 0.9F, 0.0F, kUnused, kUnused, kUnused, make_momentum},
    {"rmsprop", Kind::kRmsprop, 0.001F, 0.0F, 0.0F, kUnused, 0.99F, 1e-8F, make_rmsprop},
    {"adagrad", Kind::kAdagrad, 0.01F, kUnused, 0.0F, kUnused, kUnused, 1e-10F, make_adagrad},
    {"adam", Kind::kAdam, 0.01F, kUnused, 0.0F, 0.9F, 0.999F, 1e-8F, make_adam},
    {"adamw", Kind::kAdamw, 0.01F, kUnused, 0.01F, 0.9F, 0.999F, 1e-8F, make_adam},
}};

}  // namespace

std::span<const OptimizerRow> optimizer_rows() { return kRows; }

const OptimizerRow& optimizer_row(OptimizerKind kind) {
  return *std::find_if(kRows.begin(), kRows.end(),
                       [&](const OptimizerRow& row) { return row.kind == kind; });
}

}  // namespace mnist
