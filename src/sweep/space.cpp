#include "sweep/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/number.h"
#include "base/portable_math.h"
#include "base/split.h"

namespace mnist {
namespace {

using Kind = Hyperparameter::Kind;

struct RangeName {
  std::string_view name;
  Kind kind;
};
constexpr std::array<RangeName, 3> kRanges{
    {{"uniform", Kind::kUniform}, {"log", Kind::kLog}, {"int", Kind::kInteger}}};

// A double holds integers up to here exactly.
constexpr double kLargestInteger = 9007199254740992;  // 2^53

[[noreturn]] void bad_space(std::string_view text, const std::string& why) {
  refuse(fmt::format("'{}': {}", text, why));
}

// Splits "NAME=REST". The error message shows `form`.
std::pair<std::string_view, std::string_view> split_name(std::string_view text,
                                                         std::string_view form) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trimmed(text.substr(0, equals));
  if (equals == std::string_view::npos || name.empty()) {
    bad_space(text, fmt::format("write it as {}", form));
  }
  return {name, trimmed(text.substr(equals + 1))};
}

std::vector<std::string> split_values(std::string_view text, std::string_view list) {
  std::vector<std::string> values;
  for (const std::string_view value : split(list, '|')) {
    if (value.empty()) bad_space(text, "a value is empty; write the values as 1|2|3");
    values.emplace_back(value);
  }
  return values;
}

std::optional<double> number(std::string_view text) {
  const auto value = read_number<double>(trimmed(text));
  return value && std::isfinite(*value) ? value : std::nullopt;
}

bool is_whole(double value) {
  return value == std::floor(value) && std::abs(value) <= kLargestInteger;
}

void parse_range(std::string_view text, std::string_view bounds, Hyperparameter& parameter) {
  const std::size_t comma = bounds.find(',');
  const auto low = number(bounds.substr(0, comma));
  const auto high =
      comma == std::string_view::npos ? std::nullopt : number(bounds.substr(comma + 1));
  if (!low || !high) bad_space(text, "a range has two numbers, as in uniform(0.8,0.99)");
  parameter.low = *low;
  parameter.high = *high;
  if (!(*low < *high)) {
    bad_space(text, fmt::format("the range from {} to {} is empty; the smaller number comes first",
                                *low, *high));
  }
  if (parameter.kind == Kind::kLog && *low <= 0) {
    bad_space(text, fmt::format("{} has no logarithm; a log range lies above 0, as in log(1e-3,1)",
                                *low));
  }
  if (parameter.kind == Kind::kInteger && !(is_whole(*low) && is_whole(*high))) {
    bad_space(text, "an int range has whole numbers, as in int(16,128)");
  }
}

std::string_view name_of(Kind kind) {
  return std::find_if(kRanges.begin(), kRanges.end(),
                      [&](const RangeName& range) { return range.kind == kind; })
      ->name;
}

}  // namespace

Hyperparameter parse_grid(std::string_view text) {
  const auto [name, list] = split_name(text, "NAME=VALUE|VALUE");
  return {std::string(name), Kind::kValues, split_values(text, list)};
}

Hyperparameter parse_sample(std::string_view text) {
  constexpr std::string_view kForm = "NAME=log(LOW,HIGH), uniform(..), int(..) or choice(A|B)";
  const auto [name, rest] = split_name(text, kForm);
  const std::size_t open = rest.find('(');
  if (open == std::string_view::npos || !rest.ends_with(')')) {
    bad_space(text, fmt::format("write it as {}", kForm));
  }
  const std::string_view function = trimmed(rest.substr(0, open));
  const std::string_view arguments = rest.substr(open + 1, rest.size() - open - 2);
  Hyperparameter parameter;
  parameter.name = name;
  if (function == "choice") {
    parameter.values = split_values(text, arguments);
    return parameter;
  }
  const auto* range = std::find_if(kRanges.begin(), kRanges.end(),
                                   [&](const RangeName& r) { return r.name == function; });
  if (range == kRanges.end()) {
    bad_space(text, fmt::format("'{}' is no kind of range; write it as {}", function, kForm));
  }
  parameter.kind = range->kind;
  parse_range(text, arguments, parameter);
  return parameter;
}

std::string grid_text(const Hyperparameter& parameter) {
  return fmt::format("{}", fmt::join(parameter.values, "|"));
}

std::string sample_text(const Hyperparameter& parameter) {
  if (parameter.kind == Kind::kValues) return fmt::format("choice({})", grid_text(parameter));
  return fmt::format("{}({},{})", name_of(parameter.kind), parameter.low, parameter.high);
}

std::string value_at(const Hyperparameter& parameter, double u) {
  const double low = parameter.low;
  const double high = parameter.high;
  switch (parameter.kind) {
    case Kind::kValues:
      return parameter
          .values[static_cast<std::size_t>(u * static_cast<double>(parameter.values.size()))];
    case Kind::kUniform:
      return fmt::format("{:.6g}", low + u * (high - low));
    case Kind::kLog:
      return fmt::format("{:.6g}", low * portable::pow(high / low, u));
    case Kind::kInteger:
      break;
  }
  return fmt::format("{:.0f}", low + std::floor(u * (high - low + 1)));
}

}  // namespace mnist
