// A self-contained HTML page with its style, scripts and data.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mnist {

/// The page that shows `data`. Its key `kind` is `run`, `network` (see run_page.h) or `sweep`. The
/// sources of the page are in report/page/. Invalid UTF-8 is replaced.
std::string html_page(const nlohmann::ordered_json& data);

}  // namespace mnist
