#include "nn/layer_list.h"

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("nn: a layer list survives the round trip through text") {
  for (const char* text :
       {"784,50,relu,20,relu,10,softmax", "3,2,softmax",
        "5,7,gelu,6,tanh,5,leaky-relu,4,sigmoid,3,article-softmax", "784,30,sigmoid,10,sigmoid",
        "4,relu,3,softmax", "784,dropout:0.2,50,relu,dropout:0.5,10,softmax",
        "4,dropout:0,3,softmax", "28x28,32c5,relu,maxpool:2,64c5same,10,softmax",
        "3x32x32,8c3s2,batchnorm,avgpool:2,8c3s2same,relu,avgpool,128,relu,10,softmax"}) {
    CHECK(to_string(parse_layer_list(text)) == text);
  }
}

TEST_CASE("nn: the output layer is appended where it is not given") {
  const auto complete = [](const char* hidden) {
    return to_string(complete_layer_list(hidden, {1, 28, 28}, 10));
  };
  CHECK(complete("50,relu,20,relu") == "784,50,relu,20,relu,10,softmax");
  CHECK(complete(" 50 , relu ") == "784,50,relu,10,softmax");
  CHECK(complete("") == "784,10,softmax");
  CHECK(complete("50,relu,10,softmax") == "784,50,relu,10,softmax");
  CHECK(complete("50,relu,10,article-softmax") == "784,50,relu,10,article-softmax");
  CHECK(complete("30,sigmoid,10,sigmoid") == "784,30,sigmoid,10,sigmoid");
  CHECK(complete("30,sigmoid") == "784,30,sigmoid,10,softmax");
  CHECK(complete("dropout:0.20,50,relu,dropout:.5") ==
        "784,dropout:0.2,50,relu,dropout:0.5,10,softmax");
  CHECK(complete("10,relu") == "784,10,relu,10,softmax");
}

TEST_CASE("nn: a list begins with the shape where a layer needs it") {
  const auto complete = [](const char* hidden) {
    return to_string(complete_layer_list(hidden, {1, 28, 28}, 10));
  };
  CHECK(complete("32c5,relu,maxpool:2,128,relu") ==
        "28x28,32c5,relu,maxpool:2,128,relu,10,softmax");
  CHECK(to_string(parse_layer_list("1x28x28,8c3,10,softmax")) == "28x28,8c3,10,softmax");
  CHECK(to_string(parse_layer_list("28x28,50,relu,10,softmax")) == "784,50,relu,10,softmax");
}

TEST_CASE("nn: each layer's shape follows from the one before") {
  const LayerList list =
      parse_layer_list("3x11x14,8c3,maxpool:2,16c3same,4c3s2,avgpool,20,10,softmax");
  const std::vector<Shape> shapes = list.shapes();
  CHECK(shapes == std::vector<Shape>{{3, 11, 14},
                                     {8, 9, 12},
                                     {8, 4, 6},
                                     {16, 4, 6},
                                     {4, 1, 2},
                                     {4, 1, 1},
                                     {20, 1, 1},
                                     {10, 1, 1},
                                     {10, 1, 1}});
}

TEST_CASE("nn: a layer that cannot work on what it meets is named with the shape it meets") {
  const auto message = [](const std::string& hidden, const Shape& input) -> std::string {
    try {
      complete_layer_list(hidden, input, 10);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      return error.what();
    }
    return "";
  };
  const Shape image{1, 8, 6};
  CHECK_THAT(message("4c7", image), contains("4c7") && contains("8x6"));
  CHECK_THAT(message("4c3,maxpool:9", image), contains("maxpool:9") && contains("4x6x4"));
  CHECK_THAT(message("4c2same", image), contains("4c2same"));
  CHECK_THAT(message("50,maxpool:2", image), contains("maxpool:2") && contains("50"));
  CHECK_THAT(message("50,relu,4c3", image), contains("4c3") && contains("50"));
  CHECK_THAT(message("4c3", {48, 1, 1}), contains("4c3") && contains("--shape"));
  CHECK(message("4c7same", image).empty());
}

TEST_CASE("nn: impossible layer lists are usage errors") {
  for (const char* hidden : {"relu5",
                             "0",
                             "-3",
                             "50,,20",
                             "50,",
                             "softmax",
                             "50,softmax,20",
                             "50,softmax",
                             "99999999999999999999",
                             "2000000",
                             "1.5",
                             "relu,softmax",
                             "50,relu,softmax",
                             "50,dropout",
                             "32c",
                             "c5",
                             "0c5",
                             "32c0",
                             "32c5s",
                             "32c5s0",
                             "32c5sames2",
                             "32c5s2sam",
                             "maxpool",
                             "maxpool:",
                             "maxpool:0",
                             "avgpool:2x",
                             "50,dropout:",
                             "50,dropout:1",
                             "50,dropout:-0.1",
                             "50,dropout:nan",
                             "50,dropout:0.5x",
                             "50,relu,dropout:0.5,softmax"}) {
    INFO(hidden);
    try {
      complete_layer_list(hidden, {1, 28, 28}, 10);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      CHECK_THAT(error.what(), contains(hidden));
    }
  }
  for (const char* whole : {"", "784", "784,50", "784,50,relu", "relu,10,softmax", "784,softmax"}) {
    INFO(whole);
    CHECK_THROWS_AS(parse_layer_list(whole), Error);
  }
}

TEST_CASE("nn: outputs are the width of the last dense layer") {
  CHECK(parse_layer_list("784,50,relu,20,relu,7,softmax").outputs() == 7);
}

TEST_CASE("nn: a list that is too long to be anyone's wish is refused without being repeated") {
  std::string many = "4";
  for (int i = 0; i < 2000; ++i) many += ",relu";
  for (const std::string& list : {many, std::string(20'000'000, '1')}) {
    for (const bool whole : {false, true}) {
      try {
        whole ? parse_layer_list(list) : complete_layer_list(list, {1, 1, 4}, 3);
        FAIL("accepted");
      } catch (const Error& error) {
        CHECK(error.code() == ExitCode::kUsage);
        CHECK(std::string(error.what()).size() < 200);
      }
    }
  }
}

TEST_CASE("nn: a network has inputs and outputs") {
  CHECK_THROWS_AS(complete_layer_list("5", {1, 1, 0}, 3), Error);
  CHECK_THROWS_AS(complete_layer_list("5", {1, 1, 4}, 0), Error);
  CHECK_THROWS_AS(complete_layer_list("5", {1, 1, std::size_t{1} << 40}, 3), Error);
}

TEST_CASE("layer list: sizes of a file whose product overflows are refused") {
  // 2^64 + 689325334 weights of a kernel, which would wrap to a size that looks like one.
  CHECK_THROWS_AS(parse_layer_list("18483878x2x2,1c998995same,relu,3,softmax"), Error);
  CHECK_THROWS_AS(parse_layer_list("4294967296x4294967296,1c3,relu,3,softmax"), Error);
  CHECK_THROWS_AS(parse_layer_list("1000000x40x50,1000000c3same,relu,3,softmax"), Error);
}

}  // namespace
}  // namespace mnist
