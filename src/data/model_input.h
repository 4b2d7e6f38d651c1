// What a network knows about its training data, so that other data are prepared in the same way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "data/dataset.h"
#include "data/input_scale.h"

namespace mnist {

/// How a picture file became a row of the training data.
enum class PictureForm {
  kMnist,   // converted to MNIST's form; also for networks that saw no picture files
  kAsIs,    // unchanged pixels
  kScaled,  // scaled to the network's shape
};

/// The defaults hold for a file that says nothing: bytes divided by 255, light on dark, labels 0,
/// 1, ....
struct ModelInput {
  Shape shape;  // of size 0 if unknown
  InputScale scale;
  bool invert = false;     // first replace each value by highest - value
  bool transpose = false;  // first swap the rows and columns of images
  float highest = 255;     // of the training data, before scaling
  std::optional<float> lowest = 0;
  std::optional<double> mean;
  std::optional<bool> light_ground = false;
  std::vector<std::string> labels;    // names in the data; empty: 0, 1, ...
  std::vector<std::string> features;  // names in the data's header; empty: unknown
  PictureForm pictures = PictureForm::kMnist;
  std::optional<std::size_t> first_feature;  // svmlight: the number of the first feature
  bool told = true;  // false: these are only defaults, the network's file says nothing

  /// Whether both prepare data in the same way.
  bool prepares_as(const ModelInput& other) const {
    return scale == other.scale && invert == other.invert && transpose == other.transpose &&
           labels == other.labels;
  }
};

/// What the training data tell, with the requested `scale`.
ModelInput model_input_for(const Dataset& training, const InputScale& scale, bool invert,
                           bool transpose);

/// Turns raw data into the network's inputs. If they are from 0 to 1 and the training data were
/// from 0 to 255, or the reverse, first converts them to the range of the training data. Then
/// transposes, inverts and scales.
void prepare(Dataset& data, const ModelInput& input);

/// Computes the summary if the reader made none.
void summarise(Dataset& data);

/// One line if raw data do not look like the training data; otherwise empty.
std::string unlike_training(const ValueSummary& data, const ModelInput& input);

/// Replaces each value by highest - value; bytes stay bytes if `highest` is 255.
void invert_values(Dataset& data, float highest);

/// Swaps the rows and columns of each image.
void transpose_images(Dataset& data);

/// If all values are bytes divided by 255, up to rounding, restores the bytes.
void restore_bytes(Dataset& data);

}  // namespace mnist
