// A feed-forward network: a stack of layers and the activation of its outputs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/aligned_vector.h"
#include "base/thread_pool.h"
#include "data/dataset.h"
#include "data/model_input.h"
#include "kernels/matrix.h"
#include "kernels/pixel_batch.h"
#include "kernels/pixels.h"
#include "nn/initializer.h"
#include "nn/layer.h"
#include "nn/layer_list.h"
#include "nn/loss.h"

namespace mnist {

class Pass;

class Network {
 public:
  /// All weights and biases of dense layers zero.
  Network(LayerList layers, bool bias);

  /// Draws the weights of every dense layer; biases stay zero.
  void initialize(Initializer initializer, std::uint64_t seed);

  const LayerList& layers() const { return layers_; }
  bool has_bias() const { return bias_; }
  std::size_t inputs() const { return layers_.inputs; }
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
  LayerList layers_;
  bool bias_;
  std::vector<std::string> class_names_;
  ModelInput input_;
  std::vector<std::unique_ptr<Layer>> stack_;
};

/// How a first dense layer reads its input: as pixels, skipping zeros, or as floats. The results
/// are the same bits.
enum class InputForm { kPixels, kFloats };

/// The faster form for such data.
InputForm faster_input_form(const Dataset& data);

/// What passes through a network of up to `max_rows` rows at a time write: activations and deltas.
class Pass {
 public:
  enum class Kind { kInference, kTraining };  // inference has no deltas

  Pass(const Network& network, std::size_t max_rows, Kind kind,
       InputForm form = InputForm::kPixels);

  /// The next pass is over this many rows.
  void set_rows(std::size_t rows) { rows_ = rows; }
  std::size_t rows() const { return rows_; }
  /// The seed and step that random layers draw from.
  void set_moment(std::uint64_t seed, std::uint64_t step) {
    seed_ = seed;
    step_ = step;
  }

  /// Puts the worker's share of the input in place; `pixels(r)` are those of row r, or floats,
  /// which a pass of InputForm::kFloats takes as they are. All workers must have done so before a
  /// forward pass.
  template <class PixelsOfRow>
  void load(const Worker& worker, const PixelsOfRow& pixels) {
    if constexpr (std::is_convertible_v<decltype(pixels(0)), const std::uint8_t*>) {
      if (pixels_) {
        const Range features = loaded_share(worker);
        return pixels_->load(features.begin, features.end, rows_, pixels);
      }
    }
    const Range share = row_share(worker, rows_);
    const Matrix input = view(activations_.front());
    for (std::size_t r = share.begin; r < share.end; ++r) {
      load_row(pixels(r), input.columns, input.row(r));
    }
  }

  /// The input of the pass to come can be put in place during this one, each half of its features
  /// in so many parts; 0 where it is not read as pixels.
  std::size_t parts_ahead() const {
    return pixels_ ? (middle() + kFeaturesAhead - 1) / kFeaturesAhead : 0;
  }
  template <class PixelsOfRow>
  void load_ahead(std::size_t half, std::size_t part, std::size_t rows, const PixelsOfRow& pixels) {
    const Range features = half == 0 ? Range{0, middle()} : Range{middle(), pixels_->features()};
    const std::size_t begin = std::min(features.begin + part * kFeaturesAhead, features.end);
    const std::size_t end = std::min(begin + kFeaturesAhead, features.end);
    pixels_ahead_->load(begin, end, rows, pixels);
  }
  /// Makes what was put in place ahead the input.
  void advance() { pixels_.swap(pixels_ahead_); }

  /// Fetches what load() will read of these rows of a later pass into the worker's cache.
  template <class PixelsOfRow>
  void prefetch(const Worker& worker, std::size_t rows, const PixelsOfRow& pixels) const {
    const Range features = pixels_ ? loaded_share(worker) : Range{0, activations_[0].columns};
    const Range share = pixels_ ? Range{0, rows} : row_share(worker, rows);
    for (std::size_t r = share.begin; r < share.end; ++r) {
      const auto* begin = pixels(r) + features.begin;
      kernels::prefetch_pixels(reinterpret_cast<const std::uint8_t*>(begin),
                               features.size() * sizeof(*begin));
    }
  }

  /// [rows × outputs].
  Matrix output() { return view(activations_.back()); }
  /// Perhaps only the worker's own rows.
  Matrix output_delta(const Worker& worker) { return view(deltas_.back(), worker); }

  /// What layer i works on, as this worker sees it: perhaps only its own rows, where these are all
  /// that each needs.
  LayerPass layer(std::size_t i, const Worker& worker);

 private:
  static constexpr std::size_t kFeaturesAhead = 5 * kernels::PixelBatch::kLoaded;

  struct Buffer {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::shared_ptr<AlignedVector<float>> values;  // in common with the layer below if in place
    std::size_t apart = 0;  // floats from the rows of one of two workers to those of the other
  };

  static void load_row(const std::uint8_t* pixels, std::size_t n, float* out) {
    kernels::scale_pixels(pixels, n, out);
  }
  static void load_row(const float* values, std::size_t n, float* out) {
    std::copy_n(values, n, out);
  }

  // The features of every row that a worker loads as pixels.
  Range loaded_share(const Worker& worker) const {
    return worker.share(pixels_->features(), kernels::PixelBatch::kLoaded);
  }

  std::size_t middle() const { return kernels::PixelBatch::middle(pixels_->features()); }

  Matrix view(Buffer& buffer, std::size_t rows) const {
    return {buffer.rows == 0 ? nullptr : buffer.values->data(), rows, buffer.columns,
            row_stride(buffer.columns)};
  }
  Matrix view(Buffer& buffer) const { return view(buffer, rows_); }
  Matrix view(Buffer& buffer, const Worker& worker) const {
    Matrix seen = view(buffer);
    // The worker of the last rows has the upper part, so what neither uses lies in between.
    if (buffer.apart > 0 && worker.count() == 2 && worker.index() == 0) seen.data += buffer.apart;
    return seen;
  }

  Kind kind_;
  std::size_t rows_;
  std::uint64_t seed_ = 0;
  std::uint64_t step_ = 0;
  std::optional<kernels::PixelBatch> pixels_;
  std::optional<kernels::PixelBatch> pixels_ahead_;  // in training
  std::vector<Buffer> activations_;                  // the input of each layer, then the output
  std::vector<Buffer> deltas_;  // their derivatives, that of the input never computed
  std::vector<Buffer> statistics_;
  std::vector<Buffer> begun_;
  Buffer chains_;  // of the first layer, two below each other
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
