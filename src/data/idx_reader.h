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

namespace mnist {

/// True where a file that begins with `head` can only be meant as IDX.
bool looks_like_idx(std::string_view head);

/// One IDX file of unsigned bytes, read front to back.
class IdxFile {
 public:
  /// Reads the header. Throws Error(kBadInput) naming the byte that is wrong.
  explicit IdxFile(std::unique_ptr<ByteSource> source);

  const ByteSource& source() const { return *source_; }
  std::size_t rank() const { return dimensions_.size(); }
  std::size_t items() const { return dimensions_[0]; }
  std::size_t items_left() const { return items_left_; }
  std::size_t bytes_per_item() const { return bytes_per_item_; }

  /// Replaces `bytes` by those of the next n items, n at most items_left(). Behind the last item
  /// the file must end. Throws Error(kBadInput) naming the byte where it is cut short or too long.
  void read_items(std::size_t n, std::vector<std::uint8_t>& bytes);

  /// The error that names this file and a byte of it.
  Error bad_byte(std::uint64_t byte, const std::string& problem) const;

 private:
  void read_header(char* out, std::size_t n);

  std::unique_ptr<ByteSource> source_;
  std::vector<std::uint32_t> dimensions_;
  std::size_t bytes_per_item_ = 1;
  std::size_t items_left_ = 0;
  std::uint64_t position_ = 0;
};

/// Reads images from one IDX file and their labels from another.
class IdxReader : public DataReader {
 public:
  /// `images` is what was opened as `path`. The labels file is looked for beside it, named alike
  /// but for "labels" in place of "images" and "idx1" in place of "idx3", compressed or not.
  IdxReader(std::unique_ptr<ByteSource> images, const std::filesystem::path& path,
            const DataFileOptions& options);

  bool next(Dataset& block, std::size_t max_rows) override;

  /// Replaces `all` by the rows still to be read.
  void read_rest(Dataset& all);

 private:
  void take(Dataset& block, std::size_t n);
  void read_labels(Dataset& block, std::size_t n);

  IdxFile images_;
  std::unique_ptr<IdxFile> labels_;  // none: unlabelled
  std::optional<std::size_t> classes_;
};

}  // namespace mnist
