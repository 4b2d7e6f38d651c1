// What one core can do at most, measured in the same run as what is held against it.
#pragma once

namespace mnist::kernels {

/// The processor time of this thread in seconds: unlike the wall clock it leaves out what others
/// run meanwhile.
double thread_seconds();

/// Floating-point operations a second of multiply-adds on registers only, by the instruction set
/// that kernels are dispatched to now.
double fma_peak();

}  // namespace mnist::kernels
