#include "nn/convolution_layer.h"

#include <algorithm>

#include "base/aligned_vector.h"

namespace mnist {

namespace {

// Floats of a gradient that are computed at a time. With the sums of a block of images they fit the
// L2 cache.
constexpr std::size_t kGradientFloats = 1 << 16;

// The choices of max pooling, from the forward to the backward pass.
struct PoolMemory : Workspace {
  // kAny, because gradient() reads all rows.
  explicit PoolMemory(std::size_t size, std::size_t rows)
      : Workspace(RowsTouched::kAny), row_size(size), choices(size * rows) {}

  std::size_t row_size;
  std::vector<std::uint8_t> choices;
};

kernels::PoolChoice choice(const LayerPass& pass) {
  auto& memory = static_cast<PoolMemory&>(*pass.workspace);
  return {memory.choices.empty() ? nullptr : memory.choices.data(), memory.row_size};
}

kernels::ConvolutionDelta delta(const LayerPass& pass, const Range& rows) {
  return {pass.output_delta.row_range(rows.begin, rows.end),
          ConstMatrix(pass.output).row_range(rows.begin, rows.end),
          choice(pass).from_row(rows.begin)};
}

}  // namespace

ConvolutionLayer::ConvolutionLayer(const kernels::ConvolutionShape& shape, bool bias)
    : Layer(shape.result()),
      shape_(shape),
      parameter_(shape.patch() + (bias ? 1 : 0), shape.channels) {}

std::size_t ConvolutionLayer::layers_absorbed() const {
  return (shape_.relu ? 1U : 0U) + (shape_.pool > 1 ? 1U : 0U);
}

std::unique_ptr<Workspace> ConvolutionLayer::workspace(const WorkspacePlan& plan) const {
  const bool chooses = plan.training && shape_.pool > 1;
  return std::make_unique<PoolMemory>(chooses ? kernels::PoolChoice::row_size(shape_) : 0,
                                      plan.max_rows);
}

std::optional<UnitWeights> ConvolutionLayer::unit_weights() {
  return UnitWeights{parameter_.matrix().row_range(0, shape_.patch()),
                     shape_.channels * shape_.kernel * shape_.kernel};
}

std::array<Block, 2> ConvolutionLayer::parameter_share(const LayerPass&,
                                                       const Worker& worker) const {
  const Range rows{0, parameter_.rows};
  const Range columns{0, parameter_.columns};
  if (parameter_.columns >= worker.count() * kFloatsPerLine) {
    return {Block{rows, column_share(worker, parameter_.columns)}};
  }
  return {Block{worker.share(rows.end), columns}};
}

void ConvolutionLayer::forward(Worker&, const LayerPass& pass) const {
  const float* bias = has_bias() ? parameter_.matrix().row(shape_.patch()) : nullptr;
  kernels::convolution_forward(shape_, pass.input.row_range(pass.rows.begin, pass.rows.end),
                               weights(), bias,
                               pass.output.row_range(pass.rows.begin, pass.rows.end),
                               choice(pass).from_row(pass.rows.begin));
}

void ConvolutionLayer::backward(Worker&, const LayerPass& pass) const {
  if (pass.input_delta.data == nullptr) return;
  kernels::convolution_backward(shape_, delta(pass, pass.rows), weights(),
                                pass.input_delta.row_range(pass.rows.begin, pass.rows.end));
}

void ConvolutionLayer::gradient(const Block& share, const LayerPass& pass,
                                std::span<const float* const>, ZeroRows,
                                const GradientSink& sink) const {
  const std::size_t stride = parameter_.stride;
  const std::size_t together = std::max<std::size_t>(1, kGradientFloats / stride);
  thread_local AlignedVector<float> floats;
  floats.assign(std::min(together, share.rows.size()) * stride, 0.0F);
  const kernels::ConvolutionDelta of_results = delta(pass, {0, pass.output.rows});
  for (std::size_t begin = share.rows.begin; begin < share.rows.end; begin += together) {
    const std::size_t end = std::min(begin + together, share.rows.end);
    kernels::convolution_gradient(shape_, pass.input, of_results, begin, share.columns.begin,
                                  {floats.data(), end - begin, share.columns.size(), stride});
    sink({{begin, end}, share.columns}, floats.data());
  }
}

std::size_t ConvolutionLayer::row_of(std::size_t i) const {
  const std::size_t positions = shape_.kernel * shape_.kernel;
  return i % positions * shape_.input.channels + i / positions;
}

std::vector<NamedParameter> ConvolutionLayer::named_parameters(const std::string& prefix) const {
  const std::size_t units = shape_.channels;
  NamedParameter weight{
      prefix + ".weight", {units, shape_.input.channels, shape_.kernel, shape_.kernel}, {}};
  for (std::size_t unit = 0; unit < units; ++unit) {
    for (std::size_t i = 0; i < shape_.patch(); ++i) {
      weight.values.push_back(parameter_.matrix().row(row_of(i))[unit]);
    }
  }
  std::vector<NamedParameter> result{std::move(weight)};
  if (has_bias()) {
    const float* bias = parameter_.matrix().row(shape_.patch());
    result.push_back({prefix + ".bias", {units}, {bias, bias + units}});
  }
  return result;
}

void ConvolutionLayer::set_named_parameters(const std::vector<NamedParameter>& parameters) {
  const Matrix all = parameter_.matrix();
  for (std::size_t unit = 0; unit < shape_.channels; ++unit) {
    for (std::size_t i = 0; i < shape_.patch(); ++i) {
      all.row(row_of(i))[unit] = parameters[0].values[unit * shape_.patch() + i];
    }
  }
  if (has_bias()) std::ranges::copy(parameters[1].values, all.row(shape_.patch()));
}

}  // namespace mnist
