// The plot of training runs, from their directories.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/loss_plot.h"

namespace mnist {

/// What the runs in these directories have recorded. Each is labelled by what tells its settings
/// from the others', or by its directory where they are all the same. Throws Error(kBadInput) for a
/// directory that holds no run or a damaged one.
LossPlot plot_of_runs(const std::vector<std::filesystem::path>& runs);

/// By the ending of `path`. Throws Error(kUsage) for one that is not .png, .svg or .pdf.
PlotFormat picture_format(const std::filesystem::path& path);

/// Writes the picture of one run into its directory, as loss.png. Throws what draw_loss_plot and
/// write_file_atomically throw.
void write_picture_of_run(const std::filesystem::path& run);

}  // namespace mnist
