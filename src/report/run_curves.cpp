#include "report/run_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "data/fast_csv.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

// The complete lines of a file.
std::string read_lines(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw bad_input(path.string(), "no such file; is it in the directory of a training run?");
  }
  std::string text = read_file(path);
  text.resize(text.rfind('\n') + 1);  // empty without a line break
  return text;
}

double parse(const fs::path& path, unsigned line, std::string_view text) {
  const auto value = read_number<double>(text);
  if (!value) throw bad_input(path.string(), fmt::format("line {}: '{}' is no number", line, text));
  return *value;
}

// Appends the finite values of each column to its curve; skips empty fields.
template <class... Names>
void read_columns(const fs::path& path, const std::vector<Curve*>& curves, Names... names) {
  const std::string text = read_lines(path);
  try {
    io::CSVReader<1 + sizeof...(names)> reader(path.string(), text.data(),
                                               text.data() + text.size());
    reader.read_header(io::ignore_extra_column, "step", names...);
    const auto read_row = [&reader](auto&... columns) { return reader.read_row(columns...); };
    std::array<const char*, 1 + sizeof...(names)> row{};
    while (std::apply(read_row, row)) {
      const unsigned line = reader.get_file_line();
      const double step = parse(path, line, row[0]);
      for (std::size_t i = 0; i < curves.size(); ++i) {
        const std::string_view field = row[i + 1];
        if (field.empty()) continue;
        const double value = parse(path, line, field);
        if (std::isfinite(value)) curves[i]->push_back({step, value});
      }
    }
  } catch (const io::error::base& error) {
    throw Error(ExitCode::kBadInput, error.what());  // the message names the file
  }
}

}  // namespace

RunCurves read_run_curves(const fs::path& loss_csv, const fs::path& epochs_csv) {
  RunCurves curves;
  read_columns(loss_csv, {&curves.loss, &curves.learning_rate}, "loss", "learning_rate");
  read_columns(epochs_csv,
               {&curves.epoch_loss, &curves.validation_loss, &curves.validation_accuracy},
               "train_loss", "validation_loss", "validation_accuracy");
  return curves;
}

Curve smoothed(std::span<const CurvePoint> curve, double length) {
  struct Sums {
    double values = 0;
    double weights = 0;
    void add(const Sums& other, double factor) {
      values += factor * other.values;
      weights += factor * other.weights;
    }
  };
  const std::size_t n = curve.size();
  const auto weight = [&](std::size_t i, std::size_t j) {
    return std::exp(-std::abs(curve[i].step - curve[j].step) / length);
  };
  // Recursive filters in both directions make this linear in n.
  std::vector<Sums> before(n);  // over points up to i
  std::vector<Sums> after(n);   // over points from i on
  for (std::size_t i = 0; i < n; ++i) before[i] = after[i] = {curve[i].value, 1};
  for (std::size_t i = 1; i < n; ++i) before[i].add(before[i - 1], weight(i, i - 1));
  for (std::size_t i = n; i-- > 1;) after[i - 1].add(after[i], weight(i - 1, i));
  Curve mean;
  for (std::size_t i = 0; i < n; ++i) {
    Sums sums = before[i];
    sums.add(after[i], 1);
    sums.add({curve[i].value, 1}, -1);
    const std::size_t end = 2 * i + 1;
    if (end < n) sums.add(after[end], -weight(i, end));
    mean.push_back({curve[i].step, sums.values / sums.weights});
  }
  return mean;
}

Curve thinned(std::span<const CurvePoint> curve, std::size_t columns) {
  if (curve.size() <= 2 * columns) return {curve.begin(), curve.end()};
  const auto lower = [](const CurvePoint& a, const CurvePoint& b) { return a.value < b.value; };
  Curve thin;
  for (std::size_t c = 0; c < columns; ++c) {
    const auto begin = curve.begin() + static_cast<std::ptrdiff_t>(c * curve.size() / columns);
    const auto end = curve.begin() + static_cast<std::ptrdiff_t>((c + 1) * curve.size() / columns);
    auto [low, high] = std::minmax_element(begin, end, lower);
    if (high < low) std::swap(low, high);
    thin.push_back(*low);
    if (high != low) thin.push_back(*high);
  }
  return thin;
}

}  // namespace mnist
