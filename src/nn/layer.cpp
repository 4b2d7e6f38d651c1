#include "nn/layer.h"

namespace mnist {

std::unique_ptr<Workspace> Layer::workspace(const WorkspacePlan&) const { return nullptr; }

std::array<Block, 2> Layer::parameter_share(const LayerPass& pass, const Worker& worker) const {
  const Parameter& p = *parameter();
  if (shares_columns(pass)) return {Block{{0, p.rows}, column_share(worker, p.columns)}};
  return {Block{parameter_rows(worker, p.rows), {0, p.columns}}};
}

void Layer::gradient(const Block&, const LayerPass&, std::span<const float* const>, ZeroRows,
                     const GradientSink&) const {}

void Layer::track(const Range&, const LayerPass&) {}

std::vector<NamedParameter> Layer::named_parameters(const std::string&) const { return {}; }

void Layer::set_named_parameters(const std::vector<NamedParameter>&) {}

}  // namespace mnist
