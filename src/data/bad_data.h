// What every reader of data says in the same words.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"

namespace mnist {

/// The error that a data file leads to: Error(kBadInput) with the line "<name>: <problem>".
Error bad_data(const std::string& name, const std::string& problem);

/// What is wrong with a label that lies beyond the classes that a network knows.
std::string beyond_classes(std::size_t label, std::size_t classes);

}  // namespace mnist
