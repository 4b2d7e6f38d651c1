// One layer of a network: its forward and backward computation and, where it has any, its
// parameters. A layer is constant during a pass; what a pass writes belongs to Pass (pass.h), and
// what only one layer needs of it to that layer's workspace.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/shape.h"
#include "base/thread_pool.h"
#include "kernels/matrix.h"
#include "kernels/pixel_batch.h"
#include "nn/parameter.h"

namespace mnist {

class InputBatch;

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

/// What a workspace is made for.
struct WorkspacePlan {
  std::size_t max_rows = 0;
  bool training = false;
  /// What the layer reads, for the first layer of a network; nullptr for the others.
  const InputBatch* input = nullptr;
};

/// What one layer remembers from its forward pass to the backward pass and the update, and its
/// scratch memory. A layer derives its own from this where it needs one.
class Workspace {
 public:
  /// Which rows each of two workers reads and writes of the layer's input, output and deltas: where
  /// these are its own alone, the rows of the two can lie apart in memory.
  enum class RowsTouched {
    kAny,
    kOwnOutputs,  // only its own of the output, any of the rest
    kOwn,
  };

  explicit Workspace(RowsTouched rows_touched) : rows_touched_(rows_touched) {}
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  virtual ~Workspace() = default;

  RowsTouched rows_touched() const { return rows_touched_; }

 private:
  RowsTouched rows_touched_;
};

/// What a layer works on in one pass. Matrices have a row for each row of the pass.
struct LayerPass {
  bool training = false;   // else the layer predicts
  std::uint64_t seed = 0;  // of random layers, with the step and the layer's position
  std::uint64_t step = 0;
  std::size_t position = 0;

  std::size_t workers = 1;   // that share the pass
  Range rows;                // those to compute, where each worker computes rows of its own
  ConstMatrix input;         // [rows × inputs]; without data where the layer reads an InputBatch
  Matrix output;             // [rows × outputs]
  ConstMatrix output_delta;  // ∂L/∂output
  Matrix input_delta;        // ∂L/∂input; without data where nobody needs it
  Workspace* workspace = nullptr;  // what the layer's workspace() made
};

/// Takes a block of ∂L/∂parameter: `gradient` points to its first element, its rows are as far
/// apart as the parameter's. Columns up to the next multiple of kFloatsPerLine are padding, and
/// zero.
using GradientSink = std::function<void(const Block& block, const float* gradient)>;

/// Whether a sink is to be given rows of a gradient that are zero.
enum class ZeroRows { kKept, kLeftOut };

class Layer {
 public:
  explicit Layer(const Shape& output) : output_shape_(output) {}
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  virtual ~Layer() = default;

  /// Values without an order in space are channels of one pixel. Values lie row by row, the
  /// channels of a pixel side by side.
  const Shape& output_shape() const { return output_shape_; }
  std::size_t outputs() const { return output_shape_.size(); }

  /// True where the layer can read its input as pixels, if it is the first one.
  virtual bool reads_pixels() const { return false; }
  /// True where a row's result depends on the others in training.
  virtual bool mixes_rows() const { return false; }
  /// True for an elementwise layer whose backward pass needs no input: then `output` may be `input`
  /// itself, and `input_delta` `output_delta`.
  virtual bool in_place() const { return false; }

  /// How many of the layers behind it this one does the work of: their place in the stack is held
  /// by layers that do nothing.
  virtual std::size_t layers_absorbed() const { return 0; }

  /// The layer's memory for passes of this kind; nullptr where it needs none and touches own rows
  /// only.
  virtual std::unique_ptr<Workspace> workspace(const WorkspacePlan& plan) const;

  /// True where each worker computes its column_share of such a pass's output and input_delta, of
  /// all rows: all workers then finish the layer below before this one and this one before the
  /// next, forward and backward. Else each computes the pass's `rows`.
  virtual bool shares_columns(const LayerPass& /*pass*/) const { return false; }

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

  /// The part of the parameter that weighs inputs; nothing where there is none.
  virtual std::optional<UnitWeights> unit_weights() { return std::nullopt; }

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

  /// The parameters and what is tracked as files hold them; `prefix` is the layer's name in them.
  virtual std::vector<NamedParameter> named_parameters(const std::string& prefix) const;
  /// Takes what named_parameters gives, names and shapes being the same.
  virtual void set_named_parameters(const std::vector<NamedParameter>& parameters);

 private:
  Shape output_shape_;
};

}  // namespace mnist
