// A picture of how training went, drawn by gnuplot: losses and validation accuracies of runs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/run_curves.h"

namespace mnist {

struct PlottedRun {
  std::string label;  // what tells it from the others
  RunCurves curves;
};

struct LossPlot {
  std::vector<PlottedRun> runs;  // at least one; the label of the only one is the title
  std::string step_axis;
  std::string loss_axis;
  bool log_scale = false;  // of the loss
  double smoothing = 0;    // steps, see smoothed(); 0: as smoothing_of() chooses
};

/// The length that losses are smoothed by: the plot's own, or a 200th of its longest run in whole
/// steps.
double smoothing_of(const LossPlot& plot);

enum class PlotFormat { kPng, kSvg, kPdf, kText, kColorText };

/// Of a picture: pixels; of a PDF: hundredths of an inch; of a text: columns, and rows per panel.
/// What is in a picture grows with it.
struct PlotSize {
  std::size_t width = 0;
  std::size_t height = 0;
  bool operator==(const PlotSize&) const = default;
};

/// 6.4 × 4.8 inches, in PNG at 600 dots per inch; a text of 80 columns.
PlotSize default_size(PlotFormat format);

/// The plot as the content of a file. Each run has a colour: a thin and pale line through the
/// losses of its steps, a line over it through their smoothed values, dots for the validation set.
/// Accuracies have a panel of their own under the losses. A text has no pale lines. Throws what
/// run_gnuplot throws, and Error(kBadInput) where there is nothing to draw.
std::string draw_loss_plot(const LossPlot& plot, PlotFormat format, const PlotSize& size);

}  // namespace mnist
