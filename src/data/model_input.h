// What a network knows of the data that it was trained on, so that others are prepared as they
// were.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "data/dataset.h"
#include "data/input_scale.h"

namespace mnist {

/// How a picture from a file became a row of the training data.
enum class PictureForm {
  kMnist,   // brought to the form of MNIST's images; of networks that saw no picture files, too
  kAsIs,    // its pixels as they are
  kScaled,  // averaged to the network's shape
};

/// As 71b7671 had it where nothing is said: bytes, divided by 255, light on dark, numbers as
/// labels.
struct ModelInput {
  Shape shape;  // of no values where it is not known
  InputScale scale;
  bool invert = false;     // values become highest - value first
  bool transpose = false;  // rows and columns of images change places first
  float highest = 255;     // of the training data, as they come
  std::optional<float> lowest = 0;
  std::optional<double> mean;
  std::optional<bool> light_ground = false;
  std::vector<std::string> labels;  // as the data have them; empty: 0, 1, ...
  PictureForm pictures = PictureForm::kMnist;
  std::optional<std::size_t> first_feature;  // its number in data of svmlight's form
  bool told = true;  // whether the network's file says so, or this program wrote it

  /// Whether data are prepared alike for both.
  bool prepares_as(const ModelInput& other) const {
    return scale == other.scale && invert == other.invert && transpose == other.transpose &&
           labels == other.labels;
  }
};

/// What the training data tell; `scale` is what is asked for.
ModelInput model_input_for(const Dataset& training, const InputScale& scale, bool invert,
                           bool transpose);

/// Turns data, as they come, into what the network computes with: brings them to the unit of the
/// training data where one of the two lies within 0 .. 1 and the other within 0 .. 255, then
/// transposes, inverts, scales.
void prepare(Dataset& data, const ModelInput& input);

/// Fills in the summary where the reader made none.
void summarise(Dataset& data);

/// One line where data, as they come, do not look like what the network was trained on; else empty.
std::string unlike_training(const ValueSummary& data, const ModelInput& input);

/// highest - value; of bytes 255 - value where the highest is 255.
void invert_values(Dataset& data, float highest);

/// Rows and columns of each image change places.
void transpose_images(Dataset& data);

/// Makes values within 0 .. 1 that are all bytes divided by 255, but for rounding, the bytes.
void restore_bytes(Dataset& data);

}  // namespace mnist
