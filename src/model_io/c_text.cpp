#include "model_io/c_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"

namespace mnist {

std::string float_literal(float value) {
  if (!std::isfinite(value)) {
    refuse(fmt::format(
        "a C header has no way to write the weight {}; export a network that trained well", value));
  }
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

std::string string_literal(const std::string& text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '?') literal += '\\';
    literal += c;
  }
  return literal + "\"";
}

CActivation c_activation(LayerKind kind) {
  switch (kind) {
    case LayerKind::kDense:
    case LayerKind::kConvolution:
    case LayerKind::kMaxPool:
    case LayerKind::kAveragePool:
    case LayerKind::kBatchNorm:  // no activations
    case LayerKind::kDropout:    // not in a network's inference form
      break;
    case LayerKind::kRelu:
      return {"relu", R"(
  for (i = 0; i < n; ++i) x[i] = x[i] > 0.0f ? x[i] : 0.0f;
)"};
    case LayerKind::kLeakyRelu:
      return {"leaky_relu", R"(
  for (i = 0; i < n; ++i) x[i] = x[i] > 0.0f ? x[i] : 0.01f * x[i];
)"};
    case LayerKind::kSigmoid:
      return {"sigmoid", R"(
  for (i = 0; i < n; ++i) x[i] = 1.0f / (1.0f + expf(-x[i]));
)"};
    case LayerKind::kTanh:
      return {"tanh", R"(
  for (i = 0; i < n; ++i) x[i] = tanhf(x[i]);
)"};
    case LayerKind::kGelu:
      return {"gelu", R"(
  for (i = 0; i < n; ++i) x[i] = 0.5f * x[i] * (1.0f + erff(x[i] * 0.70710678f));
)"};
    case LayerKind::kSoftmax:
      return {"softmax", R"(
  float largest = x[0], sum = 0.0f;
  for (i = 1; i < n; ++i) if (x[i] > largest) largest = x[i];
  for (i = 0; i < n; ++i) sum += x[i] = expf(x[i] - largest);
  for (i = 0; i < n; ++i) x[i] /= sum;
)"};
    case LayerKind::kArticleSoftmax:
      return {"article_softmax", R"(
  float sum = 1e-3f;
  for (i = 0; i < n; ++i) {
    x[i] = x[i] < -5.0f ? -5.0f : x[i] > 5.0f ? 5.0f : x[i];
    sum += x[i] = expf(x[i]);
  }
  for (i = 0; i < n; ++i) x[i] /= sum;
)"};
  }
  return {"", ""};
}

}  // namespace mnist
