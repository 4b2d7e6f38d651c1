#include "cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "build_info.h"

namespace mnist {
namespace {

// Escapes text for roff: no line begins a request, and hyphens stay ASCII, so that a copied flag
// works.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
      out += c;
    }
  }
  return out;
}

// Makes a sentence of a description, which --help begins in lower case.
std::string sentence(std::string text) {
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return escaped(text) + ".\n";
}

std::string entry(const CLI::Option& option) {
  const std::string name = option.get_positional() && option.get_lnames().empty()
                               ? option.get_name()
                               : option.get_name(false, true);
  const std::string type = option.get_type_name();
  std::string text = fmt::format(".TP\n\\fB{}\\fR", escaped(name));
  if (!type.empty()) text += fmt::format(" \\fI{}\\fR", escaped(type));
  return text + "\n" + escaped(option.get_description()) + "\n";
}

// The arguments and flags of a command, in the groups and the order of --help.
std::string entries(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() && option->get_lnames().empty()) text += entry(*option);
  }
  for (const std::string& group : command.get_groups()) {
    const std::vector<const CLI::Option*> options =
        command.get_options([&](const CLI::Option* option) {
          return option->get_group() == group && !option->get_lnames().empty() &&
                 option->get_lnames().front() != "help";
        });
    if (options.empty()) continue;
    if (group != "Options") text += fmt::format(".PP\n\\fI{}\\fR\n", escaped(group));
    for (const CLI::Option* option : options) text += entry(*option);
  }
  return text;
}

std::string arguments_of(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional() || !option->get_lnames().empty()) continue;
    const std::string name = fmt::format("\\fI{}\\fR{}", escaped(option->get_name()),
                                         option->get_expected_max() > 1 ? " ..." : "");
    text += option->get_required() ? " " + name : fmt::format(" [{}]", name);
  }
  return text;
}

}  // namespace

std::string manual_page(const CLI::App& program) {
  const std::string& name = program.get_name();
  const auto commands = program.get_subcommands({});
  std::string text = fmt::format(
      ".TH MNIST 1 \"\" \"{0} {1}\" \"User Commands\"\n.SH NAME\n{0} \\- trains small networks "
      "on images\n.SH SYNOPSIS\n",
      name, kVersion);
  for (const CLI::App* command : commands) {
    if (command != commands.front()) text += ".br\n";
    text += fmt::format("\\fB{} {}\\fR [\\fIflags\\fR]{}\n", name, command->get_name(),
                        arguments_of(*command));
  }
  text += fmt::format(".SH DESCRIPTION\n{}\n", escaped(program.get_description()));
  text += entries(program);
  text += ".SH COMMANDS\n";
  for (const CLI::App* command : commands) {
    text += fmt::format(".SS {} {}\n{}", name, command->get_name(),
                        sentence(command->get_description()));
    text += entries(*command);
  }
  text += fmt::format(".SH NOTES\n{}\n", escaped(program.get_footer()));
  return text;
}

}  // namespace mnist
