#include "cli/version.h"

#include <fmt/format.h>

#include "kernels/instruction_set.h"

namespace mnist {

std::string version_text() {
  return fmt::format(
      "mnist {}\n"
      "compiler         {}\n"
      "instruction set  {}\n"
      "libraries        {}",
      MNIST_VERSION, MNIST_COMPILER, kernels::instruction_set(), MNIST_LIBRARIES);
}

}  // namespace mnist
