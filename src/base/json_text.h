// JSON as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// The text of a JSON value: on one line, or on many with an `indent`. Invalid UTF-8, as in a file
/// name, becomes U+FFFD; dump() alone would throw.
template <class Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mnist
