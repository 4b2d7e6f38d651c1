// Reads data files in the IDX format of the MNIST database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/byte_source.h"
#include "data/data_file.h"
#include "data/dataset.h"
#include "data/image_layout.h"
#include "data/label_index.h"

namespace mnist {

/// True if a file that begins with `head` can only be IDX.
bool looks_like_idx(std::string_view head);

/// One IDX file, read from front to back.
class IdxFile {
 public:
  /// Reads the header. Throws Error(kBadInput) that names the wrong byte.
  explicit IdxFile(std::unique_ptr<ByteSource> source);

  const ByteSource& source() const { return *source_; }
  std::size_t rank() const { return dimensions_.size(); }
  std::size_t items() const { return dimensions_[0]; }
  std::size_t items_left() const { return items_left_; }
  const std::vector<std::uint32_t>& dimensions() const { return dimensions_; }
  std::size_t bytes_per_item() const { return bytes_per_item_; }
  std::size_t values_per_item() const;
  /// Whether the values are unsigned bytes.
  bool holds_bytes() const { return type_ == 0x08; }
  /// Decodes the value at `bytes`.
  double value(const std::uint8_t* bytes) const;

  /// Replaces `bytes` by those of the next n items, n <= items_left(). The file must end after the
  /// last item. Throws Error(kBadInput) that names the byte where the file is too short or too
  /// long.
  void read_items(std::size_t n, std::vector<std::uint8_t>& bytes);

  /// An error that names this file and a byte in it.
  Error bad_byte(std::uint64_t byte, const std::string& problem) const;

 private:
  void read_header(char* out, std::size_t n);

  std::unique_ptr<ByteSource> source_;
  std::vector<std::uint32_t> dimensions_;
  std::uint8_t type_ = 0x08;
  std::size_t bytes_per_item_ = 1;
  std::size_t items_left_ = 0;
  std::uint64_t position_ = 0;
};

/// Reads images from one IDX file and their labels from another.
class IdxReader : public DataReader {
 public:
  /// `images` is the open file, `path` its path. The labels are in options.labels, or in a file
  /// beside it (labels_beside.h).
  IdxReader(std::unique_ptr<ByteSource> images, const std::filesystem::path& path,
            const DataFileOptions& options);

  bool next(Dataset& block, std::size_t max_rows) override;
  Dataset load(std::size_t threads) override;

 private:
  void take(Dataset& block, std::size_t n);
  void read_labels(Dataset& block, std::size_t n);
  // The class that the columns of a label give.
  double label_number(const std::uint8_t* columns) const;
  bool is_one_hot(const std::uint8_t* columns) const;

  IdxFile images_;
  ImageLayout layout_;
  std::unique_ptr<IdxFile> labels_;  // none: unlabelled
  std::optional<bool> one_hot_;      // whether labels are one-hot; empty before the first are read
  LabelIndex label_index_;
};

}  // namespace mnist
