#include "nn/class_names.h"

#include "base/error.h"
#include "catch.h"
#include "nn/network.h"

namespace mnist {
namespace {

using Names = std::vector<std::string>;

std::string refusal(const std::string& text) {
  try {
    parse_class_names(text);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
    return error.what();
  }
  return "";
}

TEST_CASE("nn: names of classes are read from text and survive the way back") {
  CHECK(parse_class_names("").empty());
  CHECK(parse_class_names("cat") == Names{"cat"});
  CHECK(parse_class_names(" cat, wild dog ,Vögel") == Names{"cat", "wild dog", "Vögel"});
  CHECK(class_names_text(parse_class_names("cat, dog")) == "cat,dog");
  CHECK_THAT(refusal("cat,"), contains("empty"));
  CHECK_THAT(refusal(" "), contains("empty"));
  CHECK_THAT(refusal("cat,dog,cat"), contains("'cat' is twice"));
  CHECK_THAT(refusal("cat,d\tog"), contains("control character"));
}

TEST_CASE("nn: a network has a name for each class or none") {
  Network network(parse_layer_list("4,3,softmax"), true);
  CHECK(network.class_name(2) == "2");
  CHECK_THROWS_AS(network.set_class_names({"cat", "dog"}), Error);
  CHECK(network.class_names().empty());
  network.set_class_names({"cat", "dog", "bird"});
  CHECK(network.class_name(2) == "bird");
  network.set_class_names({});
  CHECK(network.class_name(2) == "2");
}

}  // namespace
}  // namespace mnist
