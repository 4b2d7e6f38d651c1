#include "data/known_data.h"

#include <cstdint>
#include <memory>
#include <numeric>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "data/byte_source.h"
#include "data/data_file.h"
#include "data/idx_reader.h"
#include "data/npy.h"
#include "data/svmlight.h"

namespace mnist {
namespace {

// A fingerprint of the first hundred rows: the labels, and the sum of all pixels.
constexpr std::string_view kFirstLabels =
    "50419213143536172869409112432738690560761879398593"
    "30749809414460456100171630211790267839046746807831";
constexpr std::uint64_t kFirstPixels = 2530887;

// Whether the format allows reading a few rows without the rest.
bool read_row_by_row(const std::filesystem::path& path) {
  const ByteSource source(choose_member(path, Half::kTraining));
  return looks_like_idx(source.head()) ||
         (!looks_like_npy(source.head()) && !looks_like_svmlight(source.head()));
}

}  // namespace

bool is_mnist_training(const std::filesystem::path& path) {
  try {
    std::error_code ignored;
    const bool file =
        std::filesystem::is_regular_file(path, ignored) || archive_member(path).has_value();
    if (!file || is_container(path) || !read_row_by_row(path)) return false;
    Dataset rows;
    if (!open_data_file(path)->next(rows, kFirstLabels.size())) return false;
    if (rows.pixels.size() != kFirstLabels.size() * 784 ||
        rows.labels.size() != kFirstLabels.size()) {
      return false;
    }
    for (std::size_t r = 0; r < kFirstLabels.size(); ++r) {
      if (rows.labels[r] != kFirstLabels[r] - '0') return false;
    }
    return std::accumulate(rows.pixels.begin(), rows.pixels.end(), std::uint64_t{0}) ==
           kFirstPixels;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace mnist
