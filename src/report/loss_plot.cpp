#include "report/loss_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "report/gnuplot.h"

namespace mnist {
namespace {

// The palette of Okabe and Ito for colour-blind readers, without yellow, which is too pale on
// white.
constexpr std::array kColors = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9};
constexpr int kGray = 0x606060;
constexpr const char* kPale = "0xB0000000";   // transparency of the raw losses
constexpr const char* kPaler = "0xE0000000";  // the same with many runs

// In a picture of this size, text and lines have their nominal size.
constexpr double kNominalWidth = 640;
constexpr double kNominalHeight = 480;

// Lengths in the nominal picture: margins beside the panels, for numbers and names of axes; the
// position of such a name. Then the loss panel's part of the height above an accuracy panel.
constexpr double kLeftMargin = 76;
constexpr double kRightMargin = 32;
constexpr double kAxisName = 14;
constexpr double kLossPanel = 0.6;
constexpr double kPointSize = 0.35;

// Lengths of a legend beside the panels, and its largest part of the width.
constexpr double kCharacterWidth = 6.8;
constexpr double kLineHeight = 14;
constexpr double kLegendSample = 40;
constexpr double kLegendGap = 12;
constexpr double kLegendPart = 0.45;

constexpr const char* kAccuracyAxis = "validation accuracy (%)";
constexpr double kPartsToSmooth = 200;
constexpr std::size_t kMaxColumns = 2000;  // horizontal resolution of loss curves
constexpr std::size_t kMaxDots = 40;       // dots on a validation curve

// A PNG chunk that states 600 dots per inch (PNG specification, 11.3.5.3). It is inserted after the
// header, which ends at this byte.
constexpr std::size_t kPngHeaderEnd = 33;
constexpr std::string_view kPngResolution(
    "\0\0\0\x09pHYs\0\0\x5c\x46\0\0\x5c\x46\x01\x14\x94\x43\x41", 21);

bool is_text(PlotFormat format) {
  return format == PlotFormat::kText || format == PlotFormat::kColorText;
}

// How to draw a curve: as lines, points or both, and their appearance.
struct Style {
  std::string kind;
  std::string line;
  std::string points;
};

std::string to_string(const Style& style) {
  return fmt::format("{} {} {}", style.kind, style.line, style.points);
}

// The appearance of one run's curves: a character in text, a colour in pictures.
class Pen {
 public:
  // Run i of n. Many runs get hues in their order.
  Pen(PlotFormat format, std::size_t i, std::size_t n) : text_(is_text(format)), type_(i + 1) {
    if (n <= kColors.size()) {
      rgb_ = fmt::format("{:#08x}", kColors[i]);
    } else {
      const double hue = 0.85 * static_cast<double>(i) / static_cast<double>(n);
      rgb_ = fmt::format("hsv2rgb({:.4f},0.9,0.75)", hue);
      pale_ = kPaler;
    }
  }
  // For the legend of several runs: no run in particular.
  explicit Pen(PlotFormat format)
      : text_(is_text(format)), type_(text_ ? 0 : 1), rgb_(fmt::format("{:#08x}", kGray)) {}

  Style raw() const {
    return {"lines", fmt::format("linecolor rgb {}+{} linewidth 0.5", pale_, rgb_), ""};
  }
  Style smoothed() const { return {"lines", line(1.3), ""}; }
  Style validation(std::size_t points = 1) const {
    if (text_) return {"points", line(1), "pointtype 'o'"};
    return {"linespoints", line(0.7) + " dashtype (6,3)",
            fmt::format("pointtype 7 pointinterval {}", (points + kMaxDots - 1) / kMaxDots)};
  }

 private:
  std::string line(double width) const {
    return fmt::format("linetype {} linecolor rgb {} linewidth {}", type_, rgb_, width);
  }

  bool text_;
  std::size_t type_;
  std::string rgb_;
  const char* pale_ = kPale;
};

// The curves of one panel and their data.
class Panel {
 public:
  explicit Panel(std::string name) : name_(std::move(name)) {}

  bool empty() const { return items_.empty(); }

  void add(const Curve& curve, double factor, const Style& style) {
    if (curve.empty()) return;
    const std::string block = fmt::format("${}{}", name_, items_.size());
    auto out = std::back_inserter(data_);
    fmt::format_to(out, "{} << END\n", block);
    for (const CurvePoint& point : curve) {
      fmt::format_to(out, "{} {:.7g}\n", point.step, factor * point.value);
    }
    fmt::format_to(out, "END\n");
    items_.push_back(fmt::format("{} with {} notitle", block, to_string(style)));
  }

  std::string data() const { return fmt::to_string(data_); }
  std::string items() const { return fmt::format("{}", fmt::join(items_, ", ")); }

 private:
  std::string name_;
  std::vector<std::string> items_;
  fmt::memory_buffer data_;
};

struct LegendEntry {
  Style style;
  std::string label;
};

using Legend = std::vector<LegendEntry>;

Legend legend_of(const LossPlot& plot, PlotFormat format, double smoothing) {
  Legend legend;
  const std::size_t n = plot.runs.size();
  if (n > 1) {
    for (std::size_t i = 0; i < n; ++i) {
      legend.push_back({Pen(format, i, n).smoothed(), plot.runs[i].label});
    }
  }
  const Pen pen = n > 1 ? Pen(format) : Pen(format, 0, 1);
  if (!is_text(format)) legend.push_back({pen.raw(), "each step"});
  legend.push_back({pen.smoothed(), fmt::format("smoothed over {:.3g} steps", smoothing)});
  const bool validated = std::any_of(plot.runs.begin(), plot.runs.end(), [](const auto& run) {
    return !run.curves.validation_loss.empty();
  });
  if (validated) legend.push_back({pen.validation(), "validation"});
  return legend;
}

double last_step(const LossPlot& plot) {
  double last = 0;
  for (const PlottedRun& run : plot.runs) {
    for (const Curve* curve : {&run.curves.loss, &run.curves.epoch_loss}) {
      if (!curve->empty()) last = std::max(last, curve->back().step);
    }
  }
  return last;
}

Panel loss_panel(const LossPlot& plot, PlotFormat format, std::size_t width, double smoothing) {
  const std::size_t columns = std::min(width, kMaxColumns);
  const auto drawable = [&](Curve curve) {
    if (plot.log_scale) {
      std::erase_if(curve, [](const CurvePoint& point) { return point.value <= 0; });
    }
    return curve;
  };
  Panel panel("loss");
  const std::size_t n = plot.runs.size();
  if (!is_text(format)) {
    for (std::size_t i = 0; i < n; ++i) {
      const Curve raw = drawable(plot.runs[i].curves.loss);
      panel.add(thinned(raw, columns), 1, Pen(format, i, n).raw());
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const RunCurves& curves = plot.runs[i].curves;
    const Pen pen(format, i, n);
    panel.add(thinned(drawable(smoothed(curves.loss, smoothing)), columns), 1, pen.smoothed());
    panel.add(drawable(curves.validation_loss), 1, pen.validation(curves.validation_loss.size()));
  }
  return panel;
}

Panel accuracy_panel(const LossPlot& plot, PlotFormat format) {
  Panel panel("accuracy");
  const std::size_t n = plot.runs.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Curve& accuracy = plot.runs[i].curves.validation_accuracy;
    panel.add(accuracy, 100, Pen(format, i, n).validation(accuracy.size()));
  }
  return panel;
}

std::string value_axis(const LossPlot& plot) {
  return plot.log_scale ? "set logscale y\n" : "set yrange [0:*]\n";
}

// Above the panel, so that it covers no curve.
std::string legend_above(const LossPlot& plot) {
  const std::string title =
      plot.runs.size() > 1 ? "" : "title " + gnuplot_string(plot.runs.front().label);
  return fmt::format("set key outside top center horizontal {}\n", title);
}

std::string with_legend(const Panel& losses, const Legend& legend) {
  std::string items = losses.items();
  for (const auto& [style, label] : legend) {
    items += fmt::format(", keyentry with {} title {}", to_string(style), gnuplot_string(label));
  }
  return items;
}

// The panels one after the other. Text cannot be rotated, so the title names the vertical axis.
std::string text_script(const LossPlot& plot, PlotFormat format, const PlotSize& size,
                        const Panel& losses, const Panel& accuracies, const Legend& legend) {
  const auto terminal = [&](std::size_t rows) {
    return fmt::format("set terminal dumb noenhanced size {},{} {}\n", size.width, rows,
                       format == PlotFormat::kText ? "mono" : "ansi256");
  };
  std::string script = terminal(size.height + legend.size()) + value_axis(plot);
  script += "set lmargin 10\nset rmargin 5\nset border 3\nset tics nomirror\n";
  script += legend_above(plot);
  script += fmt::format("set title {}\nset xlabel {}\n", gnuplot_string(plot.loss_axis),
                        gnuplot_string(plot.step_axis));
  script += fmt::format("plot {}\n", with_legend(losses, legend));
  if (accuracies.empty()) return script;
  script += terminal(size.height) + "set key off\nunset logscale y\nset yrange [*:*]\n";
  return script + fmt::format("set title '{}'\nplot {}\n", kAccuracyAxis, accuracies.items());
}

// gnuplot's terminals for pictures. Each has its own unit of font size; these values look alike.
struct Terminal {
  const char* name;
  const char* font;
  double font_size;
  double per_unit;  // divides width and height
  const char* unit;
};

Terminal terminal_of(PlotFormat format) {
  switch (format) {
    case PlotFormat::kSvg:
      return {"svg", "sans-serif", 12, 1, ""};
    case PlotFormat::kPdf:
      return {"pdfcairo", "Sans", 6.5, 100, "in"};
    default:
      return {"pngcairo", "Sans", 9, 1, ""};
  }
}

// A legend to the right of the panels that shrinks until it fits. gnuplot's own legend would omit
// entries that do not fit.
struct LegendBeside {
  double width;  // in the nominal picture, including the panels' right margin
  std::string script;
};

LegendBeside legend_beside(const Legend& legend, double font_size, double width, double height) {
  std::size_t longest = 0;  // in bytes: an upper bound for the characters
  for (const LegendEntry& entry : legend) longest = std::max(longest, entry.label.size());
  const double text = kCharacterWidth * static_cast<double>(longest) + kLegendSample;
  const double rows = kLineHeight * static_cast<double>(legend.size());
  const double shrink =
      std::min({1.0, kLegendPart * width / text, (height - 2 * kLegendGap) / rows});
  const double left = width - text * shrink - kLegendGap;
  std::string script =
      "set origin 0,0\nset size 1,1\nunset border\nunset tics\nunset xlabel\nunset label\n";
  double y = height - kLegendGap - kLineHeight * shrink / 2;
  for (const auto& [style, label] : legend) {
    script += fmt::format("set arrow from screen {},screen {} to screen {},screen {} nohead {}\n",
                          left / width, y / height, (left + 0.75 * kLegendSample * shrink) / width,
                          y / height, style.line);
    script +=
        fmt::format("set label {} at screen {},screen {} left font ',{}'\n", gnuplot_string(label),
                    (left + kLegendSample * shrink) / width, y / height, font_size * shrink);
    y -= kLineHeight * shrink;
  }
  return {width - left + kRightMargin, script + "plot [0:1] [0:1] 2 notitle\n"};
}

// The script of both panels, or of the loss panel only.
std::string panels(const LossPlot& plot, const std::string& losses, const Panel& accuracies,
                   double width) {
  const auto name_axis = [&](const std::string& name) {
    return fmt::format("set label 1 {} at screen {},graph 0.5 center rotate by 90\n",
                       gnuplot_string(name), kAxisName / width);
  };
  const std::string name_steps = fmt::format("set xlabel {}\n", gnuplot_string(plot.step_axis));
  std::string script = value_axis(plot) + name_axis(plot.loss_axis);
  if (accuracies.empty()) return fmt::format("{}{}plot {}\n", script, name_steps, losses);
  script += fmt::format("set origin 0,{}\nset size 1,{}\n", 1 - kLossPanel, kLossPanel);
  script += fmt::format("set format x ''\nset bmargin 0.7\nplot {}\n", losses);
  script += fmt::format("set origin 0,0\nset size 1,{}\n", 1 - kLossPanel);
  script += "set key off\nset tmargin 0.7\nunset bmargin\nset format x '%g'\n";
  script += "unset logscale y\nset yrange [*:*]\n" + name_steps + name_axis(kAccuracyAxis);
  return script + fmt::format("plot {}\n", accuracies.items());
}

std::string picture_script(const LossPlot& plot, PlotFormat format, const PlotSize& size,
                           const Panel& losses, const Panel& accuracies, const Legend& legend) {
  const double scale = std::min(static_cast<double>(size.width) / kNominalWidth,
                                static_cast<double>(size.height) / kNominalHeight);
  const double width = static_cast<double>(size.width) / scale;  // of the nominal picture
  const double height = static_cast<double>(size.height) / scale;
  const Terminal terminal = terminal_of(format);
  const bool beside = plot.runs.size() > kColors.size();
  const LegendBeside right = legend_beside(legend, terminal.font_size, width, height);
  const auto length = [&](std::size_t n) {
    return fmt::format("{}{}", static_cast<double>(n) / terminal.per_unit, terminal.unit);
  };
  const std::string script = fmt::format(
      "set terminal {} noenhanced size {},{} font '{},{}' fontscale {} linewidth {} background "
      "'#ffffff'\nset lmargin at screen {}\nset rmargin at screen {}\nset pointsize {}\nset border "
      "3 linecolor rgb {} linewidth 0.8\nset tics nomirror out textcolor rgb {}\nset grid linetype "
      "1 linecolor rgb 0xe0e0e0 linewidth 0.6\nset multiplot\n",
      terminal.name, length(size.width), length(size.height), terminal.font, terminal.font_size,
      scale, scale, kLeftMargin / width, 1 - (beside ? right.width : kRightMargin) / width,
      kPointSize * scale, kGray, kGray);
  if (beside) {
    return script + "set key off\n" + panels(plot, losses.items(), accuracies, width) +
           right.script;
  }
  return script + legend_above(plot) + "set key Left reverse\n" +
         panels(plot, with_legend(losses, legend), accuracies, width);
}

// Removes page breaks, and blanks at the ends of lines.
std::string trimmed(const std::string& text) {
  std::string kept;
  for (const char c : text) {
    if (c == '\f') continue;
    if (c == '\n') kept.resize(kept.find_last_not_of(' ') + 1);
    kept += c;
  }
  return kept;
}

}  // namespace

PlotSize default_size(PlotFormat format) {
  switch (format) {
    case PlotFormat::kPng:
      return {3840, 2880};
    case PlotFormat::kSvg:
    case PlotFormat::kPdf:
      return {640, 480};
    default:
      return {80, 20};
  }
}

double smoothing_of(const LossPlot& plot) {
  if (plot.smoothing > 0) return plot.smoothing;
  return std::max(std::round(last_step(plot) / kPartsToSmooth), 1.0);
}

std::string draw_loss_plot(const LossPlot& plot, PlotFormat format, const PlotSize& size) {
  const double steps = last_step(plot);
  const double smoothing = smoothing_of(plot);
  const Panel losses = loss_panel(plot, format, size.width, smoothing);
  const Panel accuracies = accuracy_panel(plot, format);
  if (losses.empty()) {
    throw bad_input(plot.runs.size() > 1 ? "these runs" : plot.runs.front().label,
                    fmt::format("no loss{} to draw", plot.log_scale ? " above 0" : ""));
  }
  const std::string script =
      fmt::format("set encoding utf8\nset xrange [0:{}]\nset format '%g'\n", steps) +
      losses.data() + accuracies.data();
  const Legend legend = legend_of(plot, format, smoothing);
  if (is_text(format)) {
    return trimmed(
        run_gnuplot(script + text_script(plot, format, size, losses, accuracies, legend)));
  }
  std::string picture =
      run_gnuplot(script + picture_script(plot, format, size, losses, accuracies, legend));
  if (picture.size() < kPngHeaderEnd) {
    throw Error(ExitCode::kFailure, "gnuplot has drawn nothing; does it run by itself?");
  }
  if (format == PlotFormat::kPng && size == default_size(format)) {
    picture.insert(kPngHeaderEnd, kPngResolution);
  }
  return picture;
}

}  // namespace mnist
