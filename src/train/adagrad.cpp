#include "kernels/optimizer_update.h"
#include "train/update_rule.h"

namespace mnist {
namespace {

// Duchi, Hazan and Singer 2011: s ← s + g²; w ← w - α g / (√s + ε).
class Adagrad : public UpdateRule {
 public:
  explicit Adagrad(const OptimizerSettings& settings)
      : decay_(*settings.weight_decay), epsilon_(*settings.epsilon) {}

  bool keeps_squares() const override { return true; }
  void begin_step(float learning_rate, std::uint64_t) override { rate_ = learning_rate; }
  void update(const UpdatePiece& p) const override {
    kernels::adagrad_update(p.weights, p.squares, p.gradient, p.extent, p.scale, rate_, decay_,
                            epsilon_);
  }

 private:
  float decay_;
  float epsilon_;
  float rate_ = 0;
};

}  // namespace

std::unique_ptr<UpdateRule> make_adagrad(const OptimizerSettings& settings) {
  return std::make_unique<Adagrad>(settings);
}

}  // namespace mnist
