#include "kernels/optimizer_update.h"
#include "train/update_rule.h"

namespace mnist {
namespace {

// v ← μ v + g; w ← w - α v; in Nesterov's form w ← w - α (g + μ v).
class Momentum : public UpdateRule {
 public:
  explicit Momentum(const OptimizerSettings& settings)
      : momentum_(*settings.momentum),
        decay_(*settings.weight_decay),
        nesterov_(settings.kind == OptimizerKind::kNesterov) {}

  bool keeps_momentum() const override { return momentum_ != 0; }
  void begin_step(float learning_rate, std::uint64_t) override { rate_ = learning_rate; }
  void update(const UpdatePiece& p) const override {
    if (p.momentum == nullptr) {
      kernels::sgd_update(p.weights, p.gradient, p.extent, p.scale, rate_, decay_);
    } else {
      kernels::momentum_update(p.weights, p.momentum, p.gradient, p.extent, p.scale, rate_, decay_,
                               momentum_, nesterov_);
    }
  }

 private:
  float momentum_;
  float decay_;
  bool nesterov_;
  float rate_ = 0;
};

}  // namespace

std::unique_ptr<UpdateRule> make_momentum(const OptimizerSettings& settings) {
  return std::make_unique<Momentum>(settings);
}

}  // namespace mnist
