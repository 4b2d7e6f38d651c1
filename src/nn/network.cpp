#include "nn/network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "nn/dense_layer.h"

namespace mnist {

namespace {

// Floats between buffers, a page: where one thread writes beside what another reads, the processor
// fetches for the one ahead what the other is about to write, but not beyond a page.
constexpr std::size_t kGap = 1024;

}  // namespace

Network::Network(LayerList layers, bool bias) : layers_(std::move(layers)), bias_(bias) {
  std::size_t width = layers_.inputs;
  for (std::size_t i = 0; i + 1 < layers_.layers.size(); ++i) {
    stack_.push_back(make_layer(layers_.layers[i], width, bias));
    width = stack_.back()->outputs();
  }
}

void Network::initialize(Initializer initializer, std::uint64_t seed) {
  for (std::size_t i = 0; i < stack_.size(); ++i) {
    if (auto* dense = dynamic_cast<DenseLayer*>(stack_[i].get())) {
      initialize_weights(initializer, seed, i, dense->weights());
    }
  }
}

void Network::set_class_names(std::vector<std::string> names) {
  if (!names.empty() && names.size() != outputs()) {
    throw Error(ExitCode::kUsage,
                fmt::format("class names: {} names for {} classes; give one per class in the order "
                            "of the labels",
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
    std::ranges::move(stack_[i]->named_parameters(std::to_string(i)), std::back_inserter(all));
  }
  return all;
}

void Network::set_parameters(const std::vector<NamedParameter>& parameters) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < stack_.size(); ++i) {
    std::vector<NamedParameter> wanted = stack_[i]->named_parameters(std::to_string(i));
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

void Network::forward(Worker& worker, Pass& pass) const {
  for (std::size_t i = 0; i < stack_.size(); ++i) {
    const LayerPass layer_pass = pass.layer(i, worker);
    const bool columns = stack_[i]->shares_columns(layer_pass, worker);
    if (columns && i > 0) worker.barrier();
    stack_[i]->forward(worker, layer_pass);
    if (columns) worker.barrier();
  }
}

void Network::backward(Worker& worker, Pass& pass) const {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    const LayerPass layer_pass = pass.layer(i, worker);
    const bool needed = stack_[i]->mixes_rows() || layer_pass.input_delta.data != nullptr;
    const bool columns = needed && stack_[i]->shares_columns(layer_pass, worker);
    if (columns) worker.barrier();
    stack_[i]->backward(worker, layer_pass);
    if (columns) worker.barrier();
  }
}

InputForm faster_input_form(const Dataset& data) {
  // Where the two take equally long: measured from 0.55 (500 outputs) to 0.75 (50 or 2000).
  constexpr double kEvenShare = 0.6;
  return inked_share(data) < kEvenShare ? InputForm::kPixels : InputForm::kFloats;
}

Pass::Pass(const Network& network, std::size_t max_rows, Kind kind, InputForm form)
    : kind_(kind), rows_(max_rows) {
  if (form == InputForm::kPixels && network.depth() > 0 && network.layer(0).reads_pixels()) {
    pixels_.emplace(network.inputs(), max_rows);
    if (kind == Kind::kTraining) pixels_ahead_.emplace(network.inputs(), max_rows);
  }
  const auto buffer = [](std::size_t columns, std::size_t rows, bool apart = false) -> Buffer {
    const std::size_t size = rows * row_stride(columns);
    if (size == 0) return {rows, columns, std::make_shared<AlignedVector<float>>()};
    return {rows, columns, std::make_shared<AlignedVector<float>>((apart ? 2 * size : size) + kGap),
            apart ? size : 0};
  };
  const bool training = kind == Kind::kTraining;
  const std::size_t depth = network.depth();
  const bool chains = depth > 0 && network.layer(0).sums_in_chains();
  if (chains) chains_ = buffer(network.layer(0).outputs(), 2 * max_rows);
  // A layer with parameters needs its own output no more.
  const auto in_place = [&](std::size_t i) {
    return i > 0 && i < depth && network.layer(i).in_place() &&
           network.layer(i - 1).parameter() != nullptr;
  };
  // Whether each of two workers needs only its own rows of what layer i, or the loss, takes and
  // gives.
  const auto own_rows = [&](std::size_t i) {
    if (i == depth) return true;
    const Layer& layer = network.layer(i);
    if (layer.parameter() == nullptr) return !layer.mixes_rows();
    return layer.hands_gradient_on() && !(i == 0 && pixels_);
  };
  std::size_t delta_rows = 0;  // below all parameters nobody needs a delta
  activations_.push_back(buffer(network.inputs(), pixels_ ? 0 : max_rows));
  deltas_.push_back(buffer(network.inputs(), 0));
  for (std::size_t i = 0; i < depth; ++i) {
    const Layer& layer = network.layer(i);
    if (training && layer.parameter() != nullptr) delta_rows = max_rows;
    if (in_place(i)) {
      activations_.push_back(activations_.back());
      deltas_.push_back(deltas_.back());
    } else {
      const std::size_t user = in_place(i + 1) ? i + 2 : i + 1;
      const bool apart = training && own_rows(i + 1) && own_rows(user);
      // All rows of the network's output can be asked for.
      const bool output_apart = apart && user < depth && (own_rows(i) || (i == 0 && chains));
      activations_.push_back(buffer(layer.outputs(), max_rows, output_apart));
      deltas_.push_back(buffer(layer.outputs(), delta_rows, apart && own_rows(i)));
    }
    const bool begun = training && layer.parameter() != nullptr && own_rows(i);
    begun_.push_back(buffer(layer.outputs(), begun ? layer.parameter()->rows : 0));
    statistics_.push_back(buffer(layer.outputs(), layer.statistics_rows()));
  }
}

LayerPass Pass::layer(std::size_t i, const Worker& worker) {
  LayerPass pass;
  pass.training = kind_ == Kind::kTraining;
  pass.seed = seed_;
  pass.step = step_;
  pass.position = i;
  pass.pixels = i == 0 && pixels_ ? &*pixels_ : nullptr;
  pass.input = view(activations_[i], worker);
  pass.output = view(activations_[i + 1], worker);
  pass.output_delta = view(deltas_[i + 1], worker);
  pass.input_delta = view(deltas_[i], worker);
  if (i == 0 && chains_.values) pass.chains = view(chains_, 2 * rows_);
  if (begun_[i].rows > 0 && worker.count() == 2) {
    pass.begun = view(begun_[i], begun_[i].rows);
    pass.rows_begun = row_share(worker, rows_).begin;
  }
  pass.statistics = view(statistics_[i], statistics_[i].rows);
  return pass;
}

AlignedVector<float> predict(const Network& network, const Dataset& data, ThreadPool& pool,
                             const Loss& loss, std::vector<float>* row_losses) {
  // Rows that pass together: few, so that their values stay in the first-level cache, but more
  // where the weights are many, as they are packed for each block.
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
        pass.load(alone, [&](std::size_t r) { return data.float_row(begin + r); });
      } else {
        pass.load(alone, [&](std::size_t r) { return data.row(begin + r); });
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
