// One layer of a network: its forward and backward computation and, where it has any, its
// parameters. A layer is constant during a pass; what a pass writes belongs to Pass (pass.h).
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/aligned_vector.h"
#include "base/thread_pool.h"
#include "kernels/matrix.h"
#include "kernels/pixel_batch.h"
#include "nn/layer_list.h"

namespace mnist {

/// A layer's trainable numbers: a matrix with rows padded to cache lines; the padding is and stays
/// zero, so that an optimizer may run over `values` from end to end.
struct Parameter {
  Parameter(std::size_t row_count, std::size_t column_count)
      : rows(row_count),
        columns(column_count),
        stride(row_stride(column_count)),
        values(rows * stride) {}

  Matrix matrix() { return {values.data(), rows, columns, stride}; }
  ConstMatrix matrix() const { return {values.data(), rows, columns, stride}; }

  std::size_t rows;
  std::size_t columns;
  std::size_t stride;
  AlignedVector<float> values;
};

/// One parameter tensor under the name and in the shape that torch.nn.Sequential gives it:
/// "0.weight" of shape (out, in), "0.bias" of shape (out).
struct NamedParameter {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;  // row-major
};

/// The rows of a pass that a worker computes, the same for every layer: no layer has to wait for
/// another worker's rows. The first worker has the last ones, as it has less to do where a batch of
/// MNIST is shared by features, its half being the upper one with less ink, and more where a
/// gradient is handed on.
inline Range row_share(const Worker& worker, std::size_t rows) {
  return worker.reverse_share(rows, 16);
}

/// The columns that a worker computes in a layer that is shared by columns, whole cache lines.
inline Range column_share(const Worker& worker, std::size_t columns) {
  return worker.share(columns, kFloatsPerLine);
}

/// The rows of a parameter that a worker updates where these are shared, so that kernels for pixels
/// can begin there.
inline Range parameter_rows(const Worker& worker, std::size_t rows) {
  return worker.share(rows, kernels::PixelBatch::kGroup);
}

/// A block of a parameter.
struct Block {
  Range rows;
  Range columns;

  bool empty() const { return rows.empty() || columns.empty(); }
};

/// What a layer works on in one pass, all over the pass's rows.
struct LayerPass {
  bool training = false;   // else the layer predicts
  std::uint64_t seed = 0;  // of random layers, with the step and the layer's position
  std::uint64_t step = 0;
  std::size_t position = 0;

  const kernels::PixelBatch* pixels = nullptr;  // the input of a first layer that reads_pixels()
  ConstMatrix input;                            // [rows × inputs] otherwise
  Matrix output;                                // [rows × outputs]
  ConstMatrix output_delta;                     // ∂L/∂output
  Matrix input_delta;                           // ∂L/∂input; without data where nobody needs it
  Matrix statistics;                            // [statistics_rows × outputs], the layer's to use
  Matrix chains;  // [2 · rows × outputs], one below the other, of a first layer that sums in two

  // Of a layer whose gradient two workers sum one after the other: what the worker of the first
  // rows sums over these, as the parameter, and for the other worker how many these are.
  Matrix begun;
  std::size_t rows_begun = 0;
};

/// Takes a block of ∂L/∂parameter: `gradient` points to its first element, its rows are as far
/// apart as the parameter's. Columns up to the next multiple of kFloatsPerLine are padding, and
/// zero.
using GradientSink = std::function<void(const Block& block, const float* gradient)>;

/// Whether a sink is to be given rows of a gradient that are zero.
enum class ZeroRows { kKept, kLeftOut };

class Layer {
 public:
  virtual ~Layer() = default;

  virtual std::size_t outputs() const = 0;

  /// True where a first layer of this kind takes its input as pixels.
  virtual bool reads_pixels() const { return false; }
  /// True where a row's result depends on the others in training: all workers then finish the layer
  /// below before this one and this one before the next, forward and backward.
  virtual bool mixes_rows() const { return false; }
  /// True for an elementwise layer whose backward pass needs no input: then `output` may be `input`
  /// itself, and `input_delta` `output_delta`.
  virtual bool in_place() const { return false; }
  /// True where a first layer of this kind sums over its inputs in two chains.
  virtual bool sums_in_chains() const { return false; }
  /// True where of two workers the one with the first rows sums the gradient over these in
  /// backward(), and the other goes on over its own in gradient(): neither needs the other's rows.
  virtual bool hands_gradient_on() const { return false; }
  /// Rows of LayerPass::statistics, kept from the forward to the backward pass.
  virtual std::size_t statistics_rows() const { return 0; }

  /// True where each worker computes its column_share of such a pass's output and input_delta, of
  /// all rows, so that its part of the parameter stays in its own cache; else it computes its
  /// row_share.
  virtual bool shares_columns(const LayerPass& pass, const Worker& /*worker*/) const {
    return pass.training && mixes_rows();
  }

  /// The blocks of the parameter that the worker updates after such a pass; the second one may be
  /// empty, or both.
  virtual std::array<Block, 2> parameter_share(const LayerPass& pass, const Worker& worker) const;

  /// output from input, by each worker its share.
  virtual void forward(Worker& worker, const LayerPass& pass) const = 0;

  /// input_delta from output_delta and the forward pass, shared likewise.
  virtual void backward(Worker& worker, const LayerPass& pass) const = 0;

  /// nullptr where the layer has nothing to train.
  virtual Parameter* parameter() { return nullptr; }
  const Parameter* parameter() const { return const_cast<Layer*>(this)->parameter(); }

  /// ∂L/∂parameter, summed over the rows of the pass, for the share of the calling thread, which
  /// begins at multiples of PixelBatch::kGroup rows and of kFloatsPerLine columns. `sink` takes it
  /// in blocks that the cache holds, so that it needs no memory of its own.
  /// `companions` are arrays of the parameter's size that the sink uses like the parameter's
  /// values: they may be fetched into the cache ahead. Rows of zeros may be left out if `zeros`
  /// says so.
  virtual void gradient(const Block& share, const LayerPass& pass,
                        std::span<const float* const> companions, ZeroRows zeros,
                        const GradientSink& sink) const;

  /// What training measures instead of learning it, as running statistics; nullptr where there is
  /// nothing.
  virtual Parameter* tracked() { return nullptr; }

  /// Takes these columns of a training pass's statistics in. By the calling thread alone, once
  /// backward is complete.
  virtual void track(const Range& columns, const LayerPass& pass);

  /// The parameters and what is tracked as files hold them; `prefix` is the layer's position in the
  /// stack.
  virtual std::vector<NamedParameter> named_parameters(const std::string& prefix) const;
  /// Takes what named_parameters gives, names and shapes being the same.
  virtual void set_named_parameters(const std::vector<NamedParameter>& parameters);
};

/// The layer of that description on top of `inputs` values a row. Output activations are no
/// layers: the loss knows them.
std::unique_ptr<Layer> make_layer(const LayerSpec& spec, std::size_t inputs, bool bias);

}  // namespace mnist
