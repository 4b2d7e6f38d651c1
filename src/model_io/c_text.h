// Parts of a C program: literals, and the functions of activations.
#pragma once

#include <string>

#include "nn/layer_list.h"

namespace mnist {

/// The shortest literal that reads back to the same bits. Throws Error(kUsage) where the value is
/// not finite.
std::string float_literal(float value);

/// The literal of a string. No two question marks of it can begin a trigraph.
std::string string_literal(const std::string& text);

/// The C function of an activation: what its name ends in, and its statements over x[0 .. n - 1].
/// Both are empty for a layer of another kind.
struct CActivation {
  const char* name;
  const char* body;
};
CActivation c_activation(LayerKind kind);

}  // namespace mnist
