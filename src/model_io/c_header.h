// A network as one C99 header, for programs (on microcontrollers, say) that link nothing.
#pragma once

#include <string>
#include <string_view>

#include "model_io/weight_type.h"
#include "nn/network.h"

namespace mnist {

/// A prefix for names in C, from a file's name: what is no letter or digit becomes '_'.
std::string c_identifier(std::string_view text);

/// The text of a header that needs <math.h> and <stdint.h> alone and defines
///   NAME_FEATURES, NAME_CLASSES (`name` in capitals),
///   static void name_predict(const uint8_t* pixels, float* probabilities),
///   static const char* const name_class_names[], where the classes have names.
/// Every float stands in the shortest form that reads back to the same bits. With weights of int8
/// each output channel has its scale, its largest weight divided by 127; what is computed is float.
/// On AVR these weights stay in program memory, in arrays of at most 32,767 bytes. Throws
/// Error(kUsage) where a weight is not finite, or one output alone needs a larger array.
std::string to_c_header(const Network& network, const std::string& name,
                        WeightType weights = WeightType::kFloat32);

}  // namespace mnist
