// Reads a data set from any supported file or folder, told by content: a table, IDX, NumPy's
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
  /// Features per row where they are known already (a network's input width). A table of just this
  /// width has no labels; any other number of features is an error.
  std::optional<std::size_t> features;
  /// Labels where they are known already: others are an error.
  KnownLabels known;
  /// Rows without labels are an error.
  bool require_labels = true;
  /// A table's labels are not read, whatever they are.
  bool skip_labels = false;
  /// What the columns of a table are, where that is told.
  ColumnChoice columns;
  /// The file of the labels, of formats that have one; empty: looked for beside the data.
  std::filesystem::path labels;
  /// Of containers of data for training and for the test.
  Half half = Half::kTraining;
  /// Of svmlight's form: the number that the first feature has, 0 or 1, where that is known.
  std::optional<std::size_t> first_feature;
  /// What pictures are brought to: MNIST's form, or a size; else they stay as they are.
  bool mnist_form = false;
  std::optional<Shape> shape;  // of one channel, whatever the pictures have
  /// Channels of pictures, 1 or 3; empty: 3 where any of a folder's is coloured.
  std::optional<std::size_t> channels;
};

/// Whether data at `path` are more than one file's bytes: a folder of pictures, an archive of
/// arrays.
bool is_container(const std::filesystem::path& path);

/// Whether `path` holds data for training and for the test by itself.
bool has_halves(const std::filesystem::path& path);

/// Reads rows block by block, in constant memory.
class DataReader {
 public:
  virtual ~DataReader() = default;

  /// Replaces `block` by the next at most `max_rows` rows, fewer of large images; false when there
  /// are no more. Throws Error(kBadInput) that names the file and the row (1-based line for tables,
  /// byte for IDX).
  virtual bool next(Dataset& block, std::size_t max_rows) = 0;

  /// All rows that there still are, by so many threads where that helps; 0 means one per core.
  virtual Dataset load(std::size_t threads);
};

/// Opens `path`, or standard input for "-". Throws Error(kBadInput) naming the file: missing, a
/// directory without pictures and IDX files, empty, no known format.
std::unique_ptr<DataReader> open_data_file(const std::filesystem::path& path,
                                           const DataFileOptions& options = {});

/// The same of a source that was opened already; IDX finds its labels beside `path`.
std::unique_ptr<DataReader> open_data_file(std::unique_ptr<ByteSource> source,
                                           const std::filesystem::path& path,
                                           const DataFileOptions& options);

/// Reads a whole file, in parallel where that helps. At least one row. Without known labels there
/// are as many classes as labels.
Dataset load_data_file(const std::filesystem::path& path, const DataFileOptions& options = {},
                       std::size_t threads = 0);

/// How a data set was read, in one line: "mine.csv: 20000 rows; label 'class' (last column); 784
/// features, 28 x 28, 0 to 255; 10 classes".
std::string describe_data_file(const std::filesystem::path& path, const Dataset& data);

/// Throws Error(kBadInput), calling the data `name`, where nothing can be learned of them: one
/// class alone, more than half as many classes as rows, features that are all the same.
void check_trainable(const Dataset& data, const std::string& name);

/// One line that names a label of a single row where there are five for each and more; else empty.
std::string odd_label(const Dataset& data);

}  // namespace mnist
