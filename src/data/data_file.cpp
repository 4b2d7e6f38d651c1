#include "data/data_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "data/array_data.h"
#include "data/byte_source.h"
#include "data/csv_reader.h"
#include "data/foreign_file.h"
#include "data/idx_reader.h"
#include "data/loaded_reader.h"
#include "data/model_input.h"
#include "data/npy.h"
#include "data/picture_folder.h"
#include "data/svmlight.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

using Reader = std::unique_ptr<DataReader>;
using Source = std::unique_ptr<ByteSource>;

// A data format of a single file: how to recognise it by its first bytes, and how to open it.
struct Format {
  const char* name;
  bool (*tell)(std::string_view head);
  Reader (*open)(Source source, const fs::path& path, const DataFileOptions& options);
  bool own_labels;  // in the file itself; a second file with labels is an error
};

Reader open_idx(Source source, const fs::path& path, const DataFileOptions& options) {
  return std::make_unique<IdxReader>(std::move(source), path, options);
}

Reader open_npy(Source /*source*/, const fs::path& path, const DataFileOptions& options) {
  return std::make_unique<LoadedReader>(load_arrays(path, options));
}

Reader open_svmlight(Source source, const fs::path& /*path*/, const DataFileOptions& options) {
  return std::make_unique<LoadedReader>(load_svmlight(*source, options));
}

Reader open_table(Source source, const fs::path& /*path*/, const DataFileOptions& options) {
  return std::make_unique<CsvReader>(std::move(source), options);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < ' ' && c != '\t' && c != '\r' && c != '\n') || byte == 0x7f;
}

bool looks_like_text(std::string_view head) { return std::ranges::none_of(head, is_control); }

// In the order of the checks. A file that none of them recognises is an error.
constexpr std::array kFormats{
    Format{"IDX", looks_like_idx, open_idx, false},
    Format{"a NumPy array", looks_like_npy, open_npy, false},
    Format{"svmlight", looks_like_svmlight, open_svmlight, true},
    Format{"a table", looks_like_text, open_table, true},
};

// A data format that consists of several files.
struct Container {
  bool (*tell)(const fs::path& path);
  Dataset (*load)(const fs::path& path, const DataFileOptions& options);
  bool (*has_halves)(const fs::path& path);
  bool own_labels;
};

bool is_picture_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) && !is_idx_folder(path);
}

constexpr std::array kContainers{
    Container{is_picture_folder, load_picture_folder, has_folder_halves, true},
    Container{is_npz, load_arrays, has_array_halves, false},
};

const Container* container_of(const fs::path& path) {
  const auto found = std::ranges::find_if(
      kContainers, [&](const Container& container) { return container.tell(path); });
  return found == kContainers.end() ? nullptr : &*found;
}

void check_labels(const fs::path& path, bool own_labels, const DataFileOptions& options) {
  if (!own_labels || options.labels.empty()) return;
  refuse(fmt::format("{}: holds its labels itself; leave out the file of labels {}", path.string(),
                     options.labels.string()));
}

}  // namespace

Dataset DataReader::load(std::size_t /*threads*/) {
  Dataset all;
  next(all, std::numeric_limits<std::size_t>::max());
  return all;
}

bool is_container(const fs::path& path) { return container_of(path) != nullptr; }

bool has_halves(const fs::path& path) {
  const Container* container = container_of(path);
  return container != nullptr ? container->has_halves(path) : has_idx_halves(path);
}

Reader open_data_file(const fs::path& path, const DataFileOptions& options) {
  if (const Container* container = container_of(path)) {
    check_labels(path, container->own_labels, options);
    return std::make_unique<LoadedReader>(container->load(path, options));
  }
  const fs::path file = choose_member(path, options.half);
  return open_data_file(std::make_unique<ByteSource>(file), file, options);
}

Reader open_data_file(Source source, const fs::path& path, const DataFileOptions& options) {
  const std::string_view head = source->head();
  if (const auto foreign = foreign_file(head)) {
    throw bad_input(source->name(), fmt::format("is {}", *foreign));
  }
  for (const Format& format : kFormats) {
    if (!format.tell(head)) continue;
    check_labels(path, format.own_labels, options);
    return format.open(std::move(source), path, options);
  }
  const auto control = std::ranges::find_if(head, is_control);
  throw bad_input(source->name(),
                  fmt::format("byte {} is 0x{:02x}: neither a table nor IDX, plain or compressed "
                              "with gzip, zstd, xz, bzip2 or zip",
                              control - head.begin(), static_cast<unsigned char>(*control)));
}

Dataset load_data_file(const fs::path& path, const DataFileOptions& options, std::size_t threads) {
  Dataset data = open_data_file(path, options)->load(threads);
  make_bytes(data);
  restore_bytes(data);
  if (!options.known.classes) settle_labels(data);
  return data;
}

std::string describe_data_file(const fs::path& path, const Dataset& data) {
  std::string text = fmt::format("{}: {} rows; ", path.string(), data.rows());
  if (!data.reading.empty()) text += data.reading + "; ";
  text += fmt::format("{} features", data.features());
  if (data.shape.height > 1) {
    if (data.shape.channels > 1) {
      text +=
          fmt::format(", {} x {} x {}", data.shape.channels, data.shape.height, data.shape.width);
    } else {
      text += fmt::format(", {} x {}", data.shape.height, data.shape.width);
    }
  }
  if (!data.summary.empty()) {
    text += fmt::format(", {} to {}", data.summary.lowest, data.summary.highest);
  }
  if (data.labelled()) {
    const auto classes =
        std::ranges::count_if(data.class_rows(), [](std::size_t rows) { return rows > 0; });
    text += fmt::format("; {} class{}", classes, classes == 1 ? "" : "es");
  }
  return text;
}

std::string odd_label(const Dataset& data) {
  std::map<std::string, std::string> words;
  for (const std::string& name : data.label_names) {
    const auto [like, is_new] = words.emplace(lowercase(name), name);
    if (is_new) continue;
    return fmt::format("labels {} and {} differ in capitals alone and are two classes",
                       like->second, name);
  }
  constexpr std::size_t kUsualRows = 5;
  const std::vector<std::size_t> rows = data.class_rows();
  const auto odd = std::ranges::find(rows, std::size_t{1});
  if (odd == rows.end() || data.rows() < kUsualRows * data.classes) return "";
  return fmt::format("label {} has one row alone, all have {} on average; is it damaged?",
                     data.label_name(static_cast<std::size_t>(odd - rows.begin())),
                     data.rows() / data.classes);
}

void check_trainable(const Dataset& data, const std::string& name) {
  constexpr std::size_t kFewRows = 20;
  if (data.classes < 2) {
    throw bad_input(name, fmt::format("one class alone, label {}; training needs two or more, and "
                                      "--label-column names the label of a table",
                                      data.label_name(0)));
  }
  if (data.rows() > kFewRows && 2 * data.classes > data.rows()) {
    throw bad_input(
        name,
        fmt::format(
            "{} classes in {} rows, so its label is likely an index; --label-column names another",
            data.classes, data.rows()));
  }
  if (!data.summary.empty() && data.summary.lowest == data.summary.highest) {
    throw bad_input(name, fmt::format("all features of all rows are {}; there is nothing to learn",
                                      data.summary.lowest));
  }
}

}  // namespace mnist
