#include "data/bad_data.h"

#include <fmt/format.h>

namespace mnist {

Error bad_data(const std::string& name, const std::string& problem) {
  return {ExitCode::kBadInput, fmt::format("{}: {}", name, problem)};
}

std::string beyond_classes(std::size_t label, std::size_t classes) {
  return fmt::format("label {} is beyond the network's {} classes; they are 0 to {}", label,
                     classes, classes - 1);
}

}  // namespace mnist
