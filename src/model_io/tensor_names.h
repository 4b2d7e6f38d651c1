// Matches the parameter names of other programs.
#pragma once

#include <string>
#include <vector>

#include "nn/layer.h"

namespace mnist {

/// Natural order of names: fc2 before fc10.
bool natural_less(const std::string& a, const std::string& b);

/// The module of a parameter: "net.fc1" of "net.fc1.weight".
std::string module_of(const std::string& name);

/// Renames parameters with foreign names ("fc1.weight", "module.0.weight", "model.net.1.weight") to
/// the names in `wanted`. Matches modules by their shapes and, among equal shapes, by the numbers
/// in their names. Returns the parameters unchanged if all names are known or if the modules do not
/// match. Throws Error(kBadInput) naming two modules of equal shapes whose names give no order.
std::vector<NamedParameter> with_names_of(std::vector<NamedParameter> parameters,
                                          const std::vector<NamedParameter>& wanted);

}  // namespace mnist
