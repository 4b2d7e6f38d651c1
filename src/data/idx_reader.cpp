// The format (http://yann.lecun.com/exdb/mnist), numbers in big-endian order:
//
//   byte 0      0
//   byte 1      0
//   byte 2      type of the values: 0x08 unsigned byte; others are not used by MNIST
//   byte 3      rank r, the number of dimensions: 3 for images, 1 for labels
//   bytes 4 ..  r dimensions of 4 bytes each: items, then rows, columns of an image
//   then        the values, last dimension fastest
#include "data/idx_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/huge_pages.h"
#include "data/bad_data.h"

namespace mnist {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::size_t kMaxBlockBytes = std::size_t{1} << 26;
constexpr std::size_t kMaxBytesPerItem = std::size_t{1} << 24;
// Read at once where the file's size is not known: a header can promise more than there is, so
// memory must not follow it blindly.
constexpr std::size_t kStepBytes = std::size_t{1} << 22;

constexpr const char* kFetchAgain = "fetch or copy the file again";

/// The labels file beside an images file of that path; empty where there is none.
std::filesystem::path find_labels(const std::filesystem::path& images) {
  constexpr std::array<std::string_view, 6> kSuffixes = {"", ".gz", ".zst", ".xz", ".zip", ".bz2"};
  std::string name = images.filename().string();
  const std::size_t word = name.rfind("images");
  if (word == std::string::npos) return {};
  name.replace(word, 6, "labels");
  if (const std::size_t rank = name.find("idx", word); rank != std::string::npos) {
    if (rank + 3 < name.size()) name[rank + 3] = '1';
  }
  std::string bare = name;
  for (const std::string_view suffix : kSuffixes) {
    if (!suffix.empty() && name.ends_with(suffix)) bare.resize(name.size() - suffix.size());
  }
  std::error_code ignored;  // what cannot be looked at is not there
  if (auto path = images.parent_path() / name; std::filesystem::exists(path, ignored)) return path;
  for (const std::string_view suffix : kSuffixes) {
    auto path = images.parent_path() / (bare + std::string(suffix));
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return {};
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
  if (static_cast<std::uint8_t>(magic[2]) != kUnsignedByte) {
    throw bad_byte(2, fmt::format("values of type 0x{:02x}; only unsigned bytes, 0x08, are read",
                                  static_cast<std::uint8_t>(magic[2])));
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

Error IdxFile::bad_byte(std::uint64_t byte, const std::string& problem) const {
  return bad_data(source_->name(), fmt::format("byte {}: {}", byte, problem));
}

IdxReader::IdxReader(std::unique_ptr<ByteSource> images, const std::filesystem::path& path,
                     const DataFileOptions& options)
    : images_(std::move(images)), classes_(options.classes) {
  if (images_.rank() == 1) {
    throw images_.bad_byte(3, "one dimension, so these are labels; name the file of images");
  }
  if (options.features && images_.bytes_per_item() != *options.features) {
    throw images_.bad_byte(8, fmt::format("images of {} pixels; the network takes {}",
                                          images_.bytes_per_item(), *options.features));
  }
  const std::filesystem::path labels_path = find_labels(path);
  if (labels_path.empty()) {
    if (!options.require_labels) return;
    throw bad_data(images_.source().name(),
                   "its labels are missing; put them beside it, named alike with 'labels' in place "
                   "of 'images' and 'idx1' in place of 'idx3'");
  }
  labels_ = std::make_unique<IdxFile>(std::make_unique<ByteSource>(labels_path));
  if (labels_->rank() != 1) {
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

void IdxReader::read_rest(Dataset& all) { take(all, images_.items_left()); }

void IdxReader::take(Dataset& block, std::size_t n) {
  block.shape = shape_of_row(images_.bytes_per_item());
  clear_rows(block);
  images_.read_items(n, block.pixels);
  add_rows(block.summary, block.shape, std::span<const std::uint8_t>(block.pixels));
  if (labels_) read_labels(block, n);
}

void IdxReader::read_labels(Dataset& block, std::size_t n) {
  const std::size_t first = labels_->items() - labels_->items_left();
  std::vector<std::uint8_t> labels;
  labels_->read_items(n, labels);
  for (std::size_t i = 0; i < n; ++i) {
    if (classes_ && labels[i] >= *classes_) {
      throw labels_->bad_byte(2 * kMagicBytes + first + i, beyond_classes(labels[i], *classes_));
    }
    block.classes = std::max(block.classes, std::size_t{labels[i]} + 1);
  }
  block.labels.assign(labels.begin(), labels.end());
}

}  // namespace mnist
