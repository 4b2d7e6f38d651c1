#include "cli/version.h"

#include <fmt/format.h>

#include "build_info.h"
#include "kernels/instruction_set.h"

namespace mnist {

std::string version_text() {
  return fmt::format(
      "mnist {}\n"
      "compiler         {}\n"
      "instruction set  {}\n"
      "libraries        {}",
      kVersion, kCompiler, kernels::instruction_set(), kLibraries);
}

}  // namespace mnist
