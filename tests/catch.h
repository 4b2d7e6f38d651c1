// Catch2 in its 2.x or 3.x header layout.
#pragma once

#ifdef MNIST_CATCH2_V2
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
using Catch::Approx;
#endif
