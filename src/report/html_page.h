// One HTML page that holds all it needs: style, scripts and data.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// The page that shows `data`, whose key `kind` says what it is of: `run`, `network` (see
/// run_page.h) or `sweep`. What the page is made of lies in report/page/. Text that is not UTF-8 is
/// mended.
std::string html_page(const nlohmann::ordered_json& data);

}  // namespace mnist
