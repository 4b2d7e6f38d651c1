// The program gnuplot, which draws the plots.
#pragma once

#include <string>

namespace mnist {

/// What gnuplot writes to standard output as it runs `script`, with none of the user's settings.
/// Throws Error(kBadInput) that tells how to install it where it is missing, Error(kFailure) with
/// its words where it fails.
std::string run_gnuplot(const std::string& script);

/// Throws as run_gnuplot does where it cannot be run.
void require_gnuplot();

/// An expression of gnuplot's script language that is this text. It stands in single quotes, in
/// which nothing but their end has a meaning to gnuplot; in double quotes a text could run
/// commands. Control characters become blanks, and what is not UTF-8 the replacement character.
std::string gnuplot_string(const std::string& text);

}  // namespace mnist
