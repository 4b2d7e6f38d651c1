#include "report/loss_plot.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "base/error.h"
#include "catch.h"
#include "report/needs_gnuplot.h"

namespace mnist {
namespace {

// A run whose loss falls from 2.3 with some noise, over 400 steps of 4 epochs.
PlottedRun falling_run(const std::string& label, double rate, bool validated = true) {
  PlottedRun run{label, {}};
  for (int step = 1; step <= 400; ++step) {
    const double noise = 1 + 0.5 * std::sin(step * 1.7) * std::sin(step * 0.9);
    const double loss = 2.3 * std::exp(-rate * step);
    run.curves.loss.push_back({static_cast<double>(step), loss * noise});
    if (!validated || step % 100 != 0) continue;
    run.curves.validation_loss.push_back({static_cast<double>(step), loss * 1.2});
    run.curves.validation_accuracy.push_back({static_cast<double>(step), 1 - loss / 4});
  }
  return run;
}

LossPlot plot_of(std::vector<PlottedRun> runs) {
  LossPlot plot;
  plot.runs = std::move(runs);
  plot.step_axis = "step (mini-batches of 64 images)";
  plot.loss_axis = "loss: cross-entropy (nat)";
  return plot;
}

struct DrawnPlot {
  std::size_t width = 0;
  std::size_t height = 0;
  std::map<std::uint32_t, std::size_t> colors;  // number of pixels by 0xRRGGBB
};

DrawnPlot read_png(const std::string& file) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&png, file.data(), file.size()) != 0);
  png.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(png));
  REQUIRE(png_image_finish_read(&png, nullptr, pixels.data(), 0, nullptr) != 0);
  DrawnPlot picture{png.width, png.height, {}};
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    ++picture.colors[pixels[i] * 0x10000U + pixels[i + 1] * 0x100U + pixels[i + 2]];
  }
  return picture;
}

// Dots per meter that libpng reads out of a file, 0 where it tells none.
std::uint32_t dots_per_meter(const std::string& file) {
  struct Source {
    const std::string& file;
    std::size_t at = 0;
  } source{file};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_read_fn(png, &source, [](png_structp reader, png_bytep out, std::size_t n) {
    auto& from = *static_cast<Source*>(png_get_io_ptr(reader));
    std::copy_n(from.file.begin() + static_cast<std::ptrdiff_t>(from.at), n, out);
    from.at += n;
  });
  png_read_info(png, info);  // checks the sums of the chunks before the pixels
  const std::uint32_t dots = png_get_pixels_per_meter(png, info);
  png_destroy_read_struct(&png, &info, nullptr);
  return dots;
}

struct PlacedText {
  double x;
  double y;
  std::string text;
};

// The texts of an SVG by gnuplot.
std::vector<PlacedText> texts_of(const std::string& svg) {
  static const std::regex pattern(
      R"(translate\(([0-9.]+),([0-9.]+)\)[^>]*>\s*<text>([^<]*)</text>)");
  std::vector<PlacedText> texts;
  for (std::sregex_iterator match(svg.begin(), svg.end(), pattern), end; match != end; ++match) {
    texts.push_back({std::stod((*match)[1]), std::stod((*match)[2]), (*match)[3]});
  }
  return texts;
}

TEST_CASE("plot: a PNG has the size asked for, and each run in a color, pale and full") {
  if (!has_gnuplot()) return;
  const LossPlot plot = plot_of({falling_run("lr 0.1", 0.01), falling_run("lr 0.2", 0.03)});
  const DrawnPlot picture = read_png(draw_loss_plot(plot, PlotFormat::kPng, {600, 400}));
  CHECK(picture.width == 600);
  CHECK(picture.height == 400);
  CHECK(picture.colors.at(0xFFFFFF) > 600 * 400 / 2);
  CHECK(picture.colors.at(0x0072B2) > 30);
  CHECK(picture.colors.at(0xD55E00) > 30);
  CHECK(picture.colors.count(0x009E73) == 0);  // the third color
  // Between white and the first color, as the transparent line through the steps is.
  const auto pale = [](const auto& entry) {
    const std::uint32_t red = entry.first >> 16, blue = entry.first & 0xFF;
    return red > 0x80 && red < 0xF0 && blue > red + 0x10;
  };
  CHECK(std::count_if(picture.colors.begin(), picture.colors.end(), pale) > 5);
}

TEST_CASE("plot: a PNG of the article's size states its 600 dots per inch, others nothing") {
  if (!has_gnuplot()) return;
  const LossPlot plot = plot_of({falling_run("a run", 0.01, false)});
  const PlotSize size = default_size(PlotFormat::kPng);
  const std::string file = draw_loss_plot(plot, PlotFormat::kPng, size);
  CHECK(dots_per_meter(file) == 23622);
  CHECK(read_png(file).width == 3840);
  CHECK(dots_per_meter(draw_loss_plot(plot, PlotFormat::kPng, {640, 480})) == 0);
}

TEST_CASE("plot: an SVG names its axes and runs, whatever characters these have") {
  if (!has_gnuplot()) return;
  const LossPlot plot = plot_of({falling_run("it's `id` <b>&", 0.01), falling_run("a_b^c", 0.02)});
  const std::string svg = draw_loss_plot(plot, PlotFormat::kSvg, {640, 480});
  CHECK_THAT(svg, contains("width=\"640\" height=\"480\""));
  std::multiset<std::string> texts;
  for (const PlacedText& text : texts_of(svg)) texts.insert(text.text);
  for (const std::string text :
       {"it's `id` &lt;b>&amp;", "a_b^c", "each step", "smoothed over 2 steps", "validation",
        "step (mini-batches of 64 images)", "loss: cross-entropy (nat)",
        "validation accuracy (%)"}) {
    INFO(text);
    CHECK(texts.count(text) == 1);
  }
}

TEST_CASE("plot: losses are smoothed over a 200th of the longest run, in whole steps") {
  LossPlot plot;
  plot.runs.resize(2);
  plot.runs[0].curves.loss = {{1, 2.0}, {3910, 1.0}};
  plot.runs[1].curves.loss = {{3000, 1.0}};
  CHECK(smoothing_of(plot) == 20);
  plot.runs[0].curves.loss.pop_back();
  plot.runs[1].curves.loss = {{90, 1.0}};
  CHECK(smoothing_of(plot) == 1);
  plot.smoothing = 7.5;
  CHECK(smoothing_of(plot) == 7.5);
}

TEST_CASE("plot: one run is the title; without validation there is one panel") {
  if (!has_gnuplot()) return;
  LossPlot plot = plot_of({falling_run("runs/first", 0.01, false)});
  plot.smoothing = 25;
  const std::string svg = draw_loss_plot(plot, PlotFormat::kSvg, {640, 480});
  CHECK_THAT(svg, contains(">runs/first<"));
  CHECK_THAT(svg, contains(">smoothed over 25 steps<"));
  CHECK_THAT(svg, !contains("validation"));
}

TEST_CASE("plot: the legend of many runs fits beside the panels, no label over another") {
  if (!has_gnuplot()) return;
  std::vector<PlottedRun> runs;
  for (int i = 0; i < 60; ++i) {
    runs.push_back(falling_run("layers 128,relu,64,relu lr " + std::to_string(i), 0.001 * i));
  }
  const std::string svg = draw_loss_plot(plot_of(runs), PlotFormat::kSvg, {640, 480});
  std::vector<double> heights;
  for (const PlacedText& text : texts_of(svg)) {
    if (text.text.starts_with("layers")) {
      heights.push_back(text.y);
      CHECK(text.x > 350);
    }
  }
  REQUIRE(heights.size() == 60);
  std::sort(heights.begin(), heights.end());
  CHECK(heights.front() > 5);
  CHECK(heights.back() < 470);
  for (std::size_t i = 1; i < heights.size(); ++i) CHECK(heights[i] - heights[i - 1] > 6);
}

TEST_CASE("plot: a PDF has its size in inches") {
  if (!has_gnuplot()) return;
  const LossPlot plot = plot_of({falling_run("a run", 0.01)});
  const std::string pdf = draw_loss_plot(plot, PlotFormat::kPdf, {640, 480});
  CHECK(pdf.starts_with("%PDF"));
  std::smatch box;
  REQUIRE(std::regex_search(pdf, box, std::regex(R"(/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \])")));
  CHECK(std::stod(box[1]) == Approx(6.4 * 72).margin(1));
  CHECK(std::stod(box[2]) == Approx(4.8 * 72).margin(1));
}

TEST_CASE("plot: a text has the columns asked for, and colors only where they can be shown") {
  if (!has_gnuplot()) return;
  const LossPlot plot = plot_of({falling_run("lr 0.1", 0.01), falling_run("lr 0.2", 0.03)});
  const std::string text = draw_loss_plot(plot, PlotFormat::kText, {100, 20});
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    longest = std::max(longest, line.size());
    CHECK((line.empty() || line.back() != ' '));
  }
  CHECK(longest > 90);
  CHECK(longest <= 100);
  for (const std::string part : {"lr 0.1 ***", "lr 0.2 ###", "loss: cross-entropy (nat)\n",
                                 "validation accuracy (%)\n", "step (mini-batches of 64 images)"}) {
    CHECK_THAT(text, contains(part));
  }
  CHECK(text.find_first_of("\x1b\f") == std::string::npos);
  CHECK_THAT(draw_loss_plot(plot, PlotFormat::kColorText, {100, 20}), contains("\x1b["));
}

TEST_CASE("plot: on a logarithmic scale equal factors are equal distances, and 0 is left out") {
  if (!has_gnuplot()) return;
  LossPlot plot = plot_of({falling_run("a run", 0.01, false)});
  plot.runs[0].curves.loss.back().value = 0;
  plot.log_scale = true;
  std::map<std::string, double> heights;
  for (const PlacedText& text : texts_of(draw_loss_plot(plot, PlotFormat::kSvg, {640, 480}))) {
    heights[text.text] = text.y;
  }
  REQUIRE(heights.count("0.1") == 1);
  CHECK(heights["0.1"] - heights["1"] == Approx(heights["1"] - heights["10"]).margin(0.1));
}

TEST_CASE("plot: runs without a step to draw are an error that names the run") {
  const PlottedRun empty{"runs/empty", {}};
  CHECK_THROWS_WITH(draw_loss_plot(plot_of({empty}), PlotFormat::kText, {80, 20}),
                    contains("runs/empty: no loss to draw"));
  PlottedRun zero = empty;
  zero.curves.loss = {{1, 0}};
  LossPlot plot = plot_of({zero});
  plot.log_scale = true;
  CHECK_THROWS_WITH(draw_loss_plot(plot, PlotFormat::kText, {80, 20}),
                    contains("runs/empty: no loss above 0 to draw"));
}

}  // namespace
}  // namespace mnist
