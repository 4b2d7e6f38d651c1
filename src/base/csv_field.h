// Writing CSV.
#pragma once

#include <string>
#include <string_view>

namespace mnist {

/// The text as one field of a CSV row, quoted if necessary (RFC 4180).
std::string csv_field(std::string_view text);

}  // namespace mnist
