#include "model_io/input_metadata.h"

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

TEST_CASE("model_io: how a network takes its input comes back from the metadata") {
  ModelInput input;
  input.shape = {1, 2, 2};
  input.scale.kind = ScaleKind::kStandard;
  input.scale.mean = {0.1F, -2, 3, 4e-9F};
  input.scale.deviation = {1, 2, 0.3F, 4};
  input.invert = input.transpose = true;
  input.highest = 16;
  input.lowest = -2;
  input.first_feature = 0;
  input.mean = 3.5;
  input.light_ground = true;
  input.pictures = PictureForm::kScaled;
  input.labels = {"a,b", "\"c\"", "7"};
  input.features = {"length", "w, d", "\xE9", "8"};
  Metadata metadata;
  put_model_input(input, metadata);
  const ModelInput back = read_model_input(metadata, 4, 3);
  CHECK(back.prepares_as(input));
  CHECK(back.shape == input.shape);
  CHECK(back.highest == 16);
  CHECK(back.lowest == -2.0F);
  CHECK(back.first_feature == 0U);
  CHECK(back.mean == 3.5);
  CHECK(back.light_ground == true);
  CHECK(back.pictures == PictureForm::kScaled);
  CHECK(back.features == std::vector<std::string>{"length", "w, d", "\xEF\xBF\xBD", "8"});
  CHECK(back.told);
  input.scale = parse_scale("normalize:0.1307,0.3081");
  input.scale.divisor = 16;
  put_model_input(input, metadata);
  CHECK(read_model_input(metadata, 4, 3).scale.divisor == 16);
}

TEST_CASE("model_io: a file of version 1.0 divides by 255, light on dark, labels from 0") {
  const ModelInput input = read_model_input({{"layers", "4,3,softmax"}}, 4, 3);
  CHECK(input.prepares_as({}));
  CHECK(input.highest == 255);
  CHECK(input.light_ground == false);
  CHECK(input.told);
  CHECK_FALSE(read_model_input({}, 4, 3).told);
}

TEST_CASE("model_io: metadata that make no sense are named") {
  const std::pair<const char*, const char*> bad[] = {{"mnist_format", "3"},
                                                     {"mnist_format", "x"},
                                                     {"input_shape", "2x3"},
                                                     {"input_shape", "x"},
                                                     {"input_scale", "auto"},
                                                     {"input_scale", "divide:0"},
                                                     {"input_scale", "standard"},
                                                     {"input_highest", "nan"},
                                                     {"labels", "[1]"},
                                                     {"labels", "[\"a\",\"a\",\"b\"]"},
                                                     {"labels", "[\"a\"]"},
                                                     {"labels", "["},
                                                     {"input_first_feature", "2"},
                                                     {"input_features", "{}"}};
  for (const auto& [key, value] : bad) {
    INFO(key << " " << value);
    CHECK_THROWS_AS(read_model_input({{key, value}}, 4, 3), Error);
  }
  const Metadata zero{
      {"input_scale", "standard"}, {"input_mean", "1,1,1,1"}, {"input_deviation", "1,0,1,1"}};
  CHECK_THROWS_WITH(read_model_input(zero, 4, 3), contains("holds a 0"));
}

}  // namespace
}  // namespace mnist
