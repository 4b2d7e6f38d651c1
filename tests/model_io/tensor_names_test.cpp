#include "model_io/tensor_names.h"

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

NamedParameter of(const std::string& name, std::vector<std::size_t> shape) {
  return {name, std::move(shape), {}};
}

std::vector<std::string> names(const std::vector<NamedParameter>& parameters) {
  std::vector<std::string> all;
  for (const NamedParameter& parameter : parameters) all.push_back(parameter.name);
  return all;
}

const std::vector<NamedParameter> kWanted{
    of("0.weight", {20, 9}),  of("0.bias", {20}), of("2.weight", {20, 20}), of("2.bias", {20}),
    of("4.weight", {20, 20}), of("4.bias", {20}), of("6.weight", {3, 20}),  of("6.bias", {3})};

std::vector<NamedParameter> named(const std::vector<std::string>& modules) {
  std::vector<NamedParameter> parameters = kWanted;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].name = modules[i / 2] + (i % 2 == 0 ? ".weight" : ".bias");
  }
  std::swap(parameters[0], parameters[5]);
  return parameters;
}

TEST_CASE("model_io: parameters are known by their shapes and the numbers in their names") {
  for (const std::vector<std::string>& modules : std::vector<std::vector<std::string>>{
           {"fc1", "fc2", "fc3", "fc4"},
           {"module.1", "module.3", "module.9", "module.11"},
           {"_orig_mod.net.1", "_orig_mod.net.2", "_orig_mod.net.10", "_orig_mod.net.12"},
           {"model.input", "model.hidden1", "model.hidden2", "model.head"}}) {
    std::vector<NamedParameter> expected = kWanted;
    std::swap(expected[0], expected[5]);
    CHECK(names(with_names_of(named(modules), kWanted)) == names(expected));
  }
}

TEST_CASE("model_io: parameters whose order nothing tells are refused by name") {
  CHECK_THROWS_WITH(with_names_of(named({"a", "left", "right", "b"}), kWanted),
                    contains("'left' and 'right' have the same shapes"));
  // Of other shapes: left to whoever names what is missing.
  std::vector<NamedParameter> other = named({"a", "b1", "b2", "c"});
  other.pop_back();
  CHECK(names(with_names_of(other, kWanted)) == names(other));
  CHECK(names(with_names_of(kWanted, kWanted)) == names(kWanted));
}

TEST_CASE("model_io: names are ordered as people do") {
  CHECK(natural_less("fc2", "fc10"));
  CHECK_FALSE(natural_less("fc10", "fc2"));
  CHECK(natural_less("a", "b"));
  CHECK(natural_less("net.1.weight", "net.01.weight2"));
  CHECK_FALSE(natural_less("fc1", "fc1"));
}

}  // namespace
}  // namespace mnist
