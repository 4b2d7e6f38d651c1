#include "data/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/text.h"
#include "data/bad_data.h"

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

// Whether the directory that ends every zip archive is there.
bool has_directory(const fs::path& path) {
  constexpr std::size_t kLongestEnd = (1 << 16) + 22;  // its record, and a comment
  std::error_code ignored;
  const std::uintmax_t size = fs::file_size(path, ignored);
  std::string end(std::min<std::uintmax_t>(size, kLongestEnd), '\0');
  std::ifstream in(path, std::ios::binary);
  in.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
  in.read(end.data(), static_cast<std::streamsize>(end.size()));
  return end.find("PK\x05\x06") != std::string::npos;
}

// What people put beside data.
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

bool is_idx_name(std::string_view name) {
  const std::string small = lowercase(name);
  return small.find("-ubyte") != std::string::npos || small.find("idx") != std::string::npos;
}

bool is_labels_name(std::string_view name) {
  return lowercase(name).find("label") != std::string::npos;
}

std::vector<std::string> idx_images(const std::vector<std::string>& members) {
  std::vector<std::string> images;
  for (const std::string& member : members) {
    if (!is_idx_name(member)) return {};
    if (!is_labels_name(member)) images.push_back(member);
  }
  return images;
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
    throw bad_data(path.string(), "a zip archive that is cut short; fetch or copy it again");
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
    throw bad_data(path.string(), "a zip archive that cannot be read; fetch or copy it again");
  }
  return members;
}

bool is_npz(const fs::path& path) {
  const std::vector<std::string> members = archive_members(path);
  return !members.empty() && std::ranges::all_of(members, [](const std::string& name) {
    return name.ends_with(".npy");
  });
}

fs::path choose_member(const fs::path& path, Half half) {
  const std::vector<std::string> members = archive_members(path);
  if (members.empty()) return path;
  if (members.size() == 1) return with_member(path, members[0]);
  std::vector<std::string> images = idx_images(members);
  if (images.size() > 1) {
    std::erase_if(images, [&](const std::string& name) {
      return half == Half::kTest ? !names_test(name) : !names_training(name);
    });
  }
  if (images.size() == 1) return with_member(path, images[0]);
  constexpr std::size_t kShown = 8;
  const std::size_t shown = std::min(members.size(), kShown);
  throw bad_data(path.string(),
                 fmt::format("holds {} files: {}{}; name one as {}:{}", members.size(),
                             fmt::join(members.begin(),
                                       members.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                             shown < members.size() ? ", ..." : "", path.string(), members[0]));
}

bool has_idx_halves(const fs::path& path) {
  const std::vector<std::string> images = idx_images(archive_members(path));
  return std::ranges::any_of(images, names_test) && std::ranges::any_of(images, names_training);
}

}  // namespace mnist
