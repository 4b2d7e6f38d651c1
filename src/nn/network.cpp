#include "nn/network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/error.h"
#include "nn/absorbed_layer.h"
#include "nn/layer_kinds.h"
#include "nn/pass.h"

namespace mnist {

namespace {

// Layers with planes process a few rows at a time through several layers, so that the values stay
// in the L2 cache: at most kValuesTogether values of all these layers, but at least kLeastRows
// rows, because weights are packed again for each block.
constexpr std::size_t kValuesTogether = 1 << 18;
constexpr std::size_t kLeastRows = 4;

}  // namespace

Network::Network(LayerList layers, bool bias) : layers_(std::move(layers)), bias_(bias) {
  const std::vector<Shape> shapes = layers_.shapes();
  for (std::size_t i = 0; i + 1 < layers_.layers.size(); ++i) {
    const LayerSpec& spec = layers_.layers[i];
    const std::span behind = std::span(layers_.layers).subspan(i + 1);
    stack_.push_back(layer_kind(spec.kind).make(spec, {shapes[i], bias, i == 0, behind}));
    const Shape& shape = stack_.back()->output_shape();
    for (std::size_t left = stack_.back()->layers_absorbed(); left > 0; --left, ++i) {
      stack_.push_back(std::make_unique<AbsorbedLayer>(shape));
    }
  }
  training_runs_ = runs(true);
  inference_runs_ = runs(false);
}

void Network::initialize(Initializer initializer, std::uint64_t seed) {
  for (std::size_t i = 0; i < stack_.size(); ++i) {
    if (const auto weights = stack_[i]->unit_weights()) {
      initialize_weights(initializer, seed, i, *weights);
    }
  }
}

void Network::set_class_names(std::vector<std::string> names) {
  if (!names.empty() && names.size() != outputs()) {
    refuse(fmt::format(
        "class names: {} names for {} classes; give one per class in the order of the labels",
        names.size(), outputs()));
  }
  class_names_ = std::move(names);
}

std::string Network::class_name(std::size_t label) const {
  return class_names_.empty() ? label_name(label) : class_names_[label];
}

std::string Network::label_name(std::size_t label) const {
  return input_.labels.empty() ? std::to_string(label) : input_.labels[label];
}

std::size_t Network::parameter_count() const {
  std::size_t count = 0;
  for (const auto& layer : stack_) {
    if (const Parameter* p = std::as_const(*layer).parameter()) count += p->rows * p->columns;
  }
  return count;
}

std::vector<NamedParameter> Network::parameters() const {
  std::vector<NamedParameter> all;
  for (std::size_t i = 0; i < stack_.size(); ++i) {
    std::ranges::move(stack_[i]->named_parameters(layers_.layer_name(i)), std::back_inserter(all));
  }
  return all;
}

void Network::set_parameters(const std::vector<NamedParameter>& parameters) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < stack_.size(); ++i) {
    std::vector<NamedParameter> wanted = stack_[i]->named_parameters(layers_.layer_name(i));
    for (NamedParameter& want : wanted) {
      const auto found = std::ranges::find(parameters, want.name, &NamedParameter::name);
      if (found == parameters.end()) {
        throw Error(ExitCode::kBadInput,
                    fmt::format("tensor '{}' of shape ({}) is missing for layers {}", want.name,
                                fmt::join(want.shape, ", "), to_string(layers_)));
      }
      if (found->shape != want.shape) {
        throw Error(ExitCode::kBadInput,
                    fmt::format("tensor '{}' has shape ({}), layers {} need ({})", want.name,
                                fmt::join(found->shape, ", "), to_string(layers_),
                                fmt::join(want.shape, ", ")));
      }
      want.values = found->values;
      ++taken;
    }
    stack_[i]->set_named_parameters(wanted);
  }
  if (taken == parameters.size()) return;
  const std::vector<NamedParameter> known = this->parameters();
  for (const NamedParameter& parameter : parameters) {
    if (std::ranges::find(known, parameter.name, &NamedParameter::name) == known.end()) {
      throw Error(ExitCode::kBadInput,
                  fmt::format("tensor '{}' has no place in layers {}{}", parameter.name,
                              to_string(layers_), bias_ ? "" : " without bias"));
    }
  }
}

std::vector<Range> Network::runs(bool training) const {
  const std::vector<Shape> shapes = layers_.shapes();
  const auto few_rows = [&](std::size_t i) {
    return shapes[i].height * shapes[i].width > 1 && layers_.layers[i].kind != LayerKind::kDense &&
           !(training && stack_[i]->mixes_rows());
  };
  std::vector<Range> runs;
  for (std::size_t i = 0; i < depth(); ++i) {
    if (i > 0 && few_rows(i - 1) && few_rows(i)) {
      runs.back().end = i + 1;
    } else {
      runs.push_back({i, i + 1});
    }
  }
  return runs;
}

template <class Visit>
void Network::for_each_block(const Range& run, const Worker& worker, Pass& pass,
                             const Visit& visit) const {
  std::vector<LayerPass> layers;
  std::size_t values = 0;
  for (std::size_t i = run.begin; i < run.end; ++i) {
    layers.push_back(pass.layer(i, worker));
    values += stack_[i]->outputs();
  }
  const Range rows = layers.front().rows;
  const std::size_t together = std::max(kLeastRows, kValuesTogether / values);
  for (std::size_t begin = rows.begin; begin < rows.end; begin += together) {
    for (LayerPass& layer : layers) layer.rows = {begin, std::min(begin + together, rows.end)};
    visit(layers);
  }
}

void Network::forward(Worker& worker, Pass& pass) const {
  for (const Range& run : pass.training() ? training_runs_ : inference_runs_) {
    if (run.size() > 1) {
      for_each_block(run, worker, pass, [&](const std::vector<LayerPass>& block) {
        for (std::size_t i = run.begin; i < run.end; ++i) {
          stack_[i]->forward(worker, block[i - run.begin]);
        }
      });
      continue;
    }
    const std::size_t i = run.begin;
    const LayerPass layer_pass = pass.layer(i, worker);
    const bool columns = stack_[i]->shares_columns(layer_pass);
    if (columns && i > 0) worker.barrier();
    stack_[i]->forward(worker, layer_pass);
    if (columns) worker.barrier();
  }
}

void Network::backward(Worker& worker, Pass& pass) const {
  const std::vector<Range>& all = training_runs_;
  for (auto run = all.rbegin(); run != all.rend(); ++run) {
    if (run->size() > 1) {
      for_each_block(*run, worker, pass, [&](const std::vector<LayerPass>& block) {
        for (std::size_t i = run->end; i-- > run->begin;) {
          stack_[i]->backward(worker, block[i - run->begin]);
        }
      });
      continue;
    }
    const std::size_t i = run->begin;
    const LayerPass layer_pass = pass.layer(i, worker);
    const bool needed = stack_[i]->mixes_rows() || layer_pass.input_delta.data != nullptr;
    const bool columns = needed && stack_[i]->shares_columns(layer_pass);
    if (columns) worker.barrier();
    stack_[i]->backward(worker, layer_pass);
    if (columns) worker.barrier();
  }
}

AlignedVector<float> predict(const Network& network, const Dataset& data, ThreadPool& pool,
                             const Loss& loss, std::vector<float>* row_losses) {
  // Rows per pass: few, so that their values stay in the L1 cache; more with many weights, which
  // are packed again for each pass.
  constexpr std::size_t kManyWeights = 1 << 18;
  const std::size_t block = network.parameter_count() < kManyWeights ? 64 : 256;
  const std::size_t rows = data.rows();
  const std::size_t outputs = network.outputs();
  AlignedVector<float> probabilities(rows * outputs);
  const bool with_losses = row_losses != nullptr && data.labelled();
  const InputForm form = faster_input_form(data);
  if (with_losses) row_losses->resize(rows);
  pool.run([&](Worker& worker) {
    const Range share = worker.share(rows, block);
    if (share.empty()) return;
    Pass pass(network, std::min(block, share.size()), Pass::Kind::kInference, form);
    Worker alone = Worker::alone();
    for (std::size_t begin = share.begin; begin < share.end; begin += block) {
      pass.set_rows(std::min(block, share.end - begin));
      if (data.has_floats()) {
        pass.input().load(alone, pass.rows(),
                          [&](std::size_t r) { return data.float_row(begin + r); });
      } else {
        pass.input().load(alone, pass.rows(), [&](std::size_t r) { return data.row(begin + r); });
      }
      network.forward(alone, pass);
      loss.forward(pass.output(), with_losses ? data.labels.data() + begin : nullptr,
                   with_losses ? row_losses->data() + begin : nullptr);
      for (std::size_t r = 0; r < pass.rows(); ++r) {
        std::copy_n(pass.output().row(r), outputs, probabilities.data() + (begin + r) * outputs);
      }
    }
  });
  return probabilities;
}

AlignedVector<float> predict(const Network& network, const Dataset& data, ThreadPool& pool,
                             std::vector<float>* row_losses) {
  LossSettings settings;
  if (network.output_activation() == LayerKind::kSigmoid) {
    settings.kind = LossKind::kMeanSquaredError;
  }
  return predict(network, data, pool, Loss(settings, network.output_activation()), row_losses);
}

}  // namespace mnist
