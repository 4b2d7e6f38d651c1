#include "model_io/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "model_io/input_metadata.h"
#include "model_io/safetensors.h"
#include "model_io/tensor_names.h"
#include "nn/class_names.h"
#include "nn/layer_kinds.h"

namespace mnist {

namespace {

constexpr const char* kClassNames = "class_names";
// A count of steps in PyTorch's batch normalisation; only its cumulative average uses it.
constexpr const char* kBatchCount = ".num_batches_tracked";

// The layer list of a file without one, from `text`. If `text` does not give the numbers of inputs
// and outputs, they follow from the first and the last weights in the file.
LayerList stack_from_text(const std::filesystem::path& path, const SafetensorsFile& file,
                          const std::string& text) {
  // A text that begins with the images' shape is a complete layer list.
  if (parse_shape(text.substr(0, text.find(',')))) return parse_layer_list(text);
  const auto is_weight = [](const Tensor& t) {
    return t.name.ends_with(".weight") && t.shape.size() == 2;
  };
  const Tensor* first = nullptr;
  const Tensor* last = nullptr;
  for (const Tensor& tensor : file.tensors) {
    if (!is_weight(tensor)) continue;
    if (first == nullptr || natural_less(tensor.name, first->name)) first = &tensor;
    if (last == nullptr || natural_less(last->name, tensor.name)) last = &tensor;
  }
  if (first != nullptr && first != last) {
    // If names do not give the order: no layer feeds the first one, and the last one feeds none.
    const auto taken = [&](const Tensor& t) {
      return std::ranges::any_of(file.tensors, [&](const Tensor& other) {
        return is_weight(other) && &other != &t && other.shape[1] == t.shape[0];
      });
    };
    const auto given = [&](const Tensor& t) {
      return std::ranges::any_of(file.tensors, [&](const Tensor& other) {
        return is_weight(other) && &other != &t && other.shape[0] == t.shape[1];
      });
    };
    for (const Tensor& tensor : file.tensors) {
      if (!is_weight(tensor)) continue;
      if (given(*first) && !given(tensor)) first = &tensor;
      if (taken(*last) && !taken(tensor)) last = &tensor;
    }
  }
  if (first == nullptr) {
    throw bad_input(path.string(), "holds no weights of dense layers ('0.weight' and so on)");
  }
  const std::size_t inputs = first->shape[1];
  if (text.starts_with(std::to_string(inputs) + ",")) {
    try {
      return parse_layer_list(text);
    } catch (const Error&) {
      // not a complete list: the first hidden layer may be as wide as the input
    }
  }
  return complete_layer_list(text, flat_shape(inputs), last->shape[0]);
}

// Whether layers have bias terms: taken from the first layer with weights, or, if the names are
// foreign, from any tensor.
bool has_bias(const SafetensorsFile& file, const LayerList& stack) {
  const auto first = std::ranges::find_if(stack.layers, [](const LayerSpec& spec) {
    return spec.kind == LayerKind::kDense || spec.kind == LayerKind::kConvolution;
  });
  const std::string prefix =
      stack.layer_name(static_cast<std::size_t>(first - stack.layers.begin())) + ".";
  if (file.find(prefix + "weight") != nullptr) return file.find(prefix + "bias") != nullptr;
  return std::ranges::any_of(file.tensors,
                             [](const Tensor& tensor) { return tensor.name.ends_with(".bias"); });
}

Network network_from(const std::filesystem::path& path, const SafetensorsFile& file,
                     const LayerList& stack) {
  const bool bias = has_bias(file, stack);
  // Do not allocate more than the file holds: a malicious layer list could ask for any amount.
  std::size_t held = 0;
  for (const Tensor& tensor : file.tensors) held += tensor.bytes.size();
  std::size_t wanted = 0;
  const std::vector<Shape> shapes = stack.shapes();
  for (std::size_t i = 0; i < stack.layers.size(); ++i) {
    const LayerKindInfo& kind = layer_kind(stack.layers[i].kind);
    if (kind.values != nullptr) wanted += kind.values(stack.layers[i], {shapes[i], bias, i == 0});
  }
  if (wanted > held) {
    throw bad_input(path.string(),
                    fmt::format("its tensors are too small for layers {}", to_string(stack)));
  }
  try {
    Network network(stack, bias);
    std::vector<NamedParameter> parameters;
    for (const Tensor& tensor : file.tensors) {
      if (tensor.name.ends_with(kBatchCount)) continue;
      parameters.push_back({tensor.name, tensor.shape, tensor.floats()});
    }
    network.set_parameters(with_names_of(std::move(parameters), network.parameters()));
    const auto names = file.metadata.find(kClassNames);
    if (names != file.metadata.end()) network.set_class_names(parse_class_names(names->second));
    network.set_input(read_model_input(file.metadata, network.inputs(), network.outputs()));
    return network;
  } catch (const Error& error) {
    throw bad_input(path.string(), error.what());
  }
}

}  // namespace

void save_model(const std::filesystem::path& path, const Network& network,
                const ModelFileOptions& options) {
  SafetensorsFile file;
  file.metadata["format"] = "pt";
  file.metadata["layers"] = to_string(network.layers());
  if (!network.class_names().empty()) {
    file.metadata[kClassNames] = class_names_text(network.class_names());
  }
  put_model_input(network.input(), file.metadata);
  if (!options.settings.empty()) file.metadata[kSettingsKey] = options.settings;
  const auto tensor = options.half ? Tensor::f16 : Tensor::f32;
  for (const NamedParameter& parameter : network.parameters()) {
    file.tensors.push_back(tensor(parameter.name, parameter.shape, parameter.values));
  }
  write_safetensors(path, file);
}

Network load_model(const std::filesystem::path& path, const std::string& layers) {
  const SafetensorsFile file = read_safetensors(path);
  if (!layers.empty()) return network_from(path, file, stack_from_text(path, file, layers));
  const auto metadata = file.metadata.find("layers");
  if (metadata == file.metadata.end()) {
    throw bad_input(path.string(), "does not say its layers; name the stack, e.g. 50,relu,20,relu");
  }
  LayerList stack;
  try {
    stack = parse_layer_list(metadata->second);
  } catch (const Error& error) {
    throw bad_input(path.string(), error.what());
  }
  return network_from(path, file, stack);
}

Network load_model(const std::filesystem::path& path, const LayerList& stack) {
  return network_from(path, read_safetensors(path), stack);
}

}  // namespace mnist
