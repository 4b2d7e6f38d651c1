// Parameters of networks that other programs named.
#pragma once

#include <string>
#include <vector>

#include "nn/layer.h"

namespace mnist {

/// Orders names as people do: fc2 before fc10.
bool natural_less(const std::string& a, const std::string& b);

/// The module of a parameter: "net.fc1" of "net.fc1.weight".
std::string module_of(const std::string& name);

/// Gives parameters of any names ("fc1.weight", "module.0.weight", "model.net.1.weight") those that
/// the network's own `wanted` have, by their shapes and, of equal shapes, by the numbers in their
/// names. Unchanged where the numbers of modules differ, or all names are known. Throws
/// Error(kBadInput) naming two modules of equal shapes whose names do not tell their order.
std::vector<NamedParameter> with_names_of(std::vector<NamedParameter> parameters,
                                          const std::vector<NamedParameter>& wanted);

}  // namespace mnist
