#include "kernels/instruction_set.h"

#include <string>

#include "catch.h"
#include "kernels/targets.h"

namespace mnist::kernels {

TEST_CASE("kernels: the instruction set in use has its name") {
  for_each_target(
      [](const Target& target) { CHECK(instruction_set() == std::string(target.name)); });
}

}  // namespace mnist::kernels
