#include "report/html_page.h"

#include <string_view>

#include "base/json_text.h"
#include "report/page_sources.h"

namespace mnist {
namespace {

// `text` with each `from` replaced by `to`.
std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (;;) {
    const std::size_t at = text.find(from);
    result += text.substr(0, at);
    if (at == std::string_view::npos) return result;
    result += to;
    text.remove_prefix(at + from.size());
  }
}

// JSON for a script element. Escapes '<', which JSON has in strings only, so that no text can close
// the element.
std::string json_in_html(const nlohmann::ordered_json& json) {
  return replaced(json_text(json), "<", "\\u003c");
}

}  // namespace

std::string html_page(const nlohmann::ordered_json& data) {
  std::string page = replaced(page_sources::kHtml, "/* STYLE */", page_sources::kStyle);
  page = replaced(page, "/* SCRIPTS */", page_sources::kScripts);
  return replaced(page, "/* DATA */", json_in_html(data));
}

}  // namespace mnist
