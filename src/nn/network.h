// A feed-forward network: a stack of layers and the activation of its outputs.
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
  /// All weights and biases zero.
  Network(LayerList layers, bool bias);

  /// Draws the weights of every layer; biases stay zero.
  void initialize(Initializer initializer, std::uint64_t seed);

  const LayerList& layers() const { return layers_; }
  bool has_bias() const { return bias_; }
  std::size_t inputs() const { return layers_.inputs(); }
  std::size_t outputs() const { return layers_.outputs(); }
  LayerKind output_activation() const { return layers_.layers.back().kind; }

  /// The layers below the output activation.
  std::size_t depth() const { return stack_.size(); }
  Layer& layer(std::size_t i) { return *stack_[i]; }
  const Layer& layer(std::size_t i) const { return *stack_[i]; }

  /// What people call the classes, in the order of the outputs; empty where they are but numbers.
  const std::vector<std::string>& class_names() const { return class_names_; }
  /// Throws Error(kUsage) unless there are none or as many as outputs.
  void set_class_names(std::vector<std::string> names);
  /// The name of a class, or what data call it.
  std::string class_name(std::size_t label) const;

  /// How it takes its input, and what its data call the classes.
  const ModelInput& input() const { return input_; }
  void set_input(ModelInput input) { input_ = std::move(input); }
  /// What data call a class.
  std::string label_name(std::size_t label) const;

  std::size_t parameter_count() const;

  /// The parameters in the order of the stack, for files.
  std::vector<NamedParameter> parameters() const;
  /// Takes parameters of any order. Throws Error(kBadInput) naming the tensor that is missing, too
  /// many, or of another shape.
  void set_parameters(const std::vector<NamedParameter>& parameters);

  /// From the pass's input to pass.output(), the values under the output activation. All workers of
  /// a pool call it together; each computes its share of the rows.
  void forward(Worker& worker, Pass& pass) const;

  /// From pass.output_delta() to the deltas of every layer with parameters below. Shared as
  /// forward; afterwards a barrier must come before anyone reads deltas of rows not its own.
  void backward(Worker& worker, Pass& pass) const;

 private:
  // The layers in runs, of one or several that a worker can compute for a few rows at a time.
  std::vector<Range> runs(bool training) const;
  // Calls visit(passes) with the passes of a run's layers, once for every few rows of the worker's.
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

/// The network's probabilities [rows × outputs] for each row of `data`, by all threads of `pool`.
/// Where `row_losses` is given and the data labelled, also each row's loss.
AlignedVector<float> predict(const Network& network, const Dataset& data, ThreadPool& pool,
                             const Loss& loss, std::vector<float>* row_losses);

/// The same with the loss that fits the network's output: cross-entropy, or the mean squared error
/// over sigmoid outputs.
AlignedVector<float> predict(const Network& network, const Dataset& data, ThreadPool& pool,
                             std::vector<float>* row_losses = nullptr);

}  // namespace mnist
