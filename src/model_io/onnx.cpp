#include "model_io/onnx.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <array>
#include <bit>
#include <cstdint>
#include <numbers>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "kernels/softmax.h"
#include "model_io/inference_form.h"
#include "nn/class_names.h"

namespace mnist {

namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie");

constexpr std::int64_t kOperatorSet = 13;
constexpr std::int64_t kIrVersion = 7;         // the first version with this operator set
constexpr std::size_t kMaxBytes = 0x7fffffff;  // the largest protobuf message

// Builds a chain of nodes: each operator takes the output of the previous one.
class Chain {
 public:
  Chain(onnx::GraphProto& graph, std::string input) : graph_(graph), value_(std::move(input)) {}

  const std::string& value() const { return value_; }

  // Adds the node operation(value, operands...).
  onnx::NodeProto& apply(const std::string& operation,
                         const std::vector<std::string>& operands = {}) {
    onnx::NodeProto& node = *graph_.add_node();
    node.set_op_type(operation);
    node.set_name(fmt::format("{}_{}", operation, graph_.node_size()));
    node.add_input(value_);
    for (const std::string& operand : operands) node.add_input(operand);
    value_ = node.name();
    node.add_output(value_);
    return node;
  }

  // Continues from another value than the last one.
  void set_value(std::string value) { value_ = std::move(value); }

  // Renames the last value.
  void rename(const std::string& name) {
    value_ = name;
    graph_.mutable_node(graph_.node_size() - 1)->set_output(0, name);
  }

  // Adds a tensor. Returns its name.
  std::string tensor(const std::string& name, const std::vector<std::size_t>& shape,
                     std::span<const float> values) {
    onnx::TensorProto& tensor = add_tensor(name, onnx::TensorProto::FLOAT);
    for (const std::size_t extent : shape) tensor.add_dims(static_cast<std::int64_t>(extent));
    tensor.set_raw_data(values.data(), values.size_bytes());
    return name;
  }

  // Adds a scalar constant, unless it exists. Returns its name.
  std::string scalar(float value) {
    const std::string name = fmt::format("constant_{}", value);
    return has_tensor(name) ? name : tensor(name, {}, {&value, 1});
  }

  // Adds the shape of a batch of images, an operand of Reshape. Returns its name.
  std::string image_shape(const Shape& shape) {
    std::string name = "image_shape";
    onnx::TensorProto& tensor = add_tensor(name, onnx::TensorProto::INT64);
    const std::array<std::int64_t, 4> extents{-1, static_cast<std::int64_t>(shape.channels),
                                              static_cast<std::int64_t>(shape.height),
                                              static_cast<std::int64_t>(shape.width)};
    tensor.add_dims(static_cast<std::int64_t>(extents.size()));
    for (const std::int64_t extent : extents) tensor.add_int64_data(extent);
    return name;
  }

  // Swaps rows and columns of images.
  void transpose() {
    onnx::AttributeProto& order = *apply("Transpose").add_attribute();
    order.set_name("perm");
    order.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t axis : {0, 1, 3, 2}) order.add_ints(axis);
  }

  // Adds the number of the class axis, an operand of ReduceSum. Returns its name.
  std::string class_axis() {
    std::string name = "class_axis";
    onnx::TensorProto& tensor = add_tensor(name, onnx::TensorProto::INT64);
    tensor.add_dims(1);
    tensor.add_int64_data(1);
    return name;
  }

 private:
  bool has_tensor(const std::string& name) const {
    for (const onnx::TensorProto& tensor : graph_.initializer()) {
      if (tensor.name() == name) return true;
    }
    return false;
  }

  onnx::TensorProto& add_tensor(const std::string& name, onnx::TensorProto::DataType type) {
    onnx::TensorProto& tensor = *graph_.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    return tensor;
  }

  onnx::GraphProto& graph_;
  std::string value_;
};

void set_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

// The same with a list of `count` equal values.
void set_attribute(onnx::NodeProto& node, const std::string& name, std::size_t value,
                   std::size_t count) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (; count > 0; --count) attribute.add_ints(static_cast<std::int64_t>(value));
}

// Adds the node operation(value, parameters...).
onnx::NodeProto& apply_with(Chain& chain, const std::string& operation,
                            const std::vector<NamedParameter>& parameters) {
  std::vector<std::string> operands;
  for (const NamedParameter& parameter : parameters) {
    operands.push_back(chain.tensor(parameter.name, parameter.shape, parameter.values));
  }
  return chain.apply(operation, operands);
}

// x Φ(x) = (1 + erf(x / √2)) / 2 · x.
void add_gelu(Chain& chain) {
  const std::string x = chain.value();
  chain.apply("Div", {chain.scalar(std::numbers::sqrt2_v<float>)});
  chain.apply("Erf");
  chain.apply("Add", {chain.scalar(1)});
  chain.apply("Mul", {x});
  chain.apply("Mul", {chain.scalar(0.5F)});
}

// See kernels::article_softmax.
void add_article_softmax(Chain& chain) {
  chain.apply("Clip",
              {chain.scalar(-kernels::kArticleBound), chain.scalar(kernels::kArticleBound)});
  const std::string exponentials = chain.apply("Exp").output(0);
  chain.apply("ReduceSum", {chain.class_axis()});
  const std::string sum = chain.apply("Add", {chain.scalar(kernels::kArticleAddend)}).output(0);
  chain.set_value(exponentials);
  chain.apply("Div", {sum});
}

void add_pool(Chain& chain, const std::string& operation, const LayerSpec& spec) {
  if (spec.side == 0) {
    chain.apply("Global" + operation);
    return;
  }
  onnx::NodeProto& node = chain.apply(operation);
  set_attribute(node, "kernel_shape", spec.side, 2);
  set_attribute(node, "strides", spec.side, 2);
}

void add_layer(Chain& chain, const LayerSpec& spec, const std::vector<NamedParameter>& parameters) {
  switch (spec.kind) {
    case LayerKind::kConvolution: {
      onnx::NodeProto& node = apply_with(chain, "Conv", parameters);
      set_attribute(node, "kernel_shape", spec.side, 2);
      set_attribute(node, "strides", spec.stride, 2);
      set_attribute(node, "pads", spec.same ? (spec.side - 1) / 2 : 0, 4);
      return;
    }
    case LayerKind::kMaxPool:
      return add_pool(chain, "MaxPool", spec);
    case LayerKind::kAveragePool:
      return add_pool(chain, "AveragePool", spec);
    case LayerKind::kDense:
      // z = a Wᵀ + b with the layer's W of shape (outputs, inputs).
      set_attribute(apply_with(chain, "Gemm", parameters), "transB", 1);
      return;
    case LayerKind::kRelu:
      chain.apply("Relu");
      return;
    case LayerKind::kLeakyRelu:
      chain.apply("LeakyRelu");  // the default slope is 0.01
      return;
    case LayerKind::kSigmoid:
      chain.apply("Sigmoid");
      return;
    case LayerKind::kTanh:
      chain.apply("Tanh");
      return;
    case LayerKind::kGelu:
      return add_gelu(chain);
    case LayerKind::kSoftmax:
      chain.apply("Softmax");  // the default axis is the last one
      return;
    case LayerKind::kArticleSoftmax:
      return add_article_softmax(chain);
    case LayerKind::kBatchNorm:
      apply_with(chain, "BatchNormalization", parameters);  // the default epsilon is 1e-5
      return;
    case LayerKind::kDropout:
      break;  // not in a network's inference form
  }
}

// Adds the nodes that prepare the input. If the first layer takes images, `planes` is their shape.
void add_input(Chain& chain, const std::optional<InputAffine>& input,
               const std::optional<Shape>& planes) {
  if (input) {
    const auto tensor = [&](const char* name, const std::vector<float>& values) {
      return chain.tensor(name, {values.size()}, values);
    };
    chain.apply("Mul", {tensor("input_factor", input->factors)});
    chain.apply("Add", {tensor("input_offset", input->offsets)});
  } else {
    chain.apply("Div", {chain.scalar(255)});
  }
  const bool transpose = input && input->transpose;
  if (transpose || planes) {
    chain.apply("Reshape", {chain.image_shape(transpose ? input->given : *planes)});
  }
  if (transpose) chain.transpose();
  if (transpose && !planes) chain.apply("Flatten");
}

// Describes a value as a float matrix with a row per sample.
void describe(onnx::ValueInfoProto& value, const std::string& name, std::size_t columns) {
  value.set_name(name);
  onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("batch");
  type.mutable_shape()->add_dim()->set_dim_value(static_cast<std::int64_t>(columns));
}

}  // namespace

std::string to_onnx(const Network& trained) {
  const InferenceForm form = inference_form(trained);
  const Network& network = form.network;
  const LayerList& list = network.layers();
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("mnist");
  const ModelInput& input = trained.input();
  model.set_doc_string(
      fmt::format("'pixels' are values as the training data have them, {}; the model scales them "
                  "itself (input scale {}{}{})",
                  input.highest <= 1 ? "times 255" : fmt::format("up to {}", input.highest),
                  to_string(input.scale), input.invert ? ", inverted" : "",
                  input.transpose ? ", rows and columns exchanged" : ""));
  onnx::OperatorSetIdProto& operators = *model.add_opset_import();
  operators.set_domain("");
  operators.set_version(kOperatorSet);
  const auto add_metadata = [&model](const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  };
  add_metadata("layers", to_string(list));
  if (!network.class_names().empty()) {
    add_metadata("class_names", class_names_text(network.class_names()));
  }

  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("network");
  describe(*graph.add_input(), "pixels", network.inputs());
  describe(*graph.add_output(), "probabilities", network.outputs());
  Chain chain(graph, "pixels");
  bool planes = list.sees_planes();
  add_input(chain, form.input, planes ? std::optional(list.input) : std::nullopt);
  for (std::size_t i = 0; i < network.depth(); ++i) {
    if (planes && list.layers[i].kind == LayerKind::kDense) {
      chain.apply("Flatten");
      planes = false;
    }
    add_layer(chain, list.layers[i], network.layer(i).named_parameters(list.layer_name(i)));
  }
  add_layer(chain, list.layers.back(), {});
  chain.rename("probabilities");

  if (model.ByteSizeLong() > kMaxBytes) {
    refuse(fmt::format(
        "an ONNX file holds at most 2 GiB, layers {} need more; export .npz or .safetensors",
        to_string(list)));
  }
  return model.SerializeAsString();
}

}  // namespace mnist
