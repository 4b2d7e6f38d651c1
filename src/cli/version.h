// What this program is made of.
#pragma once

#include <string>

namespace mnist {

/// Version, compiler, instruction set in use and the libraries it was built with, a line each.
std::string version_text();

}  // namespace mnist
