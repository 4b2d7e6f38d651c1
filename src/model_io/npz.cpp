#include "model_io/npz.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <bit>
#include <memory>

#include "base/error.h"

namespace mnist {

namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie");

// An .npy file, version 1.0:
//   "\x93NUMPY" 1 0   magic and version
//   uint16            length of the dictionary with its padding, little-endian
//   {...} ... \n      Python dictionary, padded with spaces so that the values begin at a multiple
//                     of 64 bytes
//   values            row-major
std::string npy(const NamedParameter& tensor) {
  std::string shape;
  for (const std::size_t extent : tensor.shape) shape += fmt::format("{}, ", extent);
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape);
  constexpr std::size_t kPrefix = 10;
  constexpr std::size_t kAlignment = 64;
  const std::size_t used = kPrefix + header.size() + 1;
  header.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  header += '\n';

  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  file.append(reinterpret_cast<const char*>(tensor.values.data()),
              tensor.values.size() * sizeof(float));
  return file;
}

// Writes a zip archive in memory.
class ZipWriter {
 public:
  ZipWriter() {
    check(archive_write_set_format_zip(archive_.get()));
    check(archive_write_zip_set_compression_store(archive_.get()));
    check(archive_write_set_bytes_per_block(archive_.get(), 0));
    check(archive_write_open(archive_.get(), &bytes_, nullptr, append, nullptr));
  }

  // Adds an entry without a time, so that equal networks give equal bytes; it shows as 1980-01-01.
  void add(const std::string& name, const std::string& content) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    check(archive_write_header(archive_.get(), entry.get()));
    if (archive_write_data(archive_.get(), content.data(), content.size()) !=
        static_cast<la_ssize_t>(content.size())) {
      fail();
    }
  }

  std::string finish() {
    check(archive_write_close(archive_.get()));
    return std::move(bytes_);
  }

 private:
  static la_ssize_t append(archive*, void* bytes, const void* data, std::size_t size) {
    static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  }

  void check(int status) {
    if (status != ARCHIVE_OK) fail();
  }

  [[noreturn]] void fail() {
    const char* reason = archive_error_string(archive_.get());
    throw Error(ExitCode::kFailure, fmt::format("cannot make a zip archive: {}",
                                                reason == nullptr ? "unknown reason" : reason));
  }

  std::string bytes_;
  std::unique_ptr<archive, decltype(&archive_write_free)> archive_{archive_write_new(),
                                                                   archive_write_free};
};

}  // namespace

std::string to_npz(const Network& network) {
  ZipWriter zip;
  for (const NamedParameter& tensor : network.parameters()) {
    zip.add(tensor.name + ".npy", npy(tensor));
  }
  return zip.finish();
}

}  // namespace mnist
