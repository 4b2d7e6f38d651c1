// What the names in a table's header say of its columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// How sure a name says "label": 0 is not at all; more is surer.
int label_likeness(std::string_view name);

/// "id", "index", "ImageId", pandas' "Unnamed: 0", and no name at all.
bool is_id_name(std::string_view name);

/// A pixel's or feature's: "pixel17", "28x28", "px_3".
bool is_pixel_name(std::string_view name);

}  // namespace mnist
