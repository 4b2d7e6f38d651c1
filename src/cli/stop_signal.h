// SIGINT, SIGTERM and SIGHUP as a wish to stop at the next good moment.
#pragma once

namespace mnist {

/// From now on SIGINT, SIGTERM and, unless it was ignored, SIGHUP are noted instead of ending the
/// process at once. The next SIGINT ends it; SIGTERM, which programs like to repeat, and SIGHUP
/// never cut short the writing of a checkpoint.
void watch_stop_signals();

/// Whether one has come.
bool stop_requested();

}  // namespace mnist
