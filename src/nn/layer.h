// One layer of a network: its forward and backward computation, and its parameters, if any. A layer
// is constant during a pass. A pass writes into Pass (pass.h), or, for data of one layer only, into
// that layer's Workspace.
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

/// The rows of a pass that a worker computes. They are the same in every layer, so that no layer
/// has to wait for another worker. The order is reversed to balance two workers: with a first layer
/// shared by features, worker 0 has less work, since the upper half of digits has less ink; but it
/// has more work in gradient accumulation, in which the worker of the first rows starts.
inline Range row_share(const Worker& worker, std::size_t rows) {
  return worker.reverse_share(rows, 16);
}

/// The columns that a worker computes in a layer shared by columns; whole cache lines, to prevent
/// false sharing.
inline Range column_share(const Worker& worker, std::size_t columns) {
  return worker.share(columns, kFloatsPerLine);
}

/// The rows of a parameter that a worker updates; they begin where kernels for pixels can begin.
inline Range parameter_rows(const Worker& worker, std::size_t rows) {
  return worker.share(rows, kernels::PixelBatch::kGroup);
}

/// A block of a parameter.
struct Block {
  Range rows;
  Range columns;

  bool empty() const { return rows.empty() || columns.empty(); }
};

/// The passes for which a workspace is allocated.
struct WorkspacePlan {
  std::size_t max_rows = 0;
  bool training = false;
  /// The input of the network's first layer; nullptr for other layers.
  const InputBatch* input = nullptr;
};

/// The memory of one layer: values from the forward pass for the backward pass and the update, and
/// scratch memory. A layer that needs memory derives its own class.
class Workspace {
 public:
  /// Which rows of the layer's input, output and deltas a worker reads and writes. If a worker only
  /// touches its own rows, the rows of two workers can be placed apart in memory, which prevents
  /// false sharing.
  enum class RowsTouched {
    kAny,
    kOwnOutputs,  // only its own rows of the output, any rows of the others
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

/// The data of one layer in one pass. Matrices have a row for each row of the pass.
struct LayerPass {
  bool training = false;   // false: prediction
  std::uint64_t seed = 0;  // random layers draw from seed, step and position
  std::uint64_t step = 0;
  std::size_t position = 0;

  std::size_t workers = 1;         // the number of workers that share the pass
  Range rows;                      // this worker's rows, in a layer shared by rows
  ConstMatrix input;               // [rows × inputs]; no data if the layer reads an InputBatch
  Matrix output;                   // [rows × outputs]
  ConstMatrix output_delta;        // ∂L/∂output
  Matrix input_delta;              // ∂L/∂input; no data if it is not needed
  Workspace* workspace = nullptr;  // from the layer's workspace()
};

/// Receives a block of ∂L/∂parameter. `gradient` points to its first element; its rows have the
/// parameter's stride. Columns up to the next multiple of kFloatsPerLine are padding and zero.
using GradientSink = std::function<void(const Block& block, const float* gradient)>;

/// Whether a sink must receive zero rows of a gradient.
enum class ZeroRows { kKept, kLeftOut };

class Layer {
 public:
  explicit Layer(const Shape& output) : output_shape_(output) {}
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  virtual ~Layer() = default;

  /// Values without spatial order are the channels of one pixel. Values are stored row by row, with
  /// the channels of a pixel side by side.
  const Shape& output_shape() const { return output_shape_; }
  std::size_t outputs() const { return output_shape_.size(); }

  /// Whether the layer, as a first layer, can read its input as pixels.
  virtual bool reads_pixels() const { return false; }
  /// Whether the result of a row depends on other rows in training.
  virtual bool mixes_rows() const { return false; }
  /// Whether the layer is elementwise and its backward pass does not need the input. Then `output`
  /// may be the same memory as `input`, and `input_delta` the same as `output_delta`.
  virtual bool in_place() const { return false; }

  /// The number of following layers that are fused into this one. AbsorbedLayers take their places.
  virtual std::size_t layers_absorbed() const { return 0; }

  /// Allocates the layer's memory for passes of this kind; nullptr if it needs none and a worker
  /// only touches its own rows.
  virtual std::unique_ptr<Workspace> workspace(const WorkspacePlan& plan) const;

  /// Whether each worker computes its column_share of output and input_delta, for all rows;
  /// barriers then separate this layer from its neighbours. Otherwise each worker computes the
  /// pass's `rows`.
  virtual bool shares_columns(const LayerPass& /*pass*/) const { return false; }

  /// The blocks of the parameter that the worker updates after the pass; one or both may be empty.
  virtual std::array<Block, 2> parameter_share(const LayerPass& pass, const Worker& worker) const;

  /// Computes the worker's share of `output` from `input`.
  virtual void forward(Worker& worker, const LayerPass& pass) const = 0;

  /// Computes the worker's share of `input_delta` from `output_delta` and the forward pass.
  virtual void backward(Worker& worker, const LayerPass& pass) const = 0;

  /// The trainable parameter; nullptr if there is none.
  virtual Parameter* parameter() { return nullptr; }
  const Parameter* parameter() const { return const_cast<Layer*>(this)->parameter(); }

  /// The part of the parameter that multiplies inputs; nothing if there is none.
  virtual std::optional<UnitWeights> unit_weights() { return std::nullopt; }

  /// Computes ∂L/∂parameter, summed over the rows of the pass, for a share of the parameter, which
  /// begins at a multiple of PixelBatch::kGroup rows and of kFloatsPerLine columns. Passes it to
  /// `sink` in blocks that fit the cache, so that the whole gradient needs no memory.
  /// `companions` are arrays of the parameter's size that the sink will access at the same indices;
  /// the layer may prefetch them. With ZeroRows::kLeftOut it may skip zero rows.
  virtual void gradient(const Block& share, const LayerPass& pass,
                        std::span<const float* const> companions, ZeroRows zeros,
                        const GradientSink& sink) const;

  /// Running statistics, which training measures instead of learning them; nullptr if there are
  /// none.
  virtual Parameter* tracked() { return nullptr; }

  /// Updates these columns of the running statistics with those of a training pass. The calling
  /// thread does it alone, after the backward pass.
  virtual void track(const Range& columns, const LayerPass& pass);

  /// The parameters and running statistics in the form of files; `prefix` is the layer's name.
  virtual std::vector<NamedParameter> named_parameters(const std::string& prefix) const;
  /// Sets the values from named_parameters(), with the same names and shapes.
  virtual void set_named_parameters(const std::vector<NamedParameter>& parameters);

 private:
  Shape output_shape_;
};

}  // namespace mnist
