#include "model_io/c_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "model_io/c_text.h"
#include "model_io/inference_form.h"
#include "nn/batch_norm_layer.h"

namespace mnist {

namespace {

constexpr std::size_t kValuesPerLine = 8;
constexpr std::size_t kLargestAvrArray = 32'767;
constexpr std::size_t kAvrNearMemory = 65'536;  // the address range of a 16-bit pointer

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string in_capitals(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// Consecutive output channels whose weights are in one array.
struct Part {
  std::size_t first = 0;
  std::size_t count = 0;
  std::string array;
};

// Quantised weights with a scale per output channel: value = scale * number.
struct Int8Weights {
  std::vector<int> numbers;
  std::vector<float> scales;
};

// Quantises a tensor whose first dimension is the output channels.
Int8Weights to_int8(const NamedParameter& weight) {
  constexpr float kLargest = 127;
  Int8Weights result;
  const std::size_t outputs = weight.shape[0];
  const std::size_t per_output = weight.values.size() / outputs;
  for (std::size_t o = 0; o < outputs; ++o) {
    const std::span values(weight.values.data() + o * per_output, per_output);
    float largest = 0;
    for (const float value : values) {
      if (!std::isfinite(value)) float_literal(value);  // throws
      largest = std::max(largest, std::abs(value));
    }
    const float scale = largest / kLargest;
    for (const float value : values) {
      result.numbers.push_back(scale > 0 ? static_cast<int>(std::lround(value / scale)) : 0);
    }
    result.scales.push_back(scale);
  }
  return result;
}

class HeaderWriter {
 public:
  HeaderWriter(const InferenceForm& form, const std::string& name, WeightType weights)
      : network_(form.network),
        input_(form.input),
        name_(name),
        capitals_(in_capitals(name)),
        int8_(weights == WeightType::kInt8) {}

  std::string text() {
    put("/* A network of the layers {}. */\n", to_string(network_.layers()));
    put("#ifndef {0}_H\n#define {0}_H\n\n#include <math.h>\n#include <stdint.h>\n\n", capitals_);
    put("#define {}_FEATURES {}\n#define {}_CLASSES {}\n", capitals_, network_.inputs(), capitals_,
        network_.outputs());
    if (int8_) put_memory_macros();
    for (std::size_t i = 0; i < network_.depth(); ++i) {
      const std::vector<NamedParameter> tensors = network_.layer(i).named_parameters("");
      if (layers()[i].kind == LayerKind::kDense) put_dense(i, tensors);
      if (layers()[i].kind == LayerKind::kConvolution) put_convolution(i, tensors);
      if (layers()[i].kind == LayerKind::kBatchNorm) put_normalization(i, tensors);
    }
    put_input();
    put_layer_functions();
    put_predict_function();
    put_class_names();
    put("\n#endif\n");
    return std::move(text_);
  }

 private:
  template <class... Values>
  void put(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }

  const std::vector<LayerSpec>& layers() const { return network_.layers().layers; }
  std::string weight_name(std::size_t i) const { return fmt::format("{}_{}_weight", name_, i); }
  std::string bias_name(std::size_t i) const { return fmt::format("{}_{}_bias", name_, i); }
  std::string factor_name(std::size_t i) const { return fmt::format("{}_{}_factor", name_, i); }
  std::string offset_name(std::size_t i) const { return fmt::format("{}_{}_offset", name_, i); }

  // Macros for AVR, which has a separate address space for program memory: how to place constants
  // there and how to read them.
  void put_memory_macros() {
    std::size_t bytes = 0;
    for (const NamedParameter& parameter : network_.parameters()) bytes += parameter.values.size();
    put("\n#ifdef __AVR__\n");
    if (bytes > kAvrNearMemory) {
      put("#error \"{} bytes of weights are more than the {} that AVR reads by near pointers\"\n",
          bytes, kAvrNearMemory);
    }
    put(R"(#include <avr/pgmspace.h>
#define {0}_CONST PROGMEM
#define {0}_INT8(p) ((int8_t)pgm_read_byte(p))
#define {0}_FLOAT(p) pgm_read_float(p)
#else
#define {0}_CONST
#define {0}_INT8(p) (*(p))
#define {0}_FLOAT(p) (*(p))
#endif
)",
        capitals_);
  }

  // C code for the weights: their type, reading a weight, reading a float, and the attribute of an
  // array.
  const char* weight_type() const { return int8_ ? "int8_t" : "float"; }
  std::string weight_at(const std::string& pointer) const {
    return int8_ ? fmt::format("{}_INT8({})", capitals_, pointer) : fmt::format("*({})", pointer);
  }
  std::string float_at(const std::string& pointer) const {
    return int8_ ? fmt::format("{}_FLOAT({})", capitals_, pointer) : fmt::format("*({})", pointer);
  }
  std::string memory() const { return int8_ ? fmt::format(" {}_CONST", capitals_) : ""; }

  template <class Value, class ToText>
  void put_values(const char* type, const std::string& array, std::span<const Value> values,
                  ToText to_text) {
    put("static const {} {}[{}]{} = {{", type, array, values.size(), memory());
    for (std::size_t i = 0; i < values.size(); ++i) {
      put("{}{},", i % kValuesPerLine == 0 ? "\n  " : " ", to_text(values[i]));
    }
    put("\n}};\n");
  }

  void put_array(const std::string& array, std::span<const float> values,
                 const std::string& comment) {
    put("\n/* {} */\n", comment);
    put_values("float", array, values, float_literal);
  }

  void put_row(const std::string& array, std::span<const float> values) {
    put_array(array, values, fmt::format("1 x {}, one per output", values.size()));
  }

  // Divides the output channels of a layer among arrays. Only int8 arrays have a largest size.
  std::vector<Part> parts(std::size_t i) const {
    const NamedParameter weight = network_.layer(i).named_parameters("")[0];
    const std::size_t outputs = weight.shape[0];
    const std::size_t per_output = weight.values.size() / outputs;
    if (!int8_ || outputs * per_output <= kLargestAvrArray) return {{0, outputs, weight_name(i)}};
    if (per_output > kLargestAvrArray) {
      refuse(fmt::format(
          "an output of layer {} has {} weights, of int8 at most {} fit in an array for AVR", i + 1,
          per_output, kLargestAvrArray));
    }
    std::vector<Part> parts;
    const std::size_t most = kLargestAvrArray / per_output;
    for (std::size_t first = 0; first < outputs; first += most) {
      parts.push_back({first, std::min(most, outputs - first),
                       fmt::format("{}_{}", weight_name(i), parts.size())});
    }
    return parts;
  }

  // Writes int8 weights in the order of the float arrays, and each output's scale and offset. A
  // layer computes with the integers, then applies scale and offset by the function for batch
  // normalisation.
  void put_int8(std::size_t i, const std::vector<NamedParameter>& tensors, bool by_input) {
    const Int8Weights weights = to_int8(tensors[0]);
    const std::size_t per_output = tensors[0].values.size() / tensors[0].shape[0];
    for (const Part& part : parts(i)) {
      std::vector<int> numbers;
      for (std::size_t n = 0; n < part.count * per_output; ++n) {
        const std::size_t output = by_input ? n % part.count : n / per_output;
        const std::size_t of_output = by_input ? n / part.count : n % per_output;
        numbers.push_back(weights.numbers[(part.first + output) * per_output + of_output]);
      }
      put("\n/* outputs {} to {}, {} */\n", part.first, part.first + part.count - 1,
          by_input ? "a row per input" : "of output channel, input channel, row, column");
      put_values("int8_t", part.array, std::span<const int>(numbers),
                 [](int number) { return std::to_string(number); });
    }
    put_row(factor_name(i), weights.scales);
    const std::vector<float> none(weights.scales.size());
    put_row(offset_name(i), tensors.size() > 1 ? tensors[1].values : none);
  }

  // Here and below, `tensors` are the layer's named parameters: the weight and, if it has one, the
  // bias.
  void put_dense(std::size_t i, const std::vector<NamedParameter>& tensors) {
    if (int8_) return put_int8(i, tensors, true);
    const std::size_t outputs = tensors[0].shape[0];
    const std::size_t inputs = tensors[0].shape[1];
    std::vector<float> by_input;
    for (std::size_t in = 0; in < inputs; ++in) {
      for (std::size_t out = 0; out < outputs; ++out) {
        by_input.push_back(tensors[0].values[out * inputs + in]);
      }
    }
    put_array(weight_name(i), by_input,
              fmt::format("{} x {}, a row per input, a column per output", inputs, outputs));
    if (tensors.size() > 1) put_row(bias_name(i), tensors[1].values);
  }

  void put_convolution(std::size_t i, const std::vector<NamedParameter>& tensors) {
    if (int8_) return put_int8(i, tensors, false);
    put_array(weight_name(i), tensors[0].values,
              fmt::format("{}, of output channel, input channel, row, column",
                          fmt::join(tensors[0].shape, " x ")));
    if (tensors.size() > 1) put_row(bias_name(i), tensors[1].values);
  }

  void put_normalization(std::size_t i, const std::vector<NamedParameter>& tensors) {
    std::vector<float> factors;
    std::vector<float> offsets;
    for (std::size_t c = 0; c < tensors[0].values.size(); ++c) {
      const auto [factor, offset] = batch_norm_affine(tensors, c);
      factors.push_back(static_cast<float>(factor));
      offsets.push_back(static_cast<float>(offset));
    }
    put_row(factor_name(i), factors);
    put_row(offset_name(i), offsets);
  }

  void put_normalization_function() {
    if (!int8_ && !has(LayerKind::kBatchNorm)) return;
    put(R"(
/* n values of each channel */
static inline void {}_batchnorm(float* x, uint32_t channels, uint32_t n, const float* factor,
    const float* offset) {{
  uint32_t c, i;
  for (c = 0; c < channels; ++c)
    for (i = 0; i < n; ++i, ++x) *x = *x * {} + {};
}}
)",
        name_, float_at("factor + c"), float_at("offset + c"));
  }

  bool has(LayerKind kind) const {
    return std::ranges::find(layers(), kind, &LayerSpec::kind) != layers().end();
  }

  void put_convolution_function() {
    if (!has(LayerKind::kConvolution)) return;
    put(R"(
/* z (outputs x zh x zw) from x (inputs x h x w), which is padded with zeros; bias may be 0 */
static inline void {}_convolution(const float* x, uint32_t inputs, uint32_t h, uint32_t w,
    const {}* weight, const float* bias, uint32_t outputs, uint32_t side, uint32_t stride,
    uint32_t padding, uint32_t zh, uint32_t zw, float* z) {{
  uint32_t o, i, u, v, ky, kx;
  for (o = 0; o < outputs; ++o) {{
    for (u = 0; u < zh; ++u) {{
      for (v = 0; v < zw; ++v, ++z) {{
        const {}* of_weight = weight + o * inputs * side * side;
        float sum = bias ? bias[o] : 0.0f;
        for (i = 0; i < inputs; ++i) {{
          for (ky = 0; ky < side; ++ky) {{
            for (kx = 0; kx < side; ++kx, ++of_weight) {{
              const uint32_t row = u * stride + ky, column = v * stride + kx;
              if (row < padding || row - padding >= h) continue;
              if (column < padding || column - padding >= w) continue;
              sum += {} * x[(i * h + row - padding) * w + column - padding];
            }}
          }}
        }}
        *z = sum;
      }}
    }}
  }}
}}
)",
        name_, weight_type(), weight_type(), weight_at("of_weight"));
  }

  // In the C function, `value` begins as `start`, `step` updates it with each pixel p, and `result`
  // is the output.
  void put_pooling_function(LayerKind kind, const char* name, const char* start, const char* step,
                            const char* result) {
    if (!has(kind)) return;
    put(R"(
/* z (channels x zh x zw) from windows of h x w pixels of x (channels x xh x xw) */
static inline void {}_{}(const float* x, uint32_t channels, uint32_t xh, uint32_t xw, uint32_t h,
    uint32_t w, uint32_t zh, uint32_t zw, float* z) {{
  uint32_t c, u, v, i, j;
  for (c = 0; c < channels; ++c, x += xh * xw) {{
    for (u = 0; u < zh; ++u) {{
      for (v = 0; v < zw; ++v, ++z) {{
        float value = {};
        for (i = 0; i < h; ++i) {{
          for (j = 0; j < w; ++j) {{
            const float p = x[(u * h + i) * xw + v * w + j];
            {}
          }}
        }}
        *z = {};
      }}
    }}
  }}
}}
)",
        name_, name, start, step, result);
  }

  // Dense layers loop over inputs first and skip zeros, because many inputs are zero: dark pixels
  // and inactive units.
  void put_layer_functions() {
    put(R"(
/* z = W x + b; bias may be 0 */
static inline void {}_dense(const float* x, uint32_t inputs, const {}* weight,
    const float* bias, uint32_t outputs, float* z) {{
  uint32_t i, o;
  for (o = 0; o < outputs; ++o) z[o] = bias ? bias[o] : 0.0f;
  for (i = 0; i < inputs; ++i, weight += outputs) {{
    if (x[i] == 0.0f) continue;
    for (o = 0; o < outputs; ++o) z[o] += {} * x[i];
  }}
}}
)",
        name_, weight_type(), weight_at("weight + o"));
    put_convolution_function();
    put_pooling_function(LayerKind::kMaxPool, "maxpool", "x[u * h * xw + v * w]",
                         "if (p > value) value = p;", "value");
    put_pooling_function(LayerKind::kAveragePool, "avgpool", "0.0f", "value += p;",
                         "value / (float)(h * w)");
    put_normalization_function();
    std::set<LayerKind> written{LayerKind::kDense, LayerKind::kConvolution, LayerKind::kMaxPool,
                                LayerKind::kAveragePool, LayerKind::kBatchNorm};
    for (const LayerSpec& layer : layers()) {
      if (!written.insert(layer.kind).second) continue;
      const CActivation activation = c_activation(layer.kind);
      put("\nstatic inline void {}_{}(float* x, uint32_t n) {{\n  uint32_t i;{}}}\n", name_,
          activation.name, activation.body);
    }
  }

  std::string normalization_step(std::size_t i, const std::string& x, const Shape& shape) const {
    return fmt::format("  {}_batchnorm({}, {}, {}, {}, {});\n", name_, x, shape.channels,
                       shape.height * shape.width, factor_name(i), offset_name(i));
  }
  // The step after a layer with int8 weights.
  std::string scale_step(std::size_t i, const std::string& z, const Shape& shape) const {
    return int8_ ? normalization_step(i, z, shape) : "";
  }
  static std::string place(const std::string& array, std::size_t offset) {
    return offset == 0 ? array : fmt::format("{} + {}", array, offset);
  }

  std::string input_name(const char* what) const { return fmt::format("{}_input_{}", name_, what); }

  bool scales_each_feature() const { return input_ && input_->factors.size() > 1; }

  void put_input() {
    if (!scales_each_feature()) return;
    put_array(input_name("factor"), input_->factors, "one per feature");
    put_array(input_name("offset"), input_->offsets, "one per feature");
  }

  // The statement that converts pixel i.
  std::string input_step() const {
    if (!input_) return "a[i] = pixels[i] / 255.0f";
    const std::size_t height = input_->given.height;
    const std::size_t width = input_->given.width;
    const std::string place = input_->transpose
                                  ? fmt::format("i / {0} * {0} + i % {1} * {2} + i % {0} / {1}",
                                                height * width, width, height)
                                  : "i";
    if (scales_each_feature()) {
      return fmt::format("a[{}] = pixels[i] * {}[i] + {}[i]", place, input_name("factor"),
                         input_name("offset"));
    }
    return fmt::format("a[{}] = pixels[i] * {} + {}", place, float_literal(input_->factors[0]),
                       float_literal(input_->offsets[0]));
  }

  // The values between layers are alternately in arrays a and b, channel by channel; the last ones
  // are in `probabilities`.
  void put_predict_function() {
    const std::vector<Shape> shapes = network_.layers().shapes();
    std::size_t widest_a = network_.inputs();
    std::size_t widest_b = 0;
    std::string steps;
    std::string x = "a";
    for (std::size_t i = 0; i < layers().size(); ++i) {
      const LayerSpec& spec = layers()[i];
      const Shape& in = shapes[i];
      const Shape& out = shapes[i + 1];
      const std::string bias = network_.has_bias() && !int8_ ? bias_name(i) : "0";
      const bool last = i + 1 == network_.depth();
      const std::string z = last ? "probabilities" : x == "a" ? "b" : "a";
      switch (spec.kind) {
        case LayerKind::kBatchNorm:
          steps += normalization_step(i, x, in);
          continue;
        case LayerKind::kDense:
          for (const Part& part : parts(i)) {
            steps += fmt::format("  {}_dense({}, {}, {}, {}, {}, {});\n", name_, x, in.size(),
                                 part.array, bias, part.count, place(z, part.first));
          }
          steps += scale_step(i, z, out);
          break;
        case LayerKind::kConvolution:
          for (const Part& part : parts(i)) {
            steps += fmt::format(
                "  {}_convolution({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});\n", name_, x,
                in.channels, in.height, in.width, part.array, bias, part.count, spec.side,
                spec.stride, spec.same ? (spec.side - 1) / 2 : 0, out.height, out.width,
                place(z, part.first * out.height * out.width));
          }
          steps += scale_step(i, z, out);
          break;
        case LayerKind::kMaxPool:
        case LayerKind::kAveragePool:
          steps +=
              fmt::format("  {}_{}({}, {}, {}, {}, {}, {}, {}, {}, {});\n", name_,
                          spec.kind == LayerKind::kMaxPool ? "maxpool" : "avgpool", x, in.channels,
                          in.height, in.width, spec.side == 0 ? in.height : spec.side,
                          spec.side == 0 ? in.width : spec.side, out.height, out.width, z);
          break;
        default:
          steps +=
              fmt::format("  {}_{}({}, {});\n", name_, c_activation(spec.kind).name, x, in.size());
          continue;
      }
      x = z;
      if (x == "a") widest_a = std::max(widest_a, out.size());
      if (x == "b") widest_b = std::max(widest_b, out.size());
    }
    put("\n/* From {0}_FEATURES pixels, 0 to 255, to {0}_CLASSES probabilities. Takes {1} bytes "
        "of\n   stack. */\n",
        capitals_, sizeof(float) * (widest_a + widest_b));
    put("static inline void {}_predict(const uint8_t* pixels, float* probabilities) {{\n", name_);
    put("  float a[{}];\n", widest_a);
    if (widest_b > 0) put("  float b[{}];\n", widest_b);
    put("  uint32_t i;\n  for (i = 0; i < {}_FEATURES; ++i) {};\n{}}}\n", capitals_, input_step(),
        steps);
  }

  void put_class_names() {
    if (network_.class_names().empty()) return;
    put("\nstatic const char* const {}_class_names[{}_CLASSES] = {{", name_, capitals_);
    for (const std::string& name : network_.class_names()) put("\n  {},", string_literal(name));
    put("\n}};\n");
  }

  const Network& network_;
  const std::optional<InputAffine>& input_;
  std::string name_;
  std::string capitals_;
  bool int8_;
  std::string text_;
};

}  // namespace

std::string c_identifier(std::string_view text) {
  std::string name(text);
  for (char& c : name) {
    if (!is_letter(c) && !is_digit(c)) c = '_';
  }
  return name.empty() || !is_letter(name.front()) ? "network_" + name : name;
}

std::string to_c_header(const Network& network, const std::string& name, WeightType weights) {
  const InferenceForm form = inference_form(network);
  return HeaderWriter(form, name, weights).text();
}

}  // namespace mnist
