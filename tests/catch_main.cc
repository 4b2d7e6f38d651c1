// Catch2 2 only: the test program's main.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
