// Plots of training runs, from their directories.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/loss_plot.h"

namespace mnist {

/// The curves of the runs in these directories. The label of a run lists the settings that differ
/// between the runs; runs with equal settings have their directory as label. Throws
/// Error(kBadInput) for a directory without a run, or with a damaged one.
LossPlot plot_of_runs(const std::vector<std::filesystem::path>& runs);

/// The format for the ending of `path`. Throws Error(kUsage) unless it is .png, .svg or .pdf.
PlotFormat picture_format(const std::filesystem::path& path);

/// Draws loss.png in the run's directory. Throws the errors of draw_loss_plot and
/// write_file_atomically.
void write_picture_of_run(const std::filesystem::path& run);

}  // namespace mnist
