// Runs the program gnuplot, which draws the plots.
#pragma once

#include <string>

namespace mnist {

/// Runs `script` without the user's gnuplot settings and returns gnuplot's standard output. Throws
/// Error(kBadInput), which says how to install it, if gnuplot is missing, and Error(kFailure) with
/// its error message if it fails.
std::string run_gnuplot(const std::string& script);

/// Throws the errors of run_gnuplot if gnuplot cannot be run.
void require_gnuplot();

/// The text as a string expression of gnuplot. It uses single quotes, because in double quotes
/// gnuplot would execute backquoted commands. Control characters become blanks, and invalid UTF-8
/// the replacement character.
std::string gnuplot_string(const std::string& text);

}  // namespace mnist
