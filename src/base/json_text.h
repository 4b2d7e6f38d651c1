// JSON as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// The text of a JSON value, on one line or, with an `indent`, on many. Bytes that are no UTF-8 (a
/// file may be called anything) become U+FFFD, so that this never fails for want of them.
template <class Json>
std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mnist
