// Elementary functions whose last bit is the same on every machine. The C library's differ between
// processors and versions, so nothing that decides weights calls those; additions, products,
// quotients, square roots and floor are exact or correctly rounded everywhere.
#pragma once

namespace mnist::portable {

/// e^x, to 1e-15 of its value.
double exp(double x);

/// ln x, to 1e-15 of its value; x is normal and above 0.
double log(double x);

/// base^exponent for a base that is 0 or normal and above, and an exponent of 0 or more, to 1e-15
/// of its value for each unit of |ln(base^exponent)|.
double pow(double base, double exponent);

struct SineAndCosine {
  double sine;
  double cosine;
};

/// Of an angle in turns: 1 is 2π. To 1e-15, for up to a million turns.
SineAndCosine sine_and_cosine(double turns);

}  // namespace mnist::portable
