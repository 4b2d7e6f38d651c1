// SIGINT and SIGTERM as a wish to stop at the next good moment.
#pragma once

namespace mnist {

/// From now on the first SIGINT or SIGTERM is noted instead of ending the process at once; the next
/// one ends it.
void watch_stop_signals();

/// Whether one has come.
bool stop_requested();

}  // namespace mnist
