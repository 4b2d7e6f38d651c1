// Whether the program may use features of Linux: futexes, processor affinity, huge pages, control
// groups, /proc. All such code is in base/, each place with a fallback in standard C++ for other
// systems and for builds with MNIST_PORTABLE.
#pragma once

#if defined(__linux__) && !defined(MNIST_PORTABLE)
#define MNIST_LINUX 1
#else
#define MNIST_LINUX 0
#endif
