#include "kernels/optimizer_update.h"
#include "train/update_rule.h"

namespace mnist {
namespace {

// RMSprop (Tieleman and Hinton 2012) in PyTorch's form; PyTorch calls beta2 alpha.
class Rmsprop : public UpdateRule {
 public:
  explicit Rmsprop(const OptimizerSettings& settings)
      : momentum_(*settings.momentum),
        decay_(*settings.weight_decay),
        beta2_(*settings.beta2),
        epsilon_(*settings.epsilon) {}

  bool keeps_momentum() const override { return momentum_ != 0; }
  bool keeps_squares() const override { return true; }
  void begin_step(float learning_rate, std::uint64_t) override { rate_ = learning_rate; }
  void update(const UpdatePiece& p) const override {
    kernels::rmsprop_update(p.weights, p.squares, p.momentum, p.gradient, p.extent, p.scale, rate_,
                            decay_, beta2_, epsilon_, momentum_);
  }

 private:
  float momentum_;
  float decay_;
  float beta2_;
  float epsilon_;
  float rate_ = 0;
};

}  // namespace

std::unique_ptr<UpdateRule> make_rmsprop(const OptimizerSettings& settings) {
  return std::make_unique<Rmsprop>(settings);
}

}  // namespace mnist
