// Sleep until an atomic number changes.
#pragma once

#include <atomic>
#include <cstdint>

namespace mnist {

/// Sleeps while `value` equals `seen`; may wake spuriously.
void sleep_while(std::atomic<std::uint32_t>& value, std::uint32_t seen);

/// Wakes all threads that sleep on `value`.
void wake_all(std::atomic<std::uint32_t>& value);

}  // namespace mnist
