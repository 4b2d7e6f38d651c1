// fast-cpp-csv-parser, without the warnings that it gives.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-truncation"  // of file names, on purpose
#include <csv.h>
#pragma GCC diagnostic pop
#else
#include <csv.h>
#endif
