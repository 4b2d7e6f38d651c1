#include "data/picture_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "data/archive.h"
#include "data/byte_source.h"
#include "data/digit_ink.h"
#include "data/label_index.h"
#include "data/mnist_form.h"
#include "data/picture.h"
#include "data/picture_form.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

bool hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name == "__MACOSX";
}

// Sorted, because the order must be the same everywhere.
std::vector<fs::path> entries(const fs::path& folder, bool folders) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    std::error_code ignored;
    const bool wanted = folders ? entry.is_directory(ignored) : entry.is_regular_file(ignored);
    if (wanted && !hidden(entry.path())) found.push_back(entry.path());
  }
  if (error) throw bad_input(folder.string(), "cannot be listed: " + error.message());
  std::ranges::sort(found);
  return found;
}

bool is_picture_name(const fs::path& path) {
  const std::string ending = lowercase(path.extension().string());
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".pgm";
}

// Whether a file manager left the file behind.
bool is_rubbish(const fs::path& path) {
  const std::string name = lowercase(path.filename().string());
  return name == "thumbs.db" || name == "desktop.ini";
}

// What `path` leads to where each folder holds nothing but one folder of folders.
fs::path unwrapped(fs::path path) {
  constexpr int kDeepest = 3;
  for (int depth = 0; depth < kDeepest; ++depth) {
    const std::vector<fs::path> folders = entries(path, true);
    if (folders.size() != 1 || entries(folders[0], true).empty()) break;
    path = folders[0];
  }
  return path;
}

// The folders of folders in `path` whose names say that they are of a half.
std::vector<fs::path> halves_in(const fs::path& path, Half half) {
  std::vector<fs::path> folders = entries(path, true);
  if (std::ranges::any_of(folders, [](const fs::path& f) { return entries(f, true).empty(); })) {
    return {};
  }
  std::erase_if(folders, [&](const fs::path& folder) {
    return !names_half(folder.filename().string(), half);
  });
  return folders;
}

// The folder of a half if `path` holds just one for it; otherwise what `path` leads to.
fs::path half_of(const fs::path& path, Half half) {
  const fs::path folder = unwrapped(path);
  const std::vector<fs::path> halves = halves_in(folder, half);
  return halves.size() == 1 ? unwrapped(halves[0]) : folder;
}

// Repeats the plane of gray images for each channel.
void give_channels(Dataset& data, std::size_t channels) {
  std::vector<std::uint8_t> planes;
  planes.reserve(data.pixels.size() * channels);
  const std::size_t pixels = data.features();
  for (std::size_t r = 0; r < data.rows(); ++r) {
    for (std::size_t c = 0; c < channels; ++c) {
      planes.insert(planes.end(), data.row(r), data.row(r) + pixels);
    }
  }
  data.pixels = std::move(planes);
  data.shape.channels = channels;
}

}  // namespace

bool has_folder_halves(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return false;
  const fs::path folder = unwrapped(path);
  return halves_in(folder, Half::kTest).size() == 1 &&
         halves_in(folder, Half::kTraining).size() == 1;
}

Dataset load_picture_folder(const fs::path& path, const DataFileOptions& options) {
  const fs::path folder = half_of(path, options.half);
  const std::vector<fs::path> classes = entries(folder, true);
  if (classes.empty() && std::ranges::any_of(entries(folder, false), is_picture_name)) {
    throw bad_input(folder.string(),
                    "holds pictures and no folder for each class; predict takes them by their "
                    "names, training one folder for each class");
  }
  if (classes.empty()) {
    throw bad_input(
        folder.string(),
        "is a directory; name a data file in it, or give it a folder of pictures for each class");
  }
  LabelIndex index(options.known);
  Dataset data;
  std::size_t channels = options.mnist_form ? 1 : options.channels.value_or(1);
  std::string first;
  std::string stray;
  std::size_t passed_over = 0;
  for (const fs::path& one : classes) {
    std::optional<std::int32_t> label;
    for (const fs::path& file : entries(one, false)) {
      if (!is_picture_name(file)) {
        if (is_rubbish(file)) continue;
        if (passed_over == 0) stray = (one.filename() / file.filename()).string();
        ++passed_over;
        continue;
      }
      if (!label) label = index.of(one.filename().string());
      if (!label) throw bad_input(one.string(), index.problem());
      ByteSource source(file);
      if (!looks_like_picture(source.head())) {
        throw bad_input(file.string(), "no PNG, JPEG or PGM picture, whatever its name says");
      }
      const bool gray = channels == 1 && (options.mnist_form || options.channels);
      Picture picture = read_picture(source, gray ? Colours::kGray : Colours::kKept);
      if (options.mnist_form) {
        const Shape shape = options.shape.value_or(Shape{1, kMnistSide, kMnistSide});
        std::vector<std::uint8_t> pixels = to_mnist_form(digit_ink(picture), shape.width);
        if (pixels.empty()) {
          throw bad_input(file.string(), "shows nothing that stands out from its ground");
        }
        picture = {shape.width, shape.height, std::move(pixels)};
      } else if (options.shape) {
        picture = scaled_picture(picture, options.shape->width, options.shape->height);
      }
      if (channels == 1 && !picture.colours.empty() && !gray) {
        channels = 3;
        give_channels(data, channels);
      }
      const Shape shape{channels, picture.height, picture.width};
      if (first.empty()) {
        first = file.string();
        data.shape = shape;
      } else if (shape != data.shape) {
        throw bad_input(
            file.string(),
            fmt::format("{} where {} is {}; --shape HxW scales all pictures to one size",
                        to_string(shape), first, to_string(data.shape)));
      }
      const std::vector<std::uint8_t> planes = planes_of(picture, channels);
      data.pixels.insert(data.pixels.end(), planes.begin(), planes.end());
      data.labels.push_back(*label);
    }
  }
  if (data.rows() == 0) {
    throw bad_input(folder.string(),
                    fmt::format("a directory whose folders hold no pictures (PNG, JPEG, PGM){}; "
                                "those of a class lie in a folder of its name",
                                passed_over == 0 ? "" : ", but files such as " + stray));
  }
  if (options.features && data.features() != *options.features) {
    throw bad_input(folder.string(), fmt::format("pictures of {} values; the network takes {}",
                                                 data.features(), *options.features));
  }
  index.set_classes(data);
  add_rows(data.summary, data.shape, std::span<const std::uint8_t>(data.pixels));
  data.reading = fmt::format(
      "a folder of pictures per class{}",
      options.mnist_form ? ", in MNIST's form"
      : options.shape
          ? fmt::format(", scaled to {}x{}", options.shape->height, options.shape->width)
          : "");
  if (passed_over > 0) {
    data.reading += fmt::format(", without {} other file{} such as {}", passed_over,
                                passed_over == 1 ? "" : "s", stray);
  }
  return data;
}

}  // namespace mnist
