// SIGINT, SIGTERM and SIGHUP as requests to stop at the next safe point.
#pragma once

namespace mnist {

/// From now on SIGINT, SIGTERM and SIGHUP set a flag instead of ending the process; an ignored
/// SIGHUP stays ignored. A second SIGINT ends the process. SIGTERM and SIGHUP never do, however
/// often they come, because some programs repeat them and a checkpoint may be half written.
void watch_stop_signals();

/// Whether one of these signals has arrived.
bool stop_requested();

}  // namespace mnist
