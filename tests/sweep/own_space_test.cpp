#include "sweep/own_space.h"

#include <algorithm>

#include "catch.h"
#include "nn/layer_list.h"
#include "sweep/method.h"

namespace mnist {
namespace {

bool has(const Space& space, const std::string& name) {
  return std::ranges::count(space, name, &Hyperparameter::name) == 1;
}

TEST_CASE("sweep: the layers of a search's own space fit the data's shape") {
  for (const Shape& shape : {Shape{1, 28, 28}, Shape{3, 32, 32}, Shape{1, 20, 20}, Shape{1, 8, 8},
                             Shape{1, 6, 9}, Shape{1, 5, 5}, Shape{30, 1, 1}, Shape{1, 1, 1}}) {
    INFO(to_string(shape));
    const Space space = own_space(shape, true);
    REQUIRE(space.front().name == "layers");
    bool convolutions = false;
    for (const std::string& layers : space.front().values) {
      INFO(layers);
      CHECK_NOTHROW(complete_layer_list(layers, shape, 10).shapes());
      convolutions = convolutions || layers.find("c3") != std::string::npos;
    }
    CHECK(convolutions == (shape.height >= 6));
    CHECK(has(space, "augment") == (shape.height >= 6 && shape.height == shape.width));
    CHECK_FALSE(has(own_space(shape, false), "augment"));
  }
}

TEST_CASE("sweep: few rows have small batches") {
  const auto batch = [](std::size_t rows) { return own_settings(rows).front(); };
  CHECK(batch(100) == Point::value_type{"batch-size", "32"});
  CHECK(batch(10'000).second == "64");
  CHECK(batch(60'000).second == "128");
}

}  // namespace
}  // namespace mnist
