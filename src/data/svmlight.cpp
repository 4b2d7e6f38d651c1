#include "data/svmlight.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/number.h"
#include "base/split.h"
#include "base/text_fields.h"
#include "data/label_index.h"

namespace mnist {
namespace {

constexpr std::size_t kMostFeatures = std::size_t{1} << 24;
constexpr std::size_t kMostValues = std::size_t{1} << 28;  // of all rows, including zeros

struct Entry {
  std::size_t row;
  std::size_t feature;  // from 0
  float value;
};

// The comment that scikit-learn writes.
constexpr std::string_view kZeroBased = "Column indices are zero-based";

bool says_zero_based(std::string_view text) {
  while (text.starts_with('#')) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.find(kZeroBased) != std::string_view::npos) return true;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return false;
}

std::string read_text(ByteSource& source) {
  constexpr std::size_t kBlock = 1 << 20;
  std::string text;
  std::size_t got = 0;
  do {
    const std::size_t size = text.size();
    text.resize(size + kBlock);
    got = source.read(text.data() + size, kBlock);
    text.resize(size + got);
  } while (got == kBlock);
  return text;
}

}  // namespace

bool looks_like_svmlight(std::string_view head) {
  // The first line that is not a comment: a number, then pairs.
  while (head.starts_with('#')) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos) return false;
    head.remove_prefix(end + 1);
  }
  const bool cut = head.find('\n') == std::string_view::npos;
  const std::string_view line = trimmed(head.substr(0, head.find_first_of("\r\n#")), kBlanks);
  FieldSplitter splitter(' ');
  std::vector<std::string_view> fields = splitter.split(line);
  if (cut && fields.size() > 2) fields.pop_back();
  if (fields.size() < 2 || !read_decimal(fields[0])) return false;
  for (std::size_t i = 1; i < fields.size(); ++i) {
    const std::size_t colon = fields[i].find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view name = fields[i].substr(0, colon);
    if (name != "qid" && !read_number<std::size_t>(name)) return false;
    if (!read_decimal(fields[i].substr(colon + 1))) return false;
  }
  return true;
}

Dataset load_svmlight(ByteSource& source, const DataFileOptions& options) {
  const std::string text = read_text(source);
  std::vector<Entry> entries;
  Dataset data;
  LabelIndex labels(options.known);
  std::size_t features = 0;
  std::size_t largest = 0;  // number of a feature in the file
  std::size_t rows = 0;
  std::size_t line_number = 0;
  bool from_zero = options.first_feature == 0U || says_zero_based(text);
  const bool base_known = from_zero || options.first_feature;
  FieldSplitter splitter(' ');
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line(text.data() + begin, end - begin);
    begin = end + 1;
    ++line_number;
    const auto bad = [&](const std::string& problem) {
      return bad_input(source.name(), fmt::format("line {}: {}", line_number, problem));
    };
    line = line.substr(0, line.find_first_of("\r#"));
    if (trimmed(line, kBlanks).empty()) continue;
    const auto& fields = splitter.split(line);
    const auto label = labels.of(fields[0]);
    if (!label) throw bad(labels.problem());
    data.labels.push_back(*label);
    for (std::size_t i = 1; i < fields.size(); ++i) {
      const std::size_t colon = std::min(fields[i].find(':'), fields[i].size());
      const std::string_view name = fields[i].substr(0, colon);
      if (name == "qid") continue;
      const auto feature = read_number<std::size_t>(name);
      const auto value = read_decimal(fields[i].substr(std::min(colon + 1, fields[i].size())));
      if (!feature || !value || *feature > kMostFeatures || std::abs(*value) > 3e38) {
        throw bad(fmt::format("{} is no feature:value", shown_field(fields[i])));
      }
      if (*feature == 0 && options.first_feature == 1U) {
        throw bad("a feature 0; the features of the training data begin at 1");
      }
      from_zero = from_zero || *feature == 0;
      largest = std::max(largest, *feature);
      features = std::max(features, *feature + 1);
      entries.push_back({rows, *feature, static_cast<float>(*value)});
    }
    ++rows;
  }
  if (rows == 0) throw bad_input(source.name(), "holds no rows");
  if (!from_zero && features > 0) --features;
  if (!options.features && options.shape && options.shape->size() > features) {
    features = options.shape->size();
  }
  if (options.features && features > *options.features) {
    throw bad_input(source.name(),
                    fmt::format("{} features; the network takes {}", features, *options.features));
  }
  features = std::max<std::size_t>(options.features.value_or(features), 1);
  if (rows > kMostValues / features) {
    throw bad_input(source.name(),
                    fmt::format("{} rows of {} features are too many for memory", rows, features));
  }
  data.shape = shape_of_row(features);
  data.values.resize(rows * features);
  for (const Entry& entry : entries) {
    data.values[entry.row * features + entry.feature - (from_zero ? 0 : 1)] = entry.value;
  }
  add_rows(data.summary, data.shape, std::span<const float>(data.values));
  labels.set_classes(data);
  data.first_feature = from_zero ? 0 : 1;
  data.reading = fmt::format("svmlight, features from {}", *data.first_feature);
  const bool room = !options.features || largest < *options.features;
  if (!from_zero && !base_known && room) {
    data.reading +=
        fmt::format(" (none is 0; if they begin there, put the line '# {}' first)", kZeroBased);
  }
  return data;
}

}  // namespace mnist
