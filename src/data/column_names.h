// What the names in a table's header say of its columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// How sure a name says "label": 0 is not at all; more is surer, from kSureLabel on certain.
int label_likeness(std::string_view name);
inline constexpr int kSureLabel = 100;

/// How sure a name says "id": 0 is not at all; 1 is a row's number, as pandas' column without a
/// name or "Unnamed: 0"; 2 is an id, such as "ImageId" or "filename".
int id_likeness(std::string_view name);

/// Whether pandas gave that name to a column without one: "Unnamed: 32".
bool is_unnamed(std::string_view name);

/// A pixel's or feature's: "pixel17", "28x28", "px_3".
bool is_pixel_name(std::string_view name);

/// Of each name, whether it differs only in its numbers from most of the others, as pixels' names
/// do: "x0", "x1", ... or "r0c0", "r0c1", ....
std::vector<bool> in_family(const std::vector<std::string>& names);

}  // namespace mnist
