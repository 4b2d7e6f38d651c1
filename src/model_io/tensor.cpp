#include "model_io/tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/checked_product.h"
#include "base/error.h"

namespace mnist {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they lie");

/// Converts the elements of a tensor, which are stored as type Stored.
template <class Stored, class Value, class Convert>
std::vector<Value> convert(const Tensor& tensor, Convert to_value) {
  std::vector<Value> values(tensor.bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, tensor.bytes.data() + i * sizeof stored, sizeof stored);
    values[i] = to_value(stored);
  }
  return values;
}

template <class Stored, class Value>
std::vector<Value> convert(const Tensor& tensor) {
  return convert<Stored, Value>(tensor, [](Stored stored) { return static_cast<Value>(stored); });
}

/// IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of mantissa.
float from_half(std::uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int mantissa = half & 1023;
  float magnitude = 0;
  if (exponent == 31) {
    magnitude = mantissa == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(mantissa), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
  }
  return std::copysign(magnitude, (half & 0x8000) != 0 ? -1.0F : 1.0F);
}

/// Rounds to the nearest half, ties to even; values beyond the largest half become infinity.
std::uint16_t to_half(float value) {
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const float magnitude = std::abs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (std::isinf(value)) return sign | 0x7c00;
  if (magnitude == 0) return sign;
  // A half has an 11-bit significand whose last bit is at least 2^-24.
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  const int last_bit = std::max(exponent - 11, -24);
  if (exponent > 16) return sign | 0x7c00;
  const auto units = static_cast<int>(std::nearbyint(std::ldexp(magnitude, -last_bit)));
  // Adding handles rounding up to the next power of 2: the carry goes from mantissa to exponent.
  return static_cast<std::uint16_t>(sign + (last_bit + 24) * 1024 + units);
}

/// A bfloat16 is the upper half of a float.
float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

[[noreturn]] void fail_dtype(const Tensor& tensor, const char* needed) {
  throw Error(ExitCode::kBadInput, fmt::format("tensor {} has dtype {}, {} is needed",
                                               quoted_text(tensor.name), tensor.dtype, needed));
}

}  // namespace

std::size_t element_size(const std::string& dtype) {
  static const std::map<std::string, std::size_t> sizes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1},
      {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
      {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8},
  };
  const auto entry = sizes.find(dtype);
  return entry == sizes.end() ? 0 : entry->second;
}

std::string quoted_text(const std::string& text) {
  constexpr std::size_t kLongest = 80;
  std::string line =
      nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (line.size() > kLongest) line = line.substr(0, kLongest) + "...\"";
  return line;
}

std::optional<std::size_t> Tensor::needed_bytes() const {
  const auto values = checked_product(shape);
  return values ? checked_product({*values, element_size(dtype)}) : std::nullopt;
}

Tensor Tensor::f32(std::string name, std::vector<std::size_t> shape,
                   std::span<const float> values) {
  const auto bytes = std::as_bytes(values);
  return {std::move(name), "F32", std::move(shape), {bytes.begin(), bytes.end()}};
}

Tensor Tensor::f16(std::string name, std::vector<std::size_t> shape,
                   std::span<const float> values) {
  Tensor tensor{std::move(name), "F16", std::move(shape), {}};
  tensor.bytes.resize(values.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t half = to_half(values[i]);
    if (std::isfinite(values[i]) && std::isinf(from_half(half))) {
      refuse(fmt::format("tensor {}: {} is beyond the largest float16, 65504",
                         quoted_text(tensor.name), values[i]));
    }
    std::memcpy(tensor.bytes.data() + i * sizeof half, &half, sizeof half);
  }
  return tensor;
}

std::vector<float> Tensor::floats() const {
  if (dtype == "F32") return convert<float, float>(*this);
  if (dtype == "F64") return convert<double, float>(*this);
  if (dtype == "F16") return convert<std::uint16_t, float>(*this, from_half);
  if (dtype == "BF16") return convert<std::uint16_t, float>(*this, from_bfloat);
  fail_dtype(*this, "F32, F64, F16 or BF16");
}

std::vector<double> Tensor::doubles() const {
  if (dtype == "F64") return convert<double, double>(*this);
  if (dtype == "F32") return convert<float, double>(*this);
  fail_dtype(*this, "F64 or F32");
}

std::vector<std::int32_t> Tensor::int32s() const {
  if (dtype == "I32") return convert<std::int32_t, std::int32_t>(*this);
  fail_dtype(*this, "I32");
}

}  // namespace mnist
