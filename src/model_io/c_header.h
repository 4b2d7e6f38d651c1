// A network as one C99 header without dependencies, for example for microcontrollers.
#pragma once

#include <string>
#include <string_view>

#include "model_io/weight_type.h"
#include "nn/network.h"

namespace mnist {

/// A C identifier from a file's name: every character except letters and digits becomes '_'.
std::string c_identifier(std::string_view text);

/// The text of a header that includes only <math.h> and <stdint.h> and defines
///   NAME_FEATURES, NAME_CLASSES (`name` in capitals),
///   static void name_predict(const uint8_t* pixels, float* probabilities),
///   static const char* const name_class_names[], if the classes have names.
/// Floats are written in the shortest form that reads back to the same bits. With int8 weights each
/// output channel has a scale, its largest absolute weight divided by 127; arithmetic is in float.
/// On AVR these weights stay in program memory, in arrays of at most 32,767 bytes. Throws
/// Error(kUsage) if a weight is not finite, or if one output needs a larger array.
std::string to_c_header(const Network& network, const std::string& name,
                        WeightType weights = WeightType::kFloat32);

}  // namespace mnist
