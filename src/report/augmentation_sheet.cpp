#include "report/augmentation_sheet.h"

#include <algorithm>
#include <map>

#include "report/image_grid.h"

namespace mnist {
namespace {

constexpr std::size_t kMostClasses = 20;
constexpr std::size_t kUnlabelled = 10;
constexpr std::size_t kZoom = 3;  // makes 28 pixels large enough to recognise

// The rows to show.
std::vector<std::uint32_t> examples(const Dataset& data) {
  std::vector<std::uint32_t> rows;
  if (!data.labelled()) {
    for (std::uint32_t r = 0; r < std::min(kUnlabelled, data.rows()); ++r) rows.push_back(r);
    return rows;
  }
  // The first row of each of the first classes.
  std::map<std::int32_t, std::uint32_t> first;
  for (std::uint32_t r = 0; r < data.rows(); ++r) first.try_emplace(data.labels[r], r);
  for (const auto& [label, row] : first) {
    if (rows.size() < kMostClasses) rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::vector<std::uint8_t> augmentation_samples(const Dataset& data, const AugmentSettings& settings,
                                               std::uint64_t seed) {
  const std::vector<std::uint32_t> rows = examples(data);
  Augmenter augmenter = augmenter_for(data, settings, seed);
  std::vector<std::uint8_t> samples(rows.size() * kSheetColumns * data.features());
  for (std::size_t column = 0; column < kSheetColumns; ++column) {
    if (column > 0) augmenter.begin_epoch(column);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::uint8_t* out = samples.data() + (i * kSheetColumns + column) * data.features();
      const std::uint8_t* image = data.row(rows[i]);
      if (column == 0) {
        std::copy_n(image, data.features(), out);
      } else {
        const int label = data.labelled() ? data.labels[rows[i]] : -1;
        augmenter.distort(image, column, rows[i], label, 1, out);
      }
    }
  }
  return samples;
}

void draw_augmentation(const std::filesystem::path& path, const Dataset& data,
                       const AugmentSettings& settings, std::uint64_t seed) {
  const std::vector<std::uint8_t> samples = augmentation_samples(data, settings, seed);
  write_image_grid(path, samples, data.shape, kSheetColumns, kZoom);
}

}  // namespace mnist
