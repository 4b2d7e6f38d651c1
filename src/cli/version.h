// The text of --version.
#pragma once

#include <string>

namespace mnist {

/// Version, compiler, instruction set in use and libraries, one line each.
std::string version_text();

}  // namespace mnist
