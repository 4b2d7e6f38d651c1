// Fast parsing of decimal numbers with few digits.
#pragma once

namespace mnist {

/// Reads the number at `p` into `out` and returns the position after it. The result is the nearest
/// float, ties to even, as from std::from_chars. Returns nullptr if there is no number, or one that
/// this method cannot round: more than 19 digits, outside float's normal range, or so near the
/// midpoint of two floats that the last digit decides. Eight bytes after the text must be readable.
const char* read_short_decimal(const char* p, float* out);

}  // namespace mnist
