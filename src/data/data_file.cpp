#include "data/data_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/bad_data.h"
#include "data/byte_source.h"
#include "data/csv_reader.h"
#include "data/idx_reader.h"

namespace mnist {
namespace {

/// Throws where the first bytes are no text.
void check_text(const ByteSource& source) {
  const std::string_view head = source.head();
  const auto control = std::find_if(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && c != '\t' && c != '\r' && c != '\n') || byte == 0x7f;
  });
  if (control == head.end()) return;
  throw bad_data(source.name(),
                 fmt::format("byte {} is 0x{:02x}: neither CSV nor IDX, plain or "
                             "compressed with gzip, zstd, xz, bzip2 or zip",
                             control - head.begin(), static_cast<unsigned char>(*control)));
}

}  // namespace

std::unique_ptr<DataReader> open_data_file(const std::filesystem::path& path,
                                           const DataFileOptions& options) {
  return open_data_file(std::make_unique<ByteSource>(path), path, options);
}

std::unique_ptr<DataReader> open_data_file(std::unique_ptr<ByteSource> source,
                                           const std::filesystem::path& path,
                                           const DataFileOptions& options) {
  if (looks_like_idx(source->head())) {
    return std::make_unique<IdxReader>(std::move(source), path, options);
  }
  check_text(*source);
  return std::make_unique<CsvReader>(std::move(source), options);
}

Dataset load_data_file(const std::filesystem::path& path, const DataFileOptions& options,
                       std::size_t threads) {
  auto source = std::make_unique<ByteSource>(path);
  if (looks_like_idx(source->head())) {
    Dataset all;
    IdxReader(std::move(source), path, options).read_rest(all);
    return all;
  }
  check_text(*source);
  return load_csv(std::move(source), options, threads);
}

}  // namespace mnist
