#include <cmath>

#include "base/portable_math.h"
#include "kernels/optimizer_update.h"
#include "train/update_rule.h"

namespace mnist {
namespace {

// Adam (Kingma and Ba 2015) adds weight decay to the gradient; AdamW (Loshchilov and Hutter 2019)
// subtracts it from the weights.
class Adam : public UpdateRule {
 public:
  explicit Adam(const OptimizerSettings& settings)
      : beta1_(*settings.beta1),
        beta2_(*settings.beta2),
        epsilon_(*settings.epsilon),
        decay_(*settings.weight_decay),
        decoupled_(settings.kind == OptimizerKind::kAdamw) {}

  bool keeps_momentum() const override { return true; }
  bool keeps_squares() const override { return true; }

  void begin_step(float learning_rate, std::uint64_t t) override {
    const auto power = static_cast<double>(t);
    const double first_correction = 1 - portable::pow(static_cast<double>(beta1_), power);
    const double second_correction = 1 - portable::pow(static_cast<double>(beta2_), power);
    step_ = {
        static_cast<float>(static_cast<double>(learning_rate) / first_correction),
        beta1_,
        beta2_,
        epsilon_,
        static_cast<float>(std::sqrt(second_correction)),
        decoupled_ ? 0.0F : decay_,
        decoupled_ ? 1.0F - learning_rate * decay_ : 1.0F,
    };
  }
  void update(const UpdatePiece& p) const override {
    kernels::adam_update(p.weights, p.momentum, p.squares, p.gradient, p.extent, p.scale, step_);
  }

 private:
  float beta1_;
  float beta2_;
  float epsilon_;
  float decay_;
  bool decoupled_;
  kernels::AdamStep step_{};
};

}  // namespace

std::unique_ptr<UpdateRule> make_adam(const OptimizerSettings& settings) {
  return std::make_unique<Adam>(settings);
}

}  // namespace mnist
