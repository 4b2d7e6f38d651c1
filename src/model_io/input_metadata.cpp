#include "model_io/input_metadata.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/json_text.h"
#include "base/number.h"
#include "base/split.h"

namespace mnist {
namespace {

constexpr const char* kFormat = "mnist_format";
constexpr int kVersion = 2;
constexpr const char* kShape = "input_shape";
constexpr const char* kScale = "input_scale";
constexpr const char* kDivisor = "input_divisor";
constexpr const char* kMean = "input_mean";
constexpr const char* kDeviation = "input_deviation";
constexpr const char* kInvert = "input_invert";
constexpr const char* kTranspose = "input_transpose";
constexpr const char* kHighest = "input_highest";
constexpr const char* kLowest = "input_lowest";
constexpr const char* kFirstFeature = "input_first_feature";
constexpr const char* kMeanValue = "input_mean_value";
constexpr const char* kGround = "input_ground";
constexpr const char* kPictures = "input_pictures";
constexpr const char* kLabels = "labels";
constexpr const char* kFeatures = "input_features";

[[noreturn]] void bad_metadata(const char* key, const std::string& why) {
  throw Error(ExitCode::kBadInput, fmt::format("its metadata '{}' {}", key, why));
}

std::string value_of(const Metadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

float number_of(const char* key, std::string_view text) {
  const auto value = read_number<float>(text);
  if (!value || !std::isfinite(*value)) bad_metadata(key, "is no number");
  return *value;
}

std::vector<float> numbers_of(const Metadata& metadata, const char* key, std::size_t count) {
  const std::string text = value_of(metadata, key);
  std::vector<float> numbers;
  for (const std::string_view number : split(text, ',')) numbers.push_back(number_of(key, number));
  if (numbers.size() != count) bad_metadata(key, fmt::format("holds no {} numbers", count));
  return numbers;
}

std::vector<std::string> words_of(const char* key, const std::string& text) {
  if (text.empty()) return {};
  try {
    return nlohmann::json::parse(text).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    bad_metadata(key, "is no list of words");
  }
}

std::vector<std::string> labels_of(const std::string& text, std::size_t outputs) {
  std::vector<std::string> labels = words_of(kLabels, text);
  const bool distinct = std::set(labels.begin(), labels.end()).size() == labels.size();
  if (labels.size() != outputs || !distinct) {
    bad_metadata(kLabels, fmt::format("does not name {} classes", outputs));
  }
  return labels;
}

}  // namespace

void put_model_input(const ModelInput& input, Metadata& metadata) {
  metadata[kFormat] = std::to_string(kVersion);
  if (input.shape.size() > 0) metadata[kShape] = to_string(input.shape);
  metadata[kScale] = to_string(input.scale);
  if (input.scale.kind == ScaleKind::kNormalize) {
    metadata[kDivisor] = fmt::format("{}", input.scale.divisor);
  }
  if (input.scale.kind == ScaleKind::kStandard) {
    metadata[kMean] = fmt::format("{}", fmt::join(input.scale.mean, ","));
    metadata[kDeviation] = fmt::format("{}", fmt::join(input.scale.deviation, ","));
  }
  if (input.invert) metadata[kInvert] = "true";
  if (input.transpose) metadata[kTranspose] = "true";
  metadata[kHighest] = fmt::format("{}", input.highest);
  if (input.lowest) metadata[kLowest] = fmt::format("{}", *input.lowest);
  if (input.first_feature) metadata[kFirstFeature] = std::to_string(*input.first_feature);
  if (input.mean) metadata[kMeanValue] = fmt::format("{}", static_cast<float>(*input.mean));
  metadata[kGround] = !input.light_ground ? "unknown" : *input.light_ground ? "light" : "dark";
  if (input.pictures != PictureForm::kMnist) {
    metadata[kPictures] = input.pictures == PictureForm::kAsIs ? "as-is" : "scaled";
  }
  if (!input.labels.empty()) metadata[kLabels] = json_text(nlohmann::json(input.labels));
  if (!input.features.empty()) metadata[kFeatures] = json_text(nlohmann::json(input.features));
}

ModelInput read_model_input(const Metadata& metadata, std::size_t inputs, std::size_t outputs) {
  ModelInput input;
  input.told = metadata.contains(kFormat) || metadata.contains("layers");
  if (const std::string text = value_of(metadata, kFormat); !text.empty()) {
    const auto version = read_number<int>(text);
    if (!version || *version > kVersion) {
      bad_metadata(kFormat, fmt::format("is '{}', of a later version of this program", text));
    }
  }
  if (const std::string text = value_of(metadata, kShape); !text.empty()) {
    const auto shape = parse_shape(text);
    if (!shape || shape->size() != inputs) {
      bad_metadata(kShape, fmt::format("is no shape of {} values", inputs));
    }
    input.shape = *shape;
  }
  if (const std::string text = value_of(metadata, kScale); !text.empty()) {
    try {
      input.scale = parse_scale(text);
    } catch (const Error&) {
      bad_metadata(kScale, "is none that this program knows");
    }
    if (input.scale.kind == ScaleKind::kAuto) bad_metadata(kScale, "is none of a network");
    if (input.scale.kind == ScaleKind::kStandard) {
      input.scale.mean = numbers_of(metadata, kMean, inputs);
      input.scale.deviation = numbers_of(metadata, kDeviation, inputs);
      if (std::ranges::find(input.scale.deviation, 0.0F) != input.scale.deviation.end()) {
        bad_metadata(kDeviation, "holds a 0");
      }
    }
    if (const std::string divisor = value_of(metadata, kDivisor); !divisor.empty()) {
      input.scale.divisor = number_of(kDivisor, divisor);
      if (!(input.scale.divisor > 0)) bad_metadata(kDivisor, "is not above 0");
    }
  }
  input.invert = value_of(metadata, kInvert) == "true";
  input.transpose = value_of(metadata, kTranspose) == "true";
  if (const std::string text = value_of(metadata, kHighest); !text.empty()) {
    input.highest = number_of(kHighest, text);
  }
  if (const std::string text = value_of(metadata, kLowest); !text.empty()) {
    input.lowest = number_of(kLowest, text);
  } else if (input.scale.kind != ScaleKind::kDivide) {
    input.lowest.reset();  // values that are not divided can lie on both sides of 0
  }
  if (const std::string text = value_of(metadata, kFirstFeature); !text.empty()) {
    if (text != "0" && text != "1") bad_metadata(kFirstFeature, "is neither 0 nor 1");
    input.first_feature = text == "0" ? 0 : 1;
  }
  if (const std::string text = value_of(metadata, kMeanValue); !text.empty()) {
    input.mean = static_cast<double>(number_of(kMeanValue, text));
  }
  if (const std::string text = value_of(metadata, kGround); !text.empty()) {
    input.light_ground = text == "light"  ? std::optional(true)
                         : text == "dark" ? std::optional(false)
                                          : std::nullopt;
  }
  input.features = words_of(kFeatures, value_of(metadata, kFeatures));
  const std::string pictures = value_of(metadata, kPictures);
  if (pictures == "as-is") input.pictures = PictureForm::kAsIs;
  if (pictures == "scaled") input.pictures = PictureForm::kScaled;
  if (const std::string text = value_of(metadata, kLabels); !text.empty()) {
    input.labels = labels_of(text, outputs);
  }
  return input;
}

}  // namespace mnist
