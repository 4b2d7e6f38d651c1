// JSON as text. The serializer is compiled here only, since that takes long.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace mnist {

/// The text of a JSON value: on one line, or on many with an `indent`. Invalid UTF-8, as in a file
/// name, becomes U+FFFD; dump() alone would throw.
std::string json_text(const nlohmann::json& json, int indent = -1);
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

/// The value, or null.
template <class T, class Json = nlohmann::ordered_json>
Json nullable(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace mnist
