// The format (http://yann.lecun.com/exdb/mnist); numbers are big-endian:
//
//   byte 0      0
//   byte 1      0
//   byte 2      type of the values: 0x08 unsigned byte, 0x09 signed byte, 0x0B short, 0x0C int,
//               0x0D float, 0x0E double
//   byte 3      rank r, the number of dimensions: 3 for images, 1 for labels
//   bytes 4 ..  r dimensions of 4 bytes each: items, then rows, columns of an image
//   then        the values, last dimension fastest
#include "data/idx_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/error.h"
#include "base/huge_pages.h"
#include "data/labels_beside.h"

namespace mnist {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kMaxBlockBytes = std::size_t{1} << 26;
constexpr std::size_t kMaxBytesPerItem = std::size_t{1} << 24;
// Size of a read if the file's size is unknown. A header can promise more than the file holds, so
// memory grows only with what is read.
constexpr std::size_t kStepBytes = std::size_t{1} << 22;

constexpr const char* kFetchAgain = "fetch or copy the file again";

std::string names_looked_for(const std::filesystem::path& images) {
  const std::vector<std::string> names = labels_names(images);
  return names.empty() ? "no name, as its own holds no 'images'"
                       : fmt::format("{}", fmt::join(names, " or "));
}

// Bytes per value of a type; 0 for an unknown type.
std::size_t value_size(std::uint8_t type) {
  switch (type) {
    case 0x08:
    case 0x09:
      return 1;
    case 0x0b:
      return 2;
    case 0x0c:
    case 0x0d:
      return 4;
    case 0x0e:
      return 8;
    default:
      return 0;
  }
}

template <class To, class From>
double number_as(From bits) {
  return static_cast<double>(std::bit_cast<To>(bits));
}

}  // namespace

bool looks_like_idx(std::string_view head) {
  return head.size() >= 2 && head[0] == '\0' && head[1] == '\0';
}

IdxFile::IdxFile(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
  std::array<char, kMagicBytes> magic{};
  read_header(magic.data(), magic.size());
  if (magic[0] != 0 || magic[1] != 0) {
    throw bad_byte(0, "no IDX file: it does not begin with two zero bytes");
  }
  type_ = static_cast<std::uint8_t>(magic[2]);
  bytes_per_item_ = value_size(type_);
  if (bytes_per_item_ == 0) {
    throw bad_byte(2, fmt::format("values of type 0x{:02x}, which IDX does not have", type_));
  }
  if (magic[3] == 0) throw bad_byte(3, "no dimensions; it is no file of images or labels");
  dimensions_.resize(static_cast<std::uint8_t>(magic[3]));
  for (std::size_t d = 0; d < rank(); ++d) {
    std::array<unsigned char, 4> bytes{};
    const std::uint64_t place = position_;
    read_header(reinterpret_cast<char*>(bytes.data()), bytes.size());
    for (const unsigned char byte : bytes) dimensions_[d] = dimensions_[d] << 8 | byte;
    if (dimensions_[d] == 0) throw bad_byte(place, fmt::format("dimension {} is 0", d + 1));
    if (d == 0) continue;
    bytes_per_item_ *= dimensions_[d];
    if (bytes_per_item_ > kMaxBytesPerItem) {
      throw bad_byte(place, fmt::format("items of more than {} values", kMaxBytesPerItem));
    }
  }
  items_left_ = items();
}

void IdxFile::read_header(char* out, std::size_t n) {
  const std::size_t got = source_->read(out, n);
  position_ += got;
  if (got < n) throw bad_byte(position_, fmt::format("the header is cut short; {}", kFetchAgain));
}

void IdxFile::read_items(std::size_t n, std::vector<std::uint8_t>& bytes) {
  bytes.clear();
  const std::size_t total = n * bytes_per_item_;
  while (bytes.size() < total) {
    const std::size_t done = bytes.size();
    const std::size_t step = std::min<std::uint64_t>(
        std::max<std::uint64_t>(kStepBytes, source_->bytes_left()), total - done);
    if (done + step > bytes.capacity()) {
      reserve_on_huge_pages(bytes, std::max(done + step, std::min(total, 2 * done)));
    }
    bytes.resize(done + step);
    const std::size_t got = source_->read(reinterpret_cast<char*>(bytes.data() + done), step);
    position_ += got;
    if (got < step) {
      const std::size_t item = items() - items_left_ + (done + got) / bytes_per_item_ + 1;
      throw bad_byte(position_, fmt::format("the file ends before item {} of {} is complete; {}",
                                            item, items(), kFetchAgain));
    }
  }
  items_left_ -= n;
  char behind = 0;
  if (n > 0 && items_left_ == 0 && source_->read(&behind, 1) != 0) {
    throw bad_byte(position_, fmt::format("there are bytes behind the last of {} items; {}",
                                          items(), kFetchAgain));
  }
}

std::size_t IdxFile::values_per_item() const { return bytes_per_item_ / value_size(type_); }

double IdxFile::value(const std::uint8_t* bytes) const {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < value_size(type_); ++i) bits = bits << 8 | bytes[i];
  switch (type_) {
    case 0x09:
      return number_as<std::int8_t>(static_cast<std::uint8_t>(bits));
    case 0x0b:
      return number_as<std::int16_t>(static_cast<std::uint16_t>(bits));
    case 0x0c:
      return number_as<std::int32_t>(static_cast<std::uint32_t>(bits));
    case 0x0d:
      return number_as<float>(static_cast<std::uint32_t>(bits));
    case 0x0e:
      return number_as<double>(bits);
    default:
      return static_cast<double>(bits);
  }
}

Error IdxFile::bad_byte(std::uint64_t byte, const std::string& problem) const {
  return bad_input(source_->name(), fmt::format("byte {}: {}", byte, problem));
}

IdxReader::IdxReader(std::unique_ptr<ByteSource> images, const std::filesystem::path& path,
                     const DataFileOptions& options)
    : images_(std::move(images)), label_index_(options.known) {
  if (images_.rank() == 1) {
    throw images_.bad_byte(3, "one dimension, so these are labels; name the file of images");
  }
  const auto& dimensions = images_.dimensions();
  layout_ = image_layout({dimensions.begin() + 1, dimensions.end()});
  if (options.features && images_.values_per_item() != *options.features) {
    throw images_.bad_byte(8, fmt::format("images of {} pixels; the network takes {}",
                                          images_.values_per_item(), *options.features));
  }
  const std::filesystem::path labels_path =
      options.labels.empty() ? labels_beside(path) : options.labels;
  if (labels_path.empty()) {
    if (!options.require_labels) return;
    throw bad_input(images_.source().name(),
                    fmt::format("its labels are missing; looked beside it for {}, name them with "
                                "--train-labels or --test-labels",
                                names_looked_for(path)));
  }
  labels_ = std::make_unique<IdxFile>(std::make_unique<ByteSource>(labels_path));
  if (labels_->rank() > 2) {
    throw labels_->bad_byte(3, fmt::format("{} dimensions where labels have one", labels_->rank()));
  }
  if (labels_->items() != images_.items()) {
    throw labels_->bad_byte(kMagicBytes,
                            fmt::format("{} labels for the {} images of {}", labels_->items(),
                                        images_.items(), images_.source().name()));
  }
}

bool IdxReader::next(Dataset& block, std::size_t max_rows) {
  const std::size_t fitting = std::max<std::size_t>(1, kMaxBlockBytes / images_.bytes_per_item());
  const std::size_t n = std::min({max_rows, images_.items_left(), fitting});
  take(block, n);
  return n > 0;
}

Dataset IdxReader::load(std::size_t /*threads*/) {
  Dataset all;
  take(all, images_.items_left());
  return all;
}

void IdxReader::take(Dataset& block, std::size_t n) {
  clear_rows(block);
  block.shape = layout_.shape;
  images_.read_items(n, block.pixels);
  if (!images_.holds_bytes()) {
    const std::size_t size = images_.bytes_per_item() / images_.values_per_item();
    block.values.reserve(block.pixels.size() / size);
    for (std::size_t i = 0; i < block.pixels.size(); i += size) {
      const auto value = static_cast<float>(images_.value(block.pixels.data() + i));
      if (!std::isfinite(value)) {
        throw bad_input(images_.source().name(),
                        fmt::format("value {} is no number", i / size + 1));
      }
      block.values.push_back(value);
    }
    block.pixels.clear();
  }
  put_channels_first(block, layout_);
  add_rows(block.summary, block.shape, std::span<const std::uint8_t>(block.pixels));
  add_rows(block.summary, block.shape, std::span<const float>(block.values));
  if (labels_) read_labels(block, n);
  block.reading = labels_ ? "labels of " + labels_->source().name() : "no labels";
  if (!layout_.reading.empty()) block.reading += ", " + layout_.reading;
}

bool IdxReader::is_one_hot(const std::uint8_t* columns) const {
  const std::size_t count = labels_->values_per_item();
  const std::size_t size = labels_->bytes_per_item() / count;
  std::size_t ones = 0;
  for (std::size_t c = 0; c < count; ++c) {
    const double value = labels_->value(columns + c * size);
    if (value != 0 && value != 1) return false;
    ones += value == 1 ? 1U : 0U;
  }
  return ones == 1;
}

double IdxReader::label_number(const std::uint8_t* columns) const {
  // QMNIST has several columns of labels; the first is the class.
  if (!*one_hot_) return labels_->value(columns);
  if (!is_one_hot(columns)) return -1;  // read_labels() reports its place in the file
  const std::size_t size = labels_->bytes_per_item() / labels_->values_per_item();
  std::size_t hot = 0;
  while (labels_->value(columns + hot * size) != 1) ++hot;
  return static_cast<double>(hot);
}

void IdxReader::read_labels(Dataset& block, std::size_t n) {
  const std::size_t first = labels_->items() - labels_->items_left();
  const std::size_t size = labels_->bytes_per_item();
  std::vector<std::uint8_t> labels;
  labels_->read_items(n, labels);
  if (!one_hot_) {
    one_hot_ = labels_->values_per_item() > 1;
    for (std::size_t i = 0; i < n; ++i) {
      one_hot_ = *one_hot_ && is_one_hot(labels.data() + i * size);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const auto label = label_index_.of(label_number(labels.data() + i * size));
    if (!label) {
      const std::size_t header = kMagicBytes * (1 + labels_->rank());
      throw labels_->bad_byte(header + (first + i) * size, label_index_.problem());
    }
    block.labels.push_back(*label);
  }
  label_index_.set_classes(block);
}

}  // namespace mnist
