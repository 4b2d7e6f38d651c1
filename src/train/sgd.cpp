#include "kernels/optimizer_update.h"
#include "train/update_rule.h"

namespace mnist {
namespace {

// w ← w - α (g + λ w), λ the weight decay.
class Sgd : public UpdateRule {
 public:
  explicit Sgd(const OptimizerSettings& settings) : decay_(*settings.weight_decay) {}

  bool moves_without_gradient() const override { return decay_ != 0; }
  void begin_step(float learning_rate, std::uint64_t) override { rate_ = learning_rate; }
  void update(const UpdatePiece& p) const override {
    kernels::sgd_update(p.weights, p.gradient, p.extent, p.scale, rate_, decay_);
  }

 private:
  float decay_;
  float rate_ = 0;
};

}  // namespace

std::unique_ptr<UpdateRule> make_sgd(const OptimizerSettings& settings) {
  return std::make_unique<Sgd>(settings);
}

}  // namespace mnist
