#include "model_io/tensor.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

template <class T>
Tensor tensor_of(const std::string& dtype, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {"t", dtype, {values.size()}, {bytes.begin(), bytes.end()}};
}

TEST_CASE("model_io: a tensor of floats gives them back") {
  const std::vector<float> values = {1.5F, -0.0F, 3e38F, 1e-45F, 7, 8};
  const Tensor tensor = Tensor::f32("0.weight", {2, 3}, values);
  CHECK(tensor.name == "0.weight");
  CHECK(tensor.dtype == "F32");
  CHECK(tensor.shape == std::vector<std::size_t>{2, 3});
  CHECK(tensor.bytes.size() == 24);
  CHECK(tensor.needed_bytes() == std::size_t{24});
  CHECK(tensor.floats() == values);
  CHECK(tensor.doubles() == std::vector<double>(values.begin(), values.end()));
}

TEST_CASE("model_io: doubles are rounded to floats, integers stay") {
  const std::vector<double> values = {0.1, -2, 1e300};
  const Tensor doubles = tensor_of("F64", values);
  CHECK(doubles.doubles() == values);
  CHECK(doubles.floats() == std::vector<float>{0.1F, -2, std::numeric_limits<float>::infinity()});
  const std::vector<std::int32_t> integers = {-1, 0, 2147483647};
  CHECK(tensor_of("I32", integers).int32s() == integers);
}

TEST_CASE("model_io: half precision follows IEEE 754") {
  const std::vector<std::uint16_t> halves = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff,
                                             0x0400, 0x3555, 0x0000, 0x7c00, 0xfc00};
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(tensor_of("F16", halves).floats() ==
        std::vector<float>{1, -2, 65504, 0x1p-24F, 1023 * 0x1p-24F, 0x1p-14F, 0.333251953125F, 0,
                           infinity, -infinity});
  const auto special = tensor_of<std::uint16_t>("F16", {0x8000, 0x7e00}).floats();
  CHECK(special[0] == 0);
  CHECK(std::signbit(special[0]));
  CHECK(std::isnan(special[1]));
}

TEST_CASE("model_io: floats become the nearest half, ties to even") {
  std::vector<std::uint16_t> halves;
  for (std::uint32_t half = 0; half < 0x10000; ++half) {
    if ((half & 0x7fff) <= 0x7c00) halves.push_back(static_cast<std::uint16_t>(half));
  }
  const Tensor all = tensor_of("F16", halves);
  CHECK(Tensor::f16("t", all.shape, all.floats()).bytes == all.bytes);
  const auto rounded = [](std::vector<float> values) {
    return Tensor::f16("t", {values.size()}, values).floats();
  };
  CHECK(rounded({1 + 0x1p-11F, 1 + 3 * 0x1p-11F, 1 + 0x1.002p-11F, 65519, -0x1p-25F, 0x1.8p-25F,
                 2047.6F}) ==
        std::vector<float>{1, 1 + 0x1p-9F, 1 + 0x1p-10F, 65504, -0.0F, 0x1p-24F, 2048});
  CHECK(std::isnan(rounded({std::numeric_limits<float>::quiet_NaN()})[0]));
  for (const float value : {65520.0F, -1e30F}) {
    try {
      rounded({value});
      FAIL("a value beyond float16 was written");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      CHECK_THAT(error.what(), contains("65504"));
    }
  }
}

TEST_CASE("model_io: bfloat16 is the upper half of a float") {
  CHECK(tensor_of<std::uint16_t>("BF16", {0x3f80, 0xc2f7, 0x0000}).floats() ==
        std::vector<float>{1, -123.5F, 0});
}

TEST_CASE("model_io: a tensor of another dtype than asked for is named") {
  const auto check_error = [](const auto& read, const std::string& needed) {
    std::string message;
    try {
      read();
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
      message = error.what();
    }
    CHECK(message == "tensor \"t\" has dtype I64, " + needed + " is needed");
  };
  const Tensor tensor = tensor_of<std::int64_t>("I64", {1});
  check_error([&] { tensor.floats(); }, "F32, F64, F16 or BF16");
  check_error([&] { tensor.doubles(); }, "F64 or F32");
  check_error([&] { tensor.int32s(); }, "I32");
}

TEST_CASE("model_io: a shape tells how many bytes it needs") {
  const auto needed = [](const std::string& dtype, std::vector<std::size_t> shape) {
    return Tensor{"t", dtype, std::move(shape), {}}.needed_bytes();
  };
  const std::size_t huge = std::size_t{1} << 62;
  CHECK(needed("F32", {}) == std::size_t{4});
  CHECK(needed("F64", {3, 5}) == std::size_t{120});
  CHECK(needed("BF16", {7, 0}) == std::size_t{0});
  CHECK(needed("U8", {huge, 2}) == 2 * huge);
  CHECK_FALSE(needed("U8", {huge, 4}).has_value());
  CHECK_FALSE(needed("F64", {huge}).has_value());
}

TEST_CASE("model_io: text in a message stays on its line") {
  CHECK(quoted_text("0.weight") == "\"0.weight\"");
  CHECK(quoted_text("a\n\x1b[2J\"") == "\"a\\n\\u001b[2J\\\"\"");
  CHECK(quoted_text("\xff") == "\"\\ufffd\"");
  CHECK(quoted_text(std::string(100'000, 'x')).size() < 100);
}

}  // namespace
}  // namespace mnist
