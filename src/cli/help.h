// How --help looks.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace mnist {

/// CLI11's layout with no more beside a flag's name than the kind of its value, and long
/// descriptions broken into lines.
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
