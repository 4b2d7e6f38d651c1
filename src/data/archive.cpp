#include "data/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "data/byte_source.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostMembers = 100'000;

struct ArchiveCloser {
  void operator()(archive* a) const { archive_read_free(a); }
};

bool is_zip(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  std::array<char, 4> magic{};
  std::ifstream in(path, std::ios::binary);
  in.read(magic.data(), magic.size());
  return in.gcount() == 4 && std::string_view(magic.data(), 4) == "PK\x03\x04";
}

// Whether the file holds the end record of the central directory, which every zip archive has.
bool has_directory(const fs::path& path) {
  constexpr std::size_t kLongestEnd = (1 << 16) + 22;  // the record itself and its comment
  std::error_code ignored;
  const std::uintmax_t size = fs::file_size(path, ignored);
  std::string end(std::min<std::uintmax_t>(size, kLongestEnd), '\0');
  std::ifstream in(path, std::ios::binary);
  in.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
  in.read(end.data(), static_cast<std::streamsize>(end.size()));
  return end.find("PK\x05\x06") != std::string::npos;
}

// False for files that often lie beside data but hold none, such as texts.
bool can_be_data(std::string_view name) {
  const std::string_view base = name.substr(name.rfind('/') + 1);
  if (base.empty() || base.starts_with('.') || name.find("__MACOSX") != std::string_view::npos) {
    return false;
  }
  const std::string small = lowercase(base);
  for (const std::string_view word : {"readme", "license", "licence", "copying"}) {
    if (small.starts_with(word)) return false;
  }
  for (const std::string_view ending : {".txt", ".md", ".html", ".htm", ".pdf", ".rst", ".json"}) {
    if (small.ends_with(ending)) return false;
  }
  return true;
}

bool names_picture(std::string_view name) {
  const std::string small = lowercase(name);
  constexpr std::array<std::string_view, 9> kEndings{".png",  ".jpg",  ".jpeg", ".pgm", ".bmp",
                                                     ".webp", ".tiff", ".tif",  ".gif"};
  return std::ranges::any_of(kEndings,
                             [&](std::string_view ending) { return small.ends_with(ending); });
}

bool is_idx_name(std::string_view name) {
  const std::string small = lowercase(name);
  return small.find("-ubyte") != std::string::npos || small.find("idx") != std::string::npos;
}

bool is_labels_name(std::string_view name) {
  return lowercase(name).find("label") != std::string::npos;
}

// "t10k-images-idx3-ubyte" of the same, of "t10k-images.idx3-ubyte", and of either in a folder of
// its own name, as Kaggle's archive of MNIST holds each file twice.
std::string idx_key(const fs::path& file) {
  const bool own_folder = file.parent_path().filename() == file.filename();
  std::string key = (own_folder ? file.parent_path() : file).string();
  std::ranges::replace(key, '.', '-');
  return key;
}

// The image files among IDX files. A file that is there twice, or plain and compressed, counts
// once.
std::vector<std::string> idx_images(std::vector<std::string> files) {
  const auto depth = [](const std::string& file) { return std::ranges::count(file, '/'); };
  std::ranges::stable_sort(files, {}, depth);
  std::vector<std::string> images;
  std::vector<std::string> keys;
  for (const std::string& file : files) {
    if (!is_idx_name(file)) return {};
    const std::string key = idx_key(file);
    const bool known = std::ranges::any_of(
        keys, [&](const std::string& k) { return key == k || key.starts_with(k + "-"); });
    if (is_labels_name(file) || known) continue;
    images.push_back(file);
    keys.push_back(key);
  }
  return images;
}

// The sorted names of the IDX files in a folder; empty if `path` is not a folder.
std::vector<std::string> idx_files(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
    const std::string name = entry.path().filename().string();
    std::error_code of_entry;
    if (!is_idx_name(name) || !can_be_data(name) || !entry.is_regular_file(of_entry)) continue;
    if (ByteSource(entry.path()).head().starts_with(std::string_view("\0\0", 2))) {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  return names;
}

// `path`, or the only folder below it with IDX files, as torchvision's MNIST/raw.
fs::path idx_folder(const fs::path& path, int depth = 2) {
  constexpr std::size_t kMostFolders = 4;  // or they are classes of pictures
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
    std::error_code of_entry;
    if (entry.is_directory(of_entry)) folders.push_back(entry.path());
  }
  if (depth == 0 || folders.size() > kMostFolders || !idx_files(path).empty()) return path;
  for (fs::path& folder : folders) folder = idx_folder(folder, depth - 1);
  std::erase_if(folders, [](const fs::path& folder) { return idx_files(folder).empty(); });
  return folders.size() == 1 ? folders[0] : path;
}

fs::path with_member(const fs::path& path, const std::string& member) {
  return path.string() + ":" + member;
}

}  // namespace

bool names_test(std::string_view name) {
  const std::string small = lowercase(name);
  return small.find("test") != std::string::npos || small.find("t10k") != std::string::npos;
}

bool names_training(std::string_view name) {
  return lowercase(name).find("train") != std::string::npos;
}

bool names_validation(std::string_view name) {
  const std::string small = lowercase(name);
  return small.find("val") != std::string::npos && small.find("value") == std::string::npos;
}

bool names_half(std::string_view name, Half half) {
  return half == Half::kTest ? names_test(name) : names_training(name);
}

bool have_halves(const std::vector<std::string>& names) {
  return std::ranges::any_of(names, names_test) && std::ranges::any_of(names, names_training);
}

std::optional<std::pair<fs::path, std::string>> archive_member(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return std::nullopt;
  const std::string text = path.string();
  for (std::size_t colon = text.find(':'); colon != std::string::npos;
       colon = text.find(':', colon + 1)) {
    if (is_zip(text.substr(0, colon))) {
      return std::pair(fs::path(text.substr(0, colon)), text.substr(colon + 1));
    }
  }
  return std::nullopt;
}

std::vector<std::string> archive_members(const fs::path& path) {
  std::vector<std::string> members;
  if (!is_zip(path)) return members;
  if (!has_directory(path)) {
    throw bad_input(path.string(), "a zip archive that is cut short; fetch or copy it again");
  }
  const std::unique_ptr<archive, ArchiveCloser> reader(archive_read_new());
  archive_read_support_format_zip(reader.get());
  constexpr std::size_t kBlock = 1 << 16;
  int result = archive_read_open_filename(reader.get(), path.c_str(), kBlock);
  archive_entry* entry = nullptr;
  while (result == ARCHIVE_OK || result == ARCHIVE_WARN) {
    result = archive_read_next_header(reader.get(), &entry);
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) break;
    const char* name = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || name == nullptr) continue;
    if (can_be_data(name)) members.emplace_back(name);
    if (members.size() > kMostMembers) break;
  }
  if (result != ARCHIVE_EOF && members.empty()) {
    throw bad_input(path.string(), "a zip archive that cannot be read; fetch or copy it again");
  }
  return members;
}

bool is_npz(const fs::path& path) {
  const std::vector<std::string> members = archive_members(path);
  return !members.empty() && std::ranges::all_of(members, [](const std::string& name) {
    return name.ends_with(".npy");
  });
}

bool is_idx_folder(const fs::path& path) { return !idx_files(idx_folder(path)).empty(); }

fs::path choose_member(const fs::path& given, Half half) {
  fs::path path = idx_folder(given);
  const std::vector<std::string> in_folder = idx_files(path);
  const bool folder = !in_folder.empty();
  const std::vector<std::string> members = folder ? in_folder : archive_members(path);
  if (members.empty()) return path;
  const auto place = [&](const std::string& member) {
    return folder ? path / member : with_member(path, member);
  };
  if (members.size() == 1) return place(members[0]);
  const auto of_half = [&](const std::string& name) { return names_half(name, half); };
  std::vector<std::string> images = idx_images(members);
  if (images.size() > 1) std::erase_if(images, std::not_fn(of_half));
  if (images.size() == 1) return place(images[0]);
  if (std::ranges::all_of(members, names_picture)) {
    throw bad_input(
        path.string(),
        fmt::format("holds {} pictures; unpack it and name the folder that has one for each class",
                    members.size()));
  }
  constexpr std::size_t kShown = 8;
  const std::size_t shown = std::min(members.size(), kShown);
  const auto likely = std::ranges::find_if(members, of_half);
  throw bad_input(path.string(),
                  fmt::format("holds {} files: {}{}; name one as {}", members.size(),
                              fmt::join(members.begin(),
                                        members.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                              shown < members.size() ? ", ..." : "",
                              place(likely == members.end() ? members[0] : *likely).string()));
}

bool has_idx_halves(const fs::path& given) {
  const fs::path path = idx_folder(given);
  const std::vector<std::string> in_folder = idx_files(path);
  return have_halves(idx_images(in_folder.empty() ? archive_members(path) : in_folder));
}

}  // namespace mnist
