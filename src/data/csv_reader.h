// Reads CSV data files in chunks of whole lines, by one thread or several.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/byte_source.h"
#include "data/data_file.h"
#include "data/dataset.h"
#include "data/table_form.h"

namespace mnist {

/// The parsed rows of one chunk of a file.
struct CsvBlock {
  Dataset rows;
  std::optional<std::size_t> index;  // of the chunk in the file, from 0
  double progress = 0;               // of the source after it read this chunk
  std::size_t lines = 0;             // lines read, including header and blank lines
  std::string problem;               // of the last line read; empty: none
  std::exception_ptr failure;        // why the chunk could not be read; null: it was
  std::vector<char> text;            // the chunk's text; memory is reused
};

/// A CSV file as a sequence of chunks. Several threads may parse chunks at the same time.
class CsvChunks {
 public:
  CsvChunks(std::unique_ptr<ByteSource> source, const DataFileOptions& options)
      : source_(std::move(source)), options_(options) {}

  /// Replaces `block` by the next chunk's rows; false at the end of the file. Does not throw: the
  /// line number of a `problem`, and whether a `failure` is the file's first, depend on the blocks
  /// before this one.
  bool parse_next(CsvBlock& block) noexcept;

  const std::string& name() const { return source_->name(); }
  /// Valid once the first chunk has been read.
  const TableForm& form() const { return form_; }

 private:
  std::span<char> take(CsvBlock& block);

  std::unique_ptr<ByteSource> source_;
  DataFileOptions options_;
  std::mutex taking_;  // guards the other members
  std::size_t taken_ = 0;
  std::string carry_;  // text after the last chunk: the beginning of a line
  bool source_ended_ = false;
  bool cr_ = false;  // lines end in '\r'
  TableForm form_;   // constant once the first chunk has been read
};

/// Checks the blocks of a file in their order, because line numbers depend on it.
class CsvSequence {
 public:
  explicit CsvSequence(std::string name) : name_(std::move(name)) {}

  /// Counts the lines and rows of the next block. Throws its failure, or Error(kBadInput) with its
  /// problem.
  void check(const CsvBlock& block);

  /// Call it after the last block. Throws Error(kBadInput) if there was no row.
  void check_end() const;

 private:
  [[noreturn]] void fail(std::size_t line, const std::string& problem) const;

  std::string name_;
  std::size_t rows_ = 0;
  std::size_t lines_ = 0;
};

/// Reads the rows in order and in constant memory.
class CsvReader : public DataReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, const DataFileOptions& options);

  bool next(Dataset& block, std::size_t max_rows) override;
  Dataset load(std::size_t threads) override;

 private:
  CsvChunks chunks_;
  CsvSequence sequence_;
  CsvBlock current_;
  std::size_t handed_out_ = 0;  // number of rows of current_
};

}  // namespace mnist
