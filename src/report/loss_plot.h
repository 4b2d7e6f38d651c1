// A plot of the losses and validation accuracies of runs, drawn by gnuplot.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/run_curves.h"

namespace mnist {

struct PlottedRun {
  std::string label;  // for the legend
  RunCurves curves;
};

struct LossPlot {
  std::vector<PlottedRun> runs;  // at least one; the label of a single run is the title
  std::string step_axis;
  std::string loss_axis;
  bool log_scale = false;  // for the loss
  double smoothing = 0;    // steps, see smoothed(); 0: chosen by smoothing_of()
};

/// The smoothing length in steps: plot.smoothing, or else a 200th of the longest run, rounded to
/// whole steps.
double smoothing_of(const LossPlot& plot);

enum class PlotFormat { kPng, kSvg, kPdf, kText, kColorText };

/// The unit is a pixel; in a PDF, a hundredth of an inch; in text, a column, and a row per panel.
/// Fonts and lines of a picture scale with its size.
struct PlotSize {
  std::size_t width = 0;
  std::size_t height = 0;
  bool operator==(const PlotSize&) const = default;
};

/// 6.4 × 4.8 inches (PNG: at 600 dots per inch); text: 80 columns.
PlotSize default_size(PlotFormat format);

/// The plot as the bytes of a file. Each run has a colour, with a thin, pale line for the raw
/// losses, a line for the smoothed ones, and dots for the validation set. Accuracies have their own
/// panel below. Text has no raw losses. Throws the errors of run_gnuplot, and Error(kBadInput) if
/// there is nothing to draw.
std::string draw_loss_plot(const LossPlot& plot, PlotFormat format, const PlotSize& size);

}  // namespace mnist
