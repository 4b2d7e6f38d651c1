#include "train/early_stopping.h"

#include <cmath>

namespace mnist {

void EarlyStopping::look(const EpochFigures& figures, const Network& network) {
  const std::uint64_t best = best_.figures.epoch;
  if (best == 0 ? !std::isnan(figures.validation_loss)
                : figures.validation_loss < best_.figures.validation_loss) {
    best_.figures = figures;
    if (settings_.keep == Keep::kBest) best_.parameters = network.parameters();
  } else {
    over_ = settings_.patience > 0 && figures.epoch - best >= settings_.patience;
  }
}

const EpochFigures* EarlyStopping::restore(Network& network) const {
  if (settings_.keep != Keep::kBest || best_.figures.epoch == 0) return nullptr;
  network.set_parameters(best_.parameters);
  return &best_.figures;
}

}  // namespace mnist
