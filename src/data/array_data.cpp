#include "data/array_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "data/archive.h"
#include "data/byte_source.h"
#include "data/image_layout.h"
#include "data/label_index.h"
#include "data/labels_beside.h"
#include "data/npy.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

// An array may be this many times larger than its file, or kSmallBytes. A header that promises more
// is refused.
constexpr std::uint64_t kMostRatio = 500;
constexpr std::uint64_t kSmallBytes = std::uint64_t{1} << 26;

std::uint64_t most_bytes(const fs::path& file) {
  std::error_code ignored;
  const std::uintmax_t size = fs::file_size(file, ignored);
  return std::max<std::uint64_t>(kSmallBytes, size * kMostRatio);
}

// The name of a member's array: "x_train" of "x_train.npy".
std::string array_name(std::string_view member) {
  const std::string_view base = member.substr(member.rfind('/') + 1);
  return lowercase(base.substr(0, base.rfind(".npy")));
}

// Whether an array is named after this letter, such as "y" or "y_train", or its name contains one
// of the words.
bool is_called(std::string_view member, const std::string& letter,
               std::initializer_list<std::string_view> words) {
  const std::string name = array_name(member);
  std::string rest = name;  // "x" of trainX and Xtest
  for (const std::string_view half : {"train", "test"}) {
    if (const std::size_t at = rest.find(half); at != std::string::npos) {
      rest.erase(at, half.size());
    }
  }
  return rest == letter || name.starts_with(letter + "_") || name.ends_with("_" + letter) ||
         std::ranges::any_of(
             words, [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

bool names_labels(std::string_view member) {
  return is_called(member, "y", {"label", "target", "class", "digit"});
}

bool names_values(std::string_view member) {
  return is_called(member, "x", {"image", "img", "data", "pixel", "feature", "input"});
}

void keep_half(std::vector<std::string>& members, Half half) {
  std::erase_if(members, [&](const std::string& name) { return !names_half(name, half); });
}

// The members of an archive that hold the arrays of a data set.
struct Chosen {
  std::string values;
  std::string labels;  // empty: none
};

Chosen choose(const fs::path& path, std::vector<std::string> members, Half half) {
  if (std::ranges::any_of(members, names_training)) std::erase_if(members, names_validation);
  if (have_halves(members)) keep_half(members, half);
  Chosen chosen;
  std::vector<std::string> values;
  for (const std::string& member : members) {
    if (names_labels(member)) {
      if (chosen.labels.empty()) chosen.labels = member;
    } else {
      values.push_back(member);
    }
  }
  // The names that numpy.savez(file, x, y) gives.
  if (values == std::vector<std::string>{"arr_0.npy", "arr_1.npy"} && chosen.labels.empty()) {
    return {values[0], values[1]};
  }
  // Ignores other arrays, such as a mean or a list of names.
  if (values.size() > 1) std::erase_if(values, std::not_fn(names_values));
  if (values.size() == 1) {
    chosen.values = values[0];
    return chosen;
  }
  throw bad_input(
      path.string(),
      fmt::format("holds the arrays {}; name them x_train, y_train, x_test, y_test, or x and y",
                  fmt::join(members, ", ")));
}

NpyArray read_array(const fs::path& path) {
  ByteSource source(path);
  const auto place = archive_member(path);
  return read_npy(source, most_bytes(place ? place->first : path));
}

// Reads labels from an array of one dimension, or from one-hot rows.
void take_labels(Dataset& data, const NpyArray& array, const std::string& name,
                 const KnownLabels& known) {
  LabelIndex index(known);
  const auto add = [&](const std::optional<std::int32_t>& label) {
    if (!label) {
      throw bad_input(name, fmt::format("row {}: {}", data.labels.size() + 1, index.problem()));
    }
    data.labels.push_back(*label);
  };
  if (array.rows() != data.rows()) {
    throw bad_input(name, fmt::format("{} labels for {} rows", array.rows(), data.rows()));
  }
  for (const std::string& word : array.words) add(index.of(word));
  for (const double number : array.numbers) add(index.of(number));
  if (array.words.empty() && array.numbers.empty()) {
    const std::size_t columns = array.shape.size() == 2 ? array.shape[1] : 0;
    for (std::size_t r = 0; r < array.rows(); ++r) {
      std::optional<std::size_t> hot;
      std::size_t others = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        const std::size_t i = r * columns + c;
        const float value =
            array.bytes.empty() ? array.floats[i] : static_cast<float>(array.bytes[i]);
        if (value == 1 && !hot) {
          hot = c;
        } else if (value != 0) {
          ++others;
        }
      }
      if (!hot || others > 0) {
        throw bad_input(name, fmt::format("row {}: neither a label nor one-hot", r + 1));
      }
      add(index.of(static_cast<std::int64_t>(*hot)));
    }
  }
  index.set_classes(data);
}

// The only array of labels in a file.
fs::path only_array(const fs::path& path, Half half) {
  std::vector<std::string> members = archive_members(path);
  if (members.empty()) return path;
  if (members.size() > 1) std::erase_if(members, std::not_fn(names_labels));
  if (members.size() > 1) keep_half(members, half);
  if (members.size() != 1) throw bad_input(path.string(), "holds no single array of labels");
  return path.string() + ":" + members[0];
}

}  // namespace

Dataset load_arrays(const fs::path& path, const DataFileOptions& options) {
  const std::vector<std::string> members = archive_members(path);
  Chosen chosen;
  if (!members.empty()) chosen = choose(path, members, options.half);
  const auto place = [&](const std::string& member) {
    return fs::path(path.string() + ":" + member);
  };
  const fs::path values = members.empty() ? path : place(chosen.values);
  NpyArray array = read_array(values);
  if (array.rows() == 0 || array.shape.size() < 2 || !array.words.empty()) {
    throw bad_input(values.string(), "no array of rows of numbers");
  }
  Dataset data;
  const ImageLayout layout = image_layout({array.shape.begin() + 1, array.shape.end()});
  data.shape = layout.shape;
  data.pixels = std::move(array.bytes);
  data.values = std::move(array.floats);
  for (const double number : array.numbers) data.values.push_back(static_cast<float>(number));
  put_channels_first(data, layout);
  if (data.features() == 0 || data.rows() != array.rows()) {
    throw bad_input(values.string(), "no array of rows of numbers");
  }
  if (options.features && data.features() != *options.features) {
    throw bad_input(values.string(), fmt::format("rows of {} values; the network takes {}",
                                                 data.features(), *options.features));
  }
  add_rows(data.summary, data.shape, std::span<const std::uint8_t>(data.pixels));
  add_rows(data.summary, data.shape, std::span<const float>(data.values));
  fs::path labels = options.labels;
  if (labels.empty() && !chosen.labels.empty()) labels = place(chosen.labels);
  if (labels.empty()) labels = labels_beside(path);
  if (!labels.empty()) {
    labels = only_array(labels, options.half);
    take_labels(data, read_array(labels), labels.string(), options.known);
  } else if (options.require_labels) {
    throw bad_input(path.string(),
                    "no array of labels; name its file with --train-labels or --test-labels");
  }
  const auto member = archive_member(labels);
  data.reading = labels.empty()
                     ? "no labels"
                     : fmt::format("labels of {}", member ? member->second : labels.string());
  if (!chosen.values.empty()) data.reading = fmt::format("{}, {}", chosen.values, data.reading);
  if (!layout.reading.empty()) data.reading += ", " + layout.reading;
  return data;
}

bool has_array_halves(const fs::path& path) {
  return is_npz(path) && have_halves(archive_members(path));
}

}  // namespace mnist
