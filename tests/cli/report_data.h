// The page that `mnist report` writes, as data.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/sandbox.h"

namespace mnist::testing {

/// The JSON in a page.
nlohmann::ordered_json data_of_page(const std::string& page);

/// What `mnist report ARGUMENTS` puts into report.html, which is there afterwards.
nlohmann::ordered_json report_of(const Sandbox& box, const std::string& arguments);

}  // namespace mnist::testing
