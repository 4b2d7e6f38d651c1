#include "report/run_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/number.h"
#include "model_io/tensor.h"
#include "report/calibration.h"
#include "report/metrics.h"
#include "report/mistakes.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 600;  // horizontal resolution of a chart on the page

// Six digits are more than a chart can show, and keep the page small.
double shortened(double value) { return read_number<double>(fmt::format("{:.6g}", value)).value(); }

Json curve_json(const Curve& curve) {
  Json values = Json::array();
  for (const CurvePoint& point : thinned(curve, kColumns)) {
    values.push_back(point.step);
    values.push_back(shortened(point.value));
  }
  return values;
}

}  // namespace

nlohmann::ordered_json curves_json(const LossPlot& plot) {
  const RunCurves& curves = plot.runs.front().curves;
  const double smoothing = smoothing_of(plot);
  return {{"step_axis", plot.step_axis},
          {"loss_axis", plot.loss_axis},
          {"smoothing", smoothing},
          {"loss", curve_json(curves.loss)},
          {"smoothed_loss", curve_json(smoothed(curves.loss, smoothing))},
          {"learning_rate", curve_json(curves.learning_rate)},
          {"validation_loss", curve_json(curves.validation_loss)},
          {"validation_accuracy", curve_json(curves.validation_accuracy)}};
}

nlohmann::ordered_json network_json(const Network& network) {
  Json tensors = Json::object();
  for (NamedParameter& parameter : network.parameters()) {
    const Tensor tensor = Tensor::f32(parameter.name, parameter.shape, parameter.values);
    tensors[tensor.name] = {{"shape", tensor.shape}, {"data", base64(tensor.bytes)}};
  }
  Json classes = Json::array();
  for (std::size_t c = 0; c < network.outputs(); ++c) classes.push_back(network.class_name(c));
  // The pad draws light ink on dark, in bytes from 0 to 255; it only fits networks for such images.
  const ModelInput& input = network.input();
  const bool pad =
      input.scale.takes_bytes() && !input.invert && !input.light_ground.value_or(false);
  const Shape& shape = network.layers().input;
  const auto square =
      network.layers().sees_planes() ? image_side(shape) : image_side(network.inputs());
  return {{"layers", to_string(network.layers())},
          {"tensors", std::move(tensors)},
          {"classes", std::move(classes)},
          {"side", pad && square ? Json(*square) : Json(nullptr)}};
}

nlohmann::ordered_json measured_json(const Network& network, const Dataset& data,
                                     ThreadPool& pool) {
  const std::size_t classes = network.outputs();
  std::vector<float> row_losses;
  const AlignedVector<float> all = predict(network, data, pool, &row_losses);
  const std::span<const float> probabilities(all);
  const Shape& shape = data.shape;
  const bool can_be_shown = !data.has_floats() && shape.height > 1 && shape.width > 1 &&
                            (shape.channels == 1 || shape.channels == 3);
  Json mistakes = Json::array();
  for (const Mistake& mistake :
       most_confident_mistakes(probabilities, classes, data.labels, kShownMistakes)) {
    mistakes.push_back({{"row", mistake.row},
                        {"label", mistake.label},
                        {"guess", mistake.guess},
                        {"probability", mistake.probability}});
    if (!can_be_shown) continue;
    const std::span<const std::uint8_t> pixels(data.row(mistake.row), data.features());
    mistakes.back()["pixels"] = base64(std::as_bytes(pixels));
  }
  return {
      {"metrics", to_json(compute_metrics(probabilities, network, data.labels, row_losses))},
      {"calibration", to_json(calibrate(probabilities, classes, data.labels))},
      {"shape", {{"channels", shape.channels}, {"height", shape.height}, {"width", shape.width}}},
      {"mistakes", std::move(mistakes)}};
}

}  // namespace mnist
