// Elementary functions with the same last bit on every machine. Those of the C library differ
// between processors and versions, so code that influences weights does not call them. These
// functions use only operations that IEEE 754 rounds correctly: +, -, *, /, square root, floor.
#pragma once

namespace mnist::portable {

/// e^x, with a relative error of at most 1e-15.
double exp(double x);

/// ln x, with a relative error of at most 1e-15; x is normal and positive.
double log(double x);

/// base^exponent; the base is 0, or normal and positive; the exponent is not negative. The relative
/// error is at most 1e-15 times |ln(base^exponent)|.
double pow(double base, double exponent);

struct SineAndCosine {
  double sine;
  double cosine;
};

/// Sine and cosine of an angle in turns (1 turn is 2π), with an absolute error of at most 1e-15 for
/// up to a million turns.
SineAndCosine sine_and_cosine(double turns);

}  // namespace mnist::portable
