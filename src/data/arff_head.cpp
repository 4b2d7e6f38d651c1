#include "data/arff_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/split.h"
#include "base/text.h"
#include "base/text_fields.h"

namespace mnist {
namespace {

// Removes a name, quoted or not, from the beginning of `text` and returns it.
std::string take_name(std::string_view& text) {
  text = trimmed(text, kBlanks);
  if (!text.empty() && (text[0] == '\'' || text[0] == '"')) {
    const std::size_t end = std::min(text.find(text[0], 1), text.size());
    std::string name(text.substr(1, end - 1));
    text.remove_prefix(std::min(end + 1, text.size()));
    return name;
  }
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  std::string name(text.substr(0, end));
  text.remove_prefix(end);
  return name;
}

}  // namespace

bool is_arff(std::string_view line) { return lowercase(line).starts_with("@relation"); }

ArffHead read_arff_head(std::string_view text, const std::string& name, std::size_t first_line) {
  constexpr std::string_view kAttribute = "@attribute";
  ArffHead head;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trimmed(line, kBlanks);
    text.remove_prefix(end + 1);
    ++head.lines;
    const std::string keyword = lowercase(line.substr(0, line.find_first_of(" \t")));
    if (keyword == "@data") return head;
    if (keyword == kAttribute) {
      line.remove_prefix(kAttribute.size());
      head.names.push_back(take_name(line));
      head.nominal.push_back(trimmed(line, kBlanks).starts_with('{'));
    } else if (!line.empty() && !line.starts_with('%') && keyword != "@relation") {
      throw bad_input(name, fmt::format("line {}: {} is no line of an ARFF file's head",
                                        first_line + head.lines, shown_field(line)));
    }
  }
  throw bad_input(name, "an ARFF file without '@data'; fetch or copy the file again");
}

}  // namespace mnist
