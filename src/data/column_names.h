// What the names in a table's header say about its columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// How likely the name means "label": 0 is not at all, higher is likelier, kSureLabel and above is
/// certain.
int label_likeness(std::string_view name);
inline constexpr int kSureLabel = 100;

/// How likely the name means "id": 0 is not at all; 1 is a row number, such as pandas' column
/// without a name or "Unnamed: 0"; 2 is an id, such as "ImageId" or "filename".
int id_likeness(std::string_view name);

/// Whether pandas gave this name to a column without one: "Unnamed: 32".
bool is_unnamed(std::string_view name);

/// Whether the name is that of a pixel or feature: "pixel17", "28x28", "px_3".
bool is_pixel_name(std::string_view name);

/// For each name, whether it belongs to a numbered series that most names belong to, as names of
/// pixels do: "x0", "x1", ... or "r0c0", "r0c1", ....
std::vector<bool> in_family(const std::vector<std::string>& names);

}  // namespace mnist
