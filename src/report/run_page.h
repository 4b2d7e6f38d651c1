// What the page of a training run shows, as the JSON that its scripts read.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "base/thread_pool.h"
#include "data/dataset.h"
#include "nn/network.h"
#include "report/loss_plot.h"

namespace mnist {

/// At most so many mistakes are shown.
inline constexpr std::size_t kShownMistakes = 60;

/// Keys step_axis, loss_axis, smoothing (steps), and each curve of the plot's only run as an array
/// [step, value, step, value, ..], thinned to what a page can show: loss, smoothed_loss,
/// learning_rate, validation_loss, validation_accuracy.
nlohmann::ordered_json curves_json(const LossPlot& plot);

/// The network for who predicts with it: `layers` as text, `tensors` by the names of the weights
/// file, each with its shape and its values as base64 of little-endian floats, `classes`, what each
/// is called, `side` of the images that it takes or null.
nlohmann::ordered_json network_json(const Network& network);

/// How the network does on labelled data: `metrics`, `calibration`, `shape` of the images, and
/// `mistakes`, the most confident ones, which have `pixels`, base64 of bytes, where they are images
/// of bytes, gray or in colours.
nlohmann::ordered_json measured_json(const Network& network, const Dataset& data, ThreadPool& pool);

}  // namespace mnist
