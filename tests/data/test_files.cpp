#include "data/test_files.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

namespace mnist::test {
namespace {

using Writer = std::unique_ptr<archive, int (*)(archive*)>;

void check(int result) {
  if (result != ARCHIVE_OK) throw std::runtime_error("libarchive cannot write");
}

/// Writes `entries` as an archive whose format and filter `configure` sets.
std::string written(const std::vector<std::pair<std::string, std::string>>& entries,
                    const std::function<void(archive*)>& configure) {
  std::size_t total = 1 << 16;
  for (const auto& [name, content] : entries) total += 2 * content.size();
  std::string file(total, '\0');
  std::size_t used = 0;
  const Writer writer(archive_write_new(), archive_write_free);
  configure(writer.get());
  check(archive_write_set_bytes_in_last_block(writer.get(), 1));
  check(archive_write_open_memory(writer.get(), file.data(), file.size(), &used));
  for (const auto& [name, content] : entries) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                         archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    check(archive_write_header(writer.get(), entry.get()));
    archive_write_data(writer.get(), content.data(), content.size());
  }
  check(archive_write_close(writer.get()));
  file.resize(used);
  return file;
}

}  // namespace

std::string packed(Form form, std::string_view bytes) {
  if (form == Form::kPlain) return std::string(bytes);
  if (form == Form::kZip) return zip({{"data.csv", std::string(bytes)}});
  return written({{"data", std::string(bytes)}}, [&](archive* a) {
    check(archive_write_set_format_raw(a));
    switch (form) {
      case Form::kGzip:
        return check(archive_write_add_filter_gzip(a));
      case Form::kBzip2:
        return check(archive_write_add_filter_bzip2(a));
      case Form::kXz:
        return check(archive_write_add_filter_xz(a));
      default:
        return check(archive_write_add_filter_zstd(a));
    }
  });
}

std::string zip(const std::vector<std::pair<std::string, std::string>>& entries) {
  return written(entries, [](archive* a) { check(archive_write_set_format_zip(a)); });
}

}  // namespace mnist::test
