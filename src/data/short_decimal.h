// Decimal numbers of few digits, fast.
#pragma once

namespace mnist {

/// Reads the number at `p` into `out`, rounded to the nearest float, ties to even, as
/// std::from_chars does it, and returns what is behind it. Nothing for any number that is not
/// plain: of more than 19 digits, out of float's normal range, as near to the middle of two floats
/// as decides on the last digit; and for what is no number. Eight bytes behind the text must be
/// readable.
const char* read_short_decimal(const char* p, float* out);

}  // namespace mnist
