// Hints for mistyped words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// "; did you mean 'train'?" with the nearest candidate; "" if no candidate is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace mnist
