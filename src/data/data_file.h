// Reads a data set from any supported file, told by content: CSV or IDX, plain or compressed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "data/byte_source.h"
#include "data/dataset.h"

namespace mnist {

struct DataFileOptions {
  /// Features per row where they are known already (a network's input width). A file of just this
  /// width has no labels, one of this width + 1 has; any other width is an error. Without it the
  /// first column of a CSV is the label.
  std::optional<std::size_t> features;
  /// Classes where they are known already (a network's output width): a label beyond them is an
  /// error.
  std::optional<std::size_t> classes;
  /// Rows without labels are an error.
  bool require_labels = true;
};

/// Reads rows block by block, in constant memory.
class DataReader {
 public:
  virtual ~DataReader() = default;

  /// Replaces `block` by the next at most `max_rows` rows, fewer of large images; false when there
  /// are no more. Throws Error(kBadInput) that names the file and the row (1-based line for CSV,
  /// byte for IDX).
  virtual bool next(Dataset& block, std::size_t max_rows) = 0;
};

/// Opens `path`, or standard input for "-". Throws Error(kBadInput) naming the file: missing, a
/// directory, empty, no known format.
std::unique_ptr<DataReader> open_data_file(const std::filesystem::path& path,
                                           const DataFileOptions& options = {});

/// The same of a source that was opened already; IDX finds its labels beside `path`.
std::unique_ptr<DataReader> open_data_file(std::unique_ptr<ByteSource> source,
                                           const std::filesystem::path& path,
                                           const DataFileOptions& options);

/// Reads a whole file, in parallel where that helps. At least one row.
Dataset load_data_file(const std::filesystem::path& path, const DataFileOptions& options = {},
                       std::size_t threads = 0);

}  // namespace mnist
