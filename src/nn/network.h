// A feed-forward network: layers and an output activation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "base/aligned_vector.h"
#include "base/thread_pool.h"
#include "data/dataset.h"
#include "data/model_input.h"
#include "nn/initializer.h"
#include "nn/layer.h"
#include "nn/layer_list.h"
#include "nn/loss.h"

namespace mnist {

class Pass;

class Network {
 public:
  /// All weights and biases are zero.
  Network(LayerList layers, bool bias);

  /// Draws the weights of every layer; biases stay zero.
  void initialize(Initializer initializer, std::uint64_t seed);

  const LayerList& layers() const { return layers_; }
  bool has_bias() const { return bias_; }
  std::size_t inputs() const { return layers_.inputs(); }
  std::size_t outputs() const { return layers_.outputs(); }
  LayerKind output_activation() const { return layers_.layers.back().kind; }

  /// The number of layers, without the output activation.
  std::size_t depth() const { return stack_.size(); }
  Layer& layer(std::size_t i) { return *stack_[i]; }
  const Layer& layer(std::size_t i) const { return *stack_[i]; }

  /// The class names in the order of the outputs; empty if there are none.
  const std::vector<std::string>& class_names() const { return class_names_; }
  /// Throws Error(kUsage) unless there are no names or one per output.
  void set_class_names(std::vector<std::string> names);
  /// The name of a class; its label if it has no name.
  std::string class_name(std::size_t label) const;

  /// How the network's input is prepared, and the labels of its data.
  const ModelInput& input() const { return input_; }
  void set_input(ModelInput input) { input_ = std::move(input); }
  /// The label of a class in the data.
  std::string label_name(std::size_t label) const;

  std::size_t parameter_count() const;

  /// The parameters in the order of the layers, for files.
  std::vector<NamedParameter> parameters() const;
  /// Sets the parameters, given in any order. Throws Error(kBadInput) naming a tensor that is
  /// missing, unknown or of another shape.
  void set_parameters(const std::vector<NamedParameter>& parameters);

  /// Computes pass.output(), the values before the output activation, from the pass's input. All
  /// workers of a pool call it together; each computes its share.
  void forward(Worker& worker, Pass& pass) const;

  /// Computes the deltas of all layers that need them from pass.output_delta(), shared like
  /// forward(). Afterwards a barrier is needed before a worker reads deltas of other workers' rows.
  void backward(Worker& worker, Pass& pass) const;

 private:
  // Divides the layers into runs. A run is one layer, or several that a worker can compute together
  // for a few rows at a time.
  std::vector<Range> runs(bool training) const;
  // Calls visit(passes) with the passes of a run's layers for each block of the worker's rows.
  template <class Visit>
  void for_each_block(const Range& run, const Worker& worker, Pass& pass, const Visit& visit) const;

  LayerList layers_;
  bool bias_;
  std::vector<std::string> class_names_;
  ModelInput input_;
  std::vector<std::unique_ptr<Layer>> stack_;
  std::vector<Range> training_runs_;
  std::vector<Range> inference_runs_;
};

/// The probabilities [rows × outputs] for `data`, computed by all threads of `pool`. If
/// `row_losses` is given and the data are labelled, also the loss of each row.
AlignedVector<float> predict(const Network& network, const Dataset& data, ThreadPool& pool,
                             const Loss& loss, std::vector<float>* row_losses);

/// The same with the loss for the network's output activation: cross-entropy, or the mean squared
/// error for sigmoid.
AlignedVector<float> predict(const Network& network, const Dataset& data, ThreadPool& pool,
                             std::vector<float>* row_losses = nullptr);

}  // namespace mnist
