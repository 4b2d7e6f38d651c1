// Includes fast-cpp-csv-parser without its compiler warnings.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-truncation"  // it truncates file names on purpose
#include <csv.h>
#pragma GCC diagnostic pop
#else
#include <csv.h>
#endif
