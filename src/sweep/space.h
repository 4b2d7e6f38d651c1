// The space that a sweep searches: parameters, by the names of the settings that they vary, and the
// values that each of them may take.
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
    kLog,      // a number whose logarithm is uniform
    kInteger,  // a whole number, uniform in [low, high]
  };
  std::string name;
  Kind kind = Kind::kValues;
  std::vector<std::string> values;
  double low = 0;
  double high = 0;
};

using Space = std::vector<Hyperparameter>;

/// One value for each of some parameters, by name.
using Point = std::vector<std::pair<std::string, std::string>>;

/// "NAME=VALUE|VALUE|...". Throws Error(kUsage).
Hyperparameter parse_grid(std::string_view text);

/// "NAME=log(LOW,HIGH)", and likewise uniform, int, and choice(VALUE|VALUE|...). Throws
/// Error(kUsage): another form, an empty range, a logarithmic one that does not lie above 0.
Hyperparameter parse_sample(std::string_view text);

/// What follows the name, in a form that parse_grid or parse_sample reads back.
std::string grid_text(const Hyperparameter& parameter);
std::string sample_text(const Hyperparameter& parameter);

/// The value at `u` in [0, 1): a number has six significant digits, so that it is easy to read and
/// does not depend on the last bit of a logarithm.
std::string value_at(const Hyperparameter& parameter, double u);

}  // namespace mnist
