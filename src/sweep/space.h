// The search space of a sweep: parameters, named after the settings that they vary, and the values
// of each.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mnist {

struct Hyperparameter {
  enum class Kind {
    kValues,   // one of `values`, all equally likely
    kUniform,  // a number, uniform in [low, high)
    kLog,      // a number in [low, high) whose logarithm is uniform
    kInteger,  // an integer, uniform in [low, high]
  };
  std::string name;
  Kind kind = Kind::kValues;
  std::vector<std::string> values;
  double low = 0;
  double high = 0;
};

using Space = std::vector<Hyperparameter>;

/// Parameters by name, each with one value.
using Point = std::vector<std::pair<std::string, std::string>>;

/// "NAME=VALUE|VALUE|...". Throws Error(kUsage).
Hyperparameter parse_grid(std::string_view text);

/// "NAME=log(LOW,HIGH)"; also uniform(), int() and choice(VALUE|VALUE|...). Throws Error(kUsage)
/// for any other form, an empty range, and a log range that does not lie above 0.
Hyperparameter parse_sample(std::string_view text);

/// The text after "NAME=" that parse_grid or parse_sample reads back.
std::string grid_text(const Hyperparameter& parameter);
std::string sample_text(const Hyperparameter& parameter);

/// The value at `u` in [0, 1). Real numbers are rounded to six significant digits, which are easy
/// to read and do not depend on the last bit of the arithmetic.
std::string value_at(const Hyperparameter& parameter, double u);

}  // namespace mnist
