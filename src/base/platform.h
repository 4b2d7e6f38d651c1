// Whether the program may call what Linux alone has: futexes, processor affinity, huge pages,
// control groups, /proc. Each such place stands in base/ and has a standard fallback, for other
// systems and for builds with MNIST_PORTABLE.
#pragma once

#if defined(__linux__) && !defined(MNIST_PORTABLE)
#define MNIST_LINUX 1
#else
#define MNIST_LINUX 0
#endif
