#include "cli/help.h"

#include <fmt/format.h>

#include <sstream>
#include <string>
#include <utility>

namespace mnist {
namespace {

constexpr std::size_t kFlagColumns = 28;
constexpr std::size_t kLineColumns = 100;

// `text` wrapped at the line width; lines after the first are indented.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string out;
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > kLineColumns) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

}  // namespace

HelpFormatter::HelpFormatter() {
  column_width(kFlagColumns);
  label("OPTIONS", "FLAGS");
  label("SUBCOMMAND", "COMMAND");
  label("SUBCOMMANDS", "COMMAND");
  label("Positionals", "Arguments");
}

std::string HelpFormatter::make_group(std::string group, bool is_positional,
                                      std::vector<const CLI::Option*> options) const {
  // CLI11 puts two blank lines between groups; remove one. "Options" is the first group.
  const bool first = is_positional || group == "Options";
  const std::string text = CLI::Formatter::make_group(group == "Options" ? "Flags" : group,
                                                      is_positional, std::move(options));
  return first ? text : text.substr(1);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  const std::string type = option->get_type_name();
  return type.empty() ? "" : " " + type;
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
  const std::string footer = app->get_footer();
  return footer.empty() ? "" : wrapped(footer, 0) + "\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  const std::string name =
      "  " + make_option_name(option, is_positional) + make_option_opts(option);
  const std::string description = wrapped(make_option_desc(option), kFlagColumns);
  const bool beside = name.size() + 2 <= kFlagColumns;
  return fmt::format(
      "{}{}{}\n", name,
      beside ? std::string(kFlagColumns - name.size(), ' ') : "\n" + std::string(kFlagColumns, ' '),
      description);
}

}  // namespace mnist
