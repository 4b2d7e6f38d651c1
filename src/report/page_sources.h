// The files of report/page/, which the build compiles into the program.
#pragma once

#include <string_view>

namespace mnist::page_sources {

extern const std::string_view kHtml;     // with placeholders for style, scripts and data
extern const std::string_view kStyle;    // the CSS files, concatenated
extern const std::string_view kScripts;  // the JavaScript files, concatenated to one module

}  // namespace mnist::page_sources
