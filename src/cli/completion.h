// What may come next on a command line, for the completion of shells (data/shell).
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace mnist {

/// What may stand in the place of the last of `words`, which follow the program's name. The first
/// line tells the kind: "words", of which each of the other lines holds one that fits, a tab and
/// what it means; or "files" or "directories", for the shell to look for. bash gives "=" as a word
/// of its own, other shells as part of one, and so does the answer.
std::string completions(const CLI::App& program, const std::vector<std::string>& words);

}  // namespace mnist
