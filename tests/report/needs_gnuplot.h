// Tests that draw are skipped where the program that draws is missing.
#pragma once

#include "base/error.h"
#include "catch.h"
#include "report/gnuplot.h"

namespace mnist {

inline bool has_gnuplot() {
  try {
    require_gnuplot();
    return true;
  } catch (const Error&) {
    skip_test("needs gnuplot (gnuplot-nox)");
    return false;
  }
}

}  // namespace mnist
