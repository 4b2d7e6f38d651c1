// The memory of passes through a network: input, activations, deltas and the layers' workspaces.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/aligned_vector.h"
#include "base/thread_pool.h"
#include "data/dataset.h"
#include "kernels/matrix.h"
#include "nn/input_batch.h"
#include "nn/layer.h"
#include "nn/network.h"

namespace mnist {

/// The faster input form for this data.
InputForm faster_input_form(const Dataset& data);

/// The memory of passes through a network of up to `max_rows` rows at a time.
class Pass {
 public:
  enum class Kind { kInference, kTraining };  // inference has no deltas

  Pass(const Network& network, std::size_t max_rows, Kind kind,
       InputForm form = InputForm::kPixels);

  bool training() const { return kind_ == Kind::kTraining; }

  /// Sets the number of rows of the next pass.
  void set_rows(std::size_t rows) { rows_ = rows; }
  std::size_t rows() const { return rows_; }
  /// Sets the seed and step from which random layers draw.
  void set_moment(std::uint64_t seed, std::uint64_t step) {
    seed_ = seed;
    step_ = step;
  }

  /// The input batch; load it before a forward pass.
  InputBatch& input() { return input_; }
  const InputBatch& input() const { return input_; }

  /// [rows × outputs].
  Matrix output() { return view(layers_.back().output); }
  /// [rows × outputs]; only the worker's own rows may be valid.
  Matrix output_delta(const Worker& worker) { return view(layers_.back().delta, worker); }

  /// The data of layer i for this worker. If workers only need their own rows, only these are
  /// valid.
  LayerPass layer(std::size_t i, const Worker& worker);

 private:
  struct Buffer {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::shared_ptr<AlignedVector<float>> values;  // shared with the layer below if in place
    std::size_t apart = 0;  // distance in floats between the rows of two workers; 0: contiguous
  };

  // The memory of one layer.
  struct LayerMemory {
    Buffer output;
    Buffer delta;  // ∂L/∂output
    std::unique_ptr<Workspace> workspace;
  };

  static Buffer buffer(std::size_t columns, std::size_t rows, bool apart);

  Matrix view(const Buffer& buffer) const {
    return {buffer.rows == 0 ? nullptr : buffer.values->data(), rows_, buffer.columns,
            row_stride(buffer.columns)};
  }
  Matrix view(const Buffer& buffer, const Worker& worker) const {
    Matrix seen = view(buffer);
    // The worker of the last rows uses the upper part, so that the unused rows separate the two.
    if (buffer.apart > 0 && worker.count() == 2 && worker.index() == 0) seen.data += buffer.apart;
    return seen;
  }

  Kind kind_;
  std::size_t rows_;
  std::uint64_t seed_ = 0;
  std::uint64_t step_ = 0;
  InputBatch input_;
  std::vector<LayerMemory> layers_;
};

}  // namespace mnist
