// Parts of a C program: literals, and the functions of activations.
#pragma once

#include <string>

#include "nn/layer_list.h"

namespace mnist {

/// The shortest literal that reads back to the same bits. Throws Error(kUsage) if the value is not
/// finite.
std::string float_literal(float value);

/// A string literal; question marks are escaped, so that none begins a trigraph.
std::string string_literal(const std::string& text);

/// The C function of an activation: the end of its name, and its statements on x[0 .. n - 1]. Both
/// are empty for layers that are not activations.
struct CActivation {
  const char* name;
  const char* body;
};
CActivation c_activation(LayerKind kind);

}  // namespace mnist
