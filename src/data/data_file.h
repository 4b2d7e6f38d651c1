// Reads a data set from any supported file or folder, recognised by content: a table, IDX, NumPy
// arrays, pictures; plain or compressed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/shape.h"
#include "data/archive.h"
#include "data/byte_source.h"
#include "data/column_choice.h"
#include "data/dataset.h"
#include "data/label_index.h"

namespace mnist {

struct DataFileOptions {
  /// Features per row if known (a network's input width). A table of exactly this width has no
  /// labels; any other number of features is an error.
  std::optional<std::size_t> features;
  /// The names that the header of the training data gave the features; the same names in another
  /// order are an error.
  std::vector<std::string> feature_names;
  /// The known labels; any other label is an error.
  KnownLabels known;
  /// Rows without labels are an error.
  bool require_labels = true;
  /// Ignore a table's labels.
  bool skip_labels = false;
  /// The roles of a table's columns, as far as the user gives them.
  ColumnChoice columns;
  /// The file of the labels, for formats that have one; empty: looked for beside the data.
  std::filesystem::path labels;
  /// The part to read of data that hold both.
  Half half = Half::kTraining;
  /// For svmlight: the number of the first feature, 0 or 1, if known.
  std::optional<std::size_t> first_feature;
  /// Converts pictures to MNIST's form or scales them to a shape; otherwise they stay as they are.
  bool mnist_form = false;
  std::optional<Shape> shape;  // one channel, whatever the pictures have
  /// Channels of pictures, 1 or 3; empty: 3 if any picture of the folder is coloured.
  std::optional<std::size_t> channels;
};

/// Whether `path` holds data in more than one file: a folder of pictures, an archive of arrays.
bool is_container(const std::filesystem::path& path);

/// Whether `path` alone holds both training and test data.
bool has_halves(const std::filesystem::path& path);

/// Reads rows in blocks, in constant memory.
class DataReader {
 public:
  virtual ~DataReader() = default;

  /// Replaces `block` by the next rows, at most `max_rows`, fewer if images are large; false if
  /// there are no more. Throws Error(kBadInput) that names the file and the row (1-based line for
  /// tables, byte for IDX).
  virtual bool next(Dataset& block, std::size_t max_rows) = 0;

  /// All remaining rows. Formats that can be read in parallel use this many threads; 0 means one
  /// per core.
  virtual Dataset load(std::size_t threads);
};

/// Opens `path`, or standard input for "-". Throws Error(kBadInput) that names the file if it is
/// missing, empty, of no known format, or a directory without pictures and IDX files.
std::unique_ptr<DataReader> open_data_file(const std::filesystem::path& path,
                                           const DataFileOptions& options = {});

/// The same for a source that is already open. For IDX, `path` tells where to look for the labels.
std::unique_ptr<DataReader> open_data_file(std::unique_ptr<ByteSource> source,
                                           const std::filesystem::path& path,
                                           const DataFileOptions& options);

/// Reads a whole file, in parallel if the format allows it. The result has at least one row.
/// Without known labels there are as many classes as different labels.
Dataset load_data_file(const std::filesystem::path& path, const DataFileOptions& options = {},
                       std::size_t threads = 0);

/// One line that says how a data set was read: "mine.csv: 20000 rows; label 'class' (last column);
/// 784 features, 28 x 28, 0 to 255; 10 classes".
std::string describe_data_file(const std::filesystem::path& path, const Dataset& data);

/// Throws Error(kBadInput) if nothing can be learned from the data: only one class, more than half
/// as many classes as rows, or all features equal. Messages call the data `name`.
void check_trainable(const Dataset& data, const std::string& name);

/// One line that names two labels that differ only in capitals, or a label with only one row if the
/// classes have five rows or more on average; otherwise empty.
std::string odd_label(const Dataset& data);

}  // namespace mnist
