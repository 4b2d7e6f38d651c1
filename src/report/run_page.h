// The JSON data that the scripts of a run's page read.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "base/thread_pool.h"
#include "data/dataset.h"
#include "nn/network.h"
#include "report/loss_plot.h"

namespace mnist {

/// The largest number of mistakes on the page.
inline constexpr std::size_t kShownMistakes = 60;

/// The plot's single run: keys step_axis, loss_axis, smoothing (steps), and the curves loss,
/// smoothed_loss, learning_rate, validation_loss and validation_accuracy, each a thinned array
/// [step, value, step, value, ..].
nlohmann::ordered_json curves_json(const LossPlot& plot);

/// The network for prediction in the page: `layers` as text; `tensors`, named as in the weights
/// file, each with its shape and its values as base64 of little-endian floats; `classes`, the class
/// names; `side`, that of the square images on which the pad can draw, or null.
nlohmann::ordered_json network_json(const Network& network);

/// The network's figures on labelled data: `metrics`, `calibration`, `shape` of the images, and
/// `mistakes`, the most confident ones. If the data are gray or colour images of bytes, a mistake
/// has `pixels`, base64 of bytes.
nlohmann::ordered_json measured_json(const Network& network, const Dataset& data, ThreadPool& pool);

}  // namespace mnist
