// Class weights: factors on the loss of each class's rows.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace mnist {

/// The class weights of `text`: "balanced", with which all classes have the same total weight, or
/// one number per class, "1,2.5,1". They are scaled to a mean of 1 over the training rows, so that
/// they do not change the effective learning rate. An empty text gives no weights. Throws
/// Error(kUsage) for any other text and for a negative number.
std::vector<float> class_weights(const std::string& text, const Dataset& training);

/// Throws those of the same errors that can be found without the data.
void check_class_weights(const std::string& text);

}  // namespace mnist
