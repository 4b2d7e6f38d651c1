// Error messages that all readers of data share.
#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"

namespace mnist {

/// Error(kBadInput) for a data file, with the message "<name>: <problem>".
Error bad_data(const std::string& name, const std::string& problem);

/// The problem text for a label that is not among a network's classes.
std::string beyond_classes(std::size_t label, std::size_t classes);

}  // namespace mnist
