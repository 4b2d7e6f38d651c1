#include "data/model_input.h"

#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;

Dataset of_bytes(std::vector<std::uint8_t> pixels, Shape shape) {
  Dataset data;
  data.shape = shape;
  data.pixels = std::move(pixels);
  add_rows(data.summary, shape, std::span<const std::uint8_t>(data.pixels));
  return data;
}

Dataset of_floats(std::vector<float> values, Shape shape) {
  Dataset data;
  data.shape = shape;
  data.values = std::move(values);
  add_rows(data.summary, shape, std::span<const float>(data.values));
  return data;
}

const Shape kLine{1, 1, 2};

TEST_CASE("data: a scale is found by the training data's values") {
  const auto scale = [](const Dataset& data) {
    return to_string(scale_for(parse_scale("auto"), data));
  };
  CHECK(scale(of_bytes({0, 255}, kLine)) == "divide:255");
  CHECK(scale(of_bytes({0, 64}, kLine)) == "divide:255");
  CHECK(scale(of_bytes({0, 16}, kLine)) == "divide:16");
  CHECK(scale(of_bytes({0, 1}, kLine)) == "none");
  CHECK(scale(of_floats({0.2F, 1}, kLine)) == "none");
  const InputScale standard = scale_for(parse_scale("auto"), of_floats({-3, 5, 1, 5}, kLine));
  CHECK(standard.kind == ScaleKind::kStandard);
  CHECK(standard.mean == std::vector<float>{-1, 5});
  CHECK(standard.deviation == std::vector<float>{2, 1});
  CHECK(scale_for(parse_scale("normalize:0.1307,0.3081"), of_bytes({0, 255}, kLine)).divisor ==
        255);
  for (const char* text : {"none", "divide:255", "normalize:0.5,0.25", "standard", "auto"}) {
    CHECK(to_string(parse_scale(text)) == text);
  }
  for (const char* text : {"", "x", "divide:0", "divide:-1", "normalize:1", "normalize:0,0"}) {
    CHECK(holds(error_of([&] { parse_scale(text); }, ExitCode::kUsage), "input scale"));
  }
}

TEST_CASE("data: values are scaled as the training data were") {
  ModelInput input;
  Dataset bytes = of_bytes({0, 51, 255, 102}, kLine);
  prepare(bytes, input);
  CHECK(bytes.pixels == std::vector<std::uint8_t>{0, 51, 255, 102});
  // The same as fractions are the same bytes.
  Dataset fractions = of_floats({0, 0.2F, 1, 0.4F}, kLine);
  prepare(fractions, input);
  CHECK(fractions.pixels == bytes.pixels);
  Dataset between = of_floats({0, 0.21F, 1, 0.4F}, kLine);
  prepare(between, input);
  REQUIRE(between.has_floats());
  CHECK(between.values[1] == Approx(0.21F));

  input.scale = parse_scale("divide:16");
  input.highest = 16;
  Dataset small = of_bytes({0, 4, 16, 8}, kLine);
  prepare(small, input);
  CHECK(small.values == std::vector<float>{0, 0.25F, 1, 0.5F});

  // Trained on fractions.
  input.scale = parse_scale("none");
  input.highest = 1;
  Dataset again = of_bytes({0, 51, 255, 102}, kLine);
  prepare(again, input);
  CHECK(again.pixels == std::vector<std::uint8_t>{0, 51, 255, 102});

  input.scale = parse_scale("normalize:0.2,0.5");
  input.highest = 255;
  Dataset normal = of_bytes({0, 51, 255, 102}, kLine);
  prepare(normal, input);
  CHECK(normal.values[0] == Approx(-0.4F));
  CHECK(normal.values[2] == Approx(1.6F));
}

TEST_CASE("data: images are turned and inverted before they are scaled") {
  ModelInput input;
  input.transpose = true;
  Dataset data = of_bytes({1, 2, 3, 4, 5, 6}, {1, 2, 3});
  prepare(data, input);
  CHECK(data.shape == Shape{1, 3, 2});
  CHECK(data.pixels == std::vector<std::uint8_t>{1, 4, 2, 5, 3, 6});
  input.transpose = false;
  input.invert = true;
  Dataset inverted = of_bytes({0, 255, 55, 200}, kLine);
  prepare(inverted, input);
  CHECK(inverted.pixels == std::vector<std::uint8_t>{255, 0, 200, 55});
  input.scale = parse_scale("divide:16");
  input.highest = 16;
  Dataset small = of_bytes({0, 4, 16, 8}, kLine);
  prepare(small, input);
  CHECK(small.values == std::vector<float>{1, 0.75F, 0, 0.5F});
}

TEST_CASE("data: data unlike those of training are warned of") {
  const Shape image{1, 3, 3};
  const Dataset dark = of_bytes({0, 0, 0, 0, 255, 0, 0, 0, 0}, image);
  const Dataset light = of_bytes({255, 255, 255, 255, 0, 255, 255, 255, 255}, image);
  const ModelInput input = model_input_for(dark, parse_scale("auto"), false, false);
  CHECK(unlike_training(dark.summary, input).empty());
  CHECK(holds(unlike_training(light.summary, input),
              "dark on light; the network was trained on light on dark; --invert"));
  CHECK(unlike_training(of_bytes({0, 0, 0, 0, 1, 0, 0, 0, 0}, image).summary, input) ==
        "values reach 1; the network was trained on values to 255");
  CHECK(unlike_training(of_floats({0, 0, 0, 0, 0.9F, 0, 0, 0, 0}, image).summary, input).empty());
  CHECK(unlike_training(of_bytes(std::vector<std::uint8_t>(9, 0), image).summary, input).empty());
  const Dataset signed_values = of_floats({-128, -128, 0, 0, 127, 0, 0, 0, 0}, image);
  CHECK(unlike_training(signed_values.summary, input) ==
        "values reach down to -128; the network was trained on values from 0");
  CHECK(unlike_training(signed_values.summary,
                        model_input_for(signed_values, parse_scale("auto"), false, false))
            .empty());
  // The mean tells where the range and the ground do not, of as many rows as make it certain.
  const auto dots = [&](std::size_t rows, std::uint8_t shade) {
    std::vector<std::uint8_t> pixels;
    for (std::size_t r = 0; r < rows; ++r) {
      pixels.insert(pixels.end(), {0, 0, 0, shade, r == 0 ? std::uint8_t{255} : shade, 0, 0, 0, 0});
    }
    return of_bytes(pixels, image).summary;
  };
  ModelInput bright = input;
  bright.mean = dots(50, 200).mean();
  CHECK(unlike_training(dots(50, 150), bright).empty());
  CHECK(unlike_training(dots(49, 60), bright).empty());
  CHECK(holds(unlike_training(dots(50, 60), bright), "mean of 13.8"));
  // What 71b7671 wrote says nothing of its data.
  CHECK_FALSE(unlike_training(light.summary, {}).empty());
}

}  // namespace
}  // namespace mnist
