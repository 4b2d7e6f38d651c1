#include "base/program.h"

#include "base/platform.h"
#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("base: the program's own file is found where the system tells") {
  const auto path = program_path();
  CHECK(path.has_value() == (MNIST_LINUX != 0));
  if (path) CHECK(path->filename().string().starts_with("mnist_tests"));
  CHECK_FALSE(program_name().empty());
}

}  // namespace
}  // namespace mnist
