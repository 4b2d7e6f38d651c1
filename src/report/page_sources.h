// What report pages are made of: the files of report/page/, which the build puts into the program.
#pragma once

#include <string_view>

namespace mnist::page_sources {

extern const std::string_view kHtml;     // with a place for each of the others
extern const std::string_view kStyle;    // the CSS files one after the other
extern const std::string_view kScripts;  // the JavaScript files, parts of one module

}  // namespace mnist::page_sources
