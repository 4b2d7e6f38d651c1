// Text in files of comma-separated values.
#pragma once

#include <string>
#include <string_view>

namespace mnist {

/// Text as one field of a CSV row, in quotation marks where it needs them (RFC 4180).
std::string csv_field(std::string_view text);

}  // namespace mnist
