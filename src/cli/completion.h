// Candidates for shell completion; the scripts in data/shell ask for them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace mnist {

/// Candidates for the last of `words`; `words` are those after the program's name. The first line
/// of the result is "words", "files" or "directories". After "words" each line holds a candidate, a
/// tab and its description; for the other two the shell itself lists the files or directories. bash
/// passes "=" as a word of its own, other shells as a part of a word; candidates have the same
/// form.
std::string completions(const CLI::App& program, const std::vector<std::string>& words);

}  // namespace mnist
