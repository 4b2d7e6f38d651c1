#include "data/labels_beside.h"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "data/archive.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

// Removes the ending: "train-images" of "train-images.gz".
std::string without_compression(std::string name) {
  for (const std::string_view ending : {".gz", ".zst", ".xz", ".bz2", ".zip"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  return name;
}

// Whether the letter at `place` is a word by itself, as in x_train, test-x.npy, x.npy.
bool stands_alone(std::string_view name, std::size_t place) {
  const auto is_letter = [&](std::size_t i) {
    return i < name.size() && name[i] >= 'a' && name[i] <= 'z';
  };
  return !is_letter(place - 1) && !is_letter(place + 1);
}

// The name with the word for labels instead of that for images; empty if it contains no such word.
std::string renamed(const std::string& images) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kWords{
      {{"images", "labels"},
       {"imgs", "labels"},
       {"image", "label"},
       {"data", "labels"},
       {"x", "y"}}};
  for (const auto& [from, to] : kWords) {
    std::size_t at = images.rfind(from);
    while (at != std::string::npos && from == "x" && !stands_alone(images, at)) {
      at = at == 0 ? std::string::npos : images.rfind(from, at - 1);
    }
    if (at == std::string::npos) continue;
    std::string labels = images;
    return labels.replace(at, from.size(), to);
  }
  return "";
}

struct Neighbour {
  fs::path path;
  std::string name;  // without folders, in lower case
};

std::string small_name(const fs::path& path) { return lowercase(path.filename().string()); }

std::vector<Neighbour> neighbours(const fs::path& file) {
  std::vector<Neighbour> found;
  if (const auto place = archive_member(file)) {
    const fs::path folder = fs::path(place->second).parent_path();
    for (const fs::path member : archive_members(place->first)) {
      if (member.parent_path() != folder) continue;
      found.push_back({place->first.string() + ":" + member.string(), small_name(member)});
    }
  } else {
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      const fs::path name = entry.path().filename();
      found.push_back({file.parent_path() / name, small_name(name)});
    }
  }
  std::ranges::sort(found, {}, &Neighbour::path);
  return found;
}

}  // namespace

std::vector<std::string> labels_names(const fs::path& images) {
  const auto place = archive_member(images);
  const fs::path own(place ? place->second : images.string());
  const std::string labels = without_compression(renamed(small_name(own)));
  if (labels.empty()) return place ? labels_names(place->first) : std::vector<std::string>();
  const std::size_t rank = labels.find("idx");
  if (rank == std::string::npos || rank + 3 >= labels.size()) return {labels};
  std::string alike = labels;
  alike[rank + 3] = '1';
  std::vector<std::string> names{alike};
  const std::string behind = labels.substr(std::min(labels.size(), labels.find('.', rank)));
  for (const std::string_view type : {"idx1-ubyte", "idx1-int", "idx2-int"}) {  // QMNIST: the last
    std::string name = labels.substr(0, rank) + std::string(type) + behind;
    if (name != alike) names.push_back(std::move(name));
  }
  return names;
}

fs::path labels_beside(const fs::path& images) {
  const std::vector<std::string> names = labels_names(images);
  if (names.empty()) return {};
  const std::vector<Neighbour> others = neighbours(images);
  for (const std::string& name : names) {
    const Neighbour* best = nullptr;
    for (const Neighbour& other : others) {
      if (without_compression(other.name) != name) continue;
      // If there are several forms, prefer that of the images.
      if (best == nullptr || other.path.extension() == images.extension()) best = &other;
    }
    if (best != nullptr) return best->path;
  }
  const auto place = archive_member(images);
  return place ? labels_beside(place->first) : fs::path();
}

}  // namespace mnist
