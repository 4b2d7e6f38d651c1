// How much the rows of each class count in the loss.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace mnist {

/// The factors on the losses of each class's rows that a text asks for: "balanced", by which each
/// class counts as much as any other, or one number for each class, "1,2.5,1"; scaled so that their
/// mean over the training rows is 1, and a learning rate means what it did. Nothing for an empty
/// text. Throws Error(kUsage) for any other text, and for a negative number.
std::vector<float> class_weights(const std::string& text, const Dataset& training);

/// The same errors as far as they show without the data.
void check_class_weights(const std::string& text);

}  // namespace mnist
