// A feed-forward network: its layers and parameters.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/aligned_vector.h"
#include "base/thread_pool.h"
#include "data/dataset.h"
#include "kernels/matrix.h"
#include "nn/layer_list.h"

namespace mnist {

/// One parameter tensor under the name and in the shape that torch.nn.Sequential gives it:
/// "0.weight" of shape (out, in), "0.bias" of shape (out).
struct NamedParameter {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;  // row-major
};

class Network {
 public:
  /// All parameters zero.
  Network(LayerList layers, bool bias);

  const LayerList& layers() const { return layers_; }
  bool has_bias() const { return bias_; }
  std::size_t inputs() const { return layers_.inputs; }
  std::size_t outputs() const { return layers_.outputs(); }
  std::size_t parameter_count() const;

  /// The parameters in the order of the stack, for files.
  std::vector<NamedParameter> parameters() const;
  /// Takes parameters of any order. Throws Error(kBadInput) naming the tensor that is missing, too
  /// many, or of another shape.
  void set_parameters(const std::vector<NamedParameter>& parameters);

 private:
  LayerList layers_;
  bool bias_;
};

/// The network's probabilities [rows × outputs] for each row of `data`, by all threads of `pool`.
AlignedVector<float> predict(const Network& network, const Dataset& data, ThreadPool& pool);

}  // namespace mnist
