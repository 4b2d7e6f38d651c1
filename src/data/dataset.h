// Labelled images (or any rows of features) in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "data/value_summary.h"

namespace mnist {

/// Rows of bytes, or of floats if any value is not an integer from 0 to 255. An image is stored
/// channel by channel, each row by row.
struct Dataset {
  Shape shape;              // of a row
  std::size_t classes = 0;  // labels are 0 .. classes - 1; 0: no labels
  // One of these two is empty.
  std::vector<std::uint8_t> pixels;  // [rows × features], row-major
  std::vector<float> values;         // [rows × features], row-major
  std::vector<std::int32_t> labels;  // [rows]; empty: unlabelled
  /// The name of each class in the data [classes]; empty: its number.
  std::vector<std::string> label_names;
  std::vector<std::string> ids;              // [rows] or empty
  std::string id_name;                       // the name of the ids' column
  std::vector<std::string> feature_names;    // by the header; empty: no header
  ValueSummary summary;                      // of all rows, if the reader made one
  std::optional<std::size_t> first_feature;  // svmlight: the number of the first feature, 0 or 1
  std::string reading;                       // how the file was read: "label 'class' (last column)"

  std::size_t features() const { return shape.size(); }
  std::size_t rows() const {
    return features() == 0 ? 0 : (pixels.size() + values.size()) / features();
  }
  bool labelled() const { return !labels.empty(); }
  bool has_floats() const { return !values.empty(); }
  /// Row r of `pixels`.
  const std::uint8_t* row(std::size_t r) const { return pixels.data() + r * features(); }
  /// Row r of `values`.
  const float* float_row(std::size_t r) const { return values.data() + r * features(); }
  /// The name of a class in the data.
  std::string label_name(std::size_t label) const;

  /// The number of rows of each class [classes].
  std::vector<std::size_t> class_rows() const;
};

/// Removes all rows, labels, names and the summary, but keeps the memory.
void clear_rows(Dataset& data);

/// Converts bytes to floats of the same value.
void make_floats(Dataset& data);

/// Converts floats to bytes if all of them are integers from 0 to 255, according to the summary.
void make_bytes(Dataset& data);

/// The shape of rows if only the number of features is known: a square image if the number is a
/// square, otherwise one line.
Shape shape_of_row(std::size_t features);

/// The side of images of this shape if they are square and have one channel.
std::optional<std::size_t> image_side(const Shape& shape);

/// The side of images of that many pixels if they are square.
std::optional<std::size_t> image_side(std::size_t features);

/// Appends the rows [first, first + count) of `from` to `to`, a different data set. `to` must be
/// empty, or have the same width and have labels exactly if `from` has. If either has floats, the
/// result has floats. If either has names of labels, labels are matched by name.
void append_rows(Dataset& to, const Dataset& from, std::size_t first, std::size_t count);

/// Copies row `from` over row `to` of the same data set.
void move_row(Dataset& data, std::size_t from, std::size_t to);

/// Keeps the first `rows` rows.
void truncate_rows(Dataset& data, std::size_t rows);

/// The fraction of the groups of four neighbouring pixels that are not all zero, from a sample of
/// the rows; 1 for no rows, and for floats.
double inked_share(const Dataset& data);

}  // namespace mnist
