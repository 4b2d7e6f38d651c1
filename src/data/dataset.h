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

/// Rows of bytes, or of floats where the data are anything but integers from 0 to 255. An image's
/// values go channel by channel, row by row.
struct Dataset {
  Shape shape;              // of a row
  std::size_t classes = 0;  // labels lie below; 0 without labels
  // One of these two is empty.
  std::vector<std::uint8_t> pixels;  // [rows × features], row-major
  std::vector<float> values;         // the same
  std::vector<std::int32_t> labels;  // [rows], 0 .. classes - 1; empty: unlabelled
  /// What the data call each class [classes]; empty where it is the number itself.
  std::vector<std::string> label_names;
  std::vector<std::string> ids;              // [rows] or none
  std::string id_name;                       // what the data call the ids
  ValueSummary summary;                      // of all rows, where the reader made one
  std::optional<std::size_t> first_feature;  // the number of the first, 0 or 1, in svmlight's form
  std::string reading;  // how the reader took the file: "label 'class' (last column)"

  std::size_t features() const { return shape.size(); }
  std::size_t rows() const {
    return features() == 0 ? 0 : (pixels.size() + values.size()) / features();
  }
  bool labelled() const { return !labels.empty(); }
  bool has_floats() const { return !values.empty(); }
  /// A row of bytes.
  const std::uint8_t* row(std::size_t r) const { return pixels.data() + r * features(); }
  /// A row of floats.
  const float* float_row(std::size_t r) const { return values.data() + r * features(); }
  /// What the data call a class.
  std::string label_name(std::size_t label) const;

  /// How many rows each class has [classes].
  std::vector<std::size_t> class_rows() const;
};

/// Removes all rows and what is known of them; their memory stays.
void clear_rows(Dataset& data);

/// Makes bytes floats of the same value.
void make_floats(Dataset& data);

/// Makes floats bytes where all of them are integers from 0 to 255, by their summary.
void make_bytes(Dataset& data);

/// The shape of rows of which nothing but the number of features is known: a square image where
/// there is one of so many pixels, else one line.
Shape shape_of_row(std::size_t features);

/// The side of images of this shape, if they are square and of one channel.
std::optional<std::size_t> image_side(const Shape& shape);

/// The width and height of images that have that many pixels, if they are square.
std::optional<std::size_t> image_side(std::size_t features);

/// Appends the rows [first, first + count) of `from` to `to`, which must be a different data set:
/// either one without rows, or one as wide and labelled or unlabelled alike. Where either has
/// floats, `to` then does. Labels go by their names where either has any.
void append_rows(Dataset& to, const Dataset& from, std::size_t first, std::size_t count);

/// Copies row `from` over row `to` of the same data set.
void move_row(Dataset& data, std::size_t from, std::size_t to);

/// Keeps the first `rows` rows.
void truncate_rows(Dataset& data, std::size_t rows);

/// The part of all groups of four neighbouring pixels that hold anything but zeros, by a sample of
/// the rows; 1 for no rows, and for floats.
double inked_share(const Dataset& data);

}  // namespace mnist
