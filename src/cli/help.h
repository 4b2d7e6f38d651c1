// The layout of --help.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace mnist {

/// CLI11's layout, except that only the type of its value follows a flag's name, and long
/// descriptions are wrapped.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter();
  std::string make_group(std::string group, bool is_positional,
                         std::vector<const CLI::Option*> options) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_footer(const CLI::App* app) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
};

}  // namespace mnist
