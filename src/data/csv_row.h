// One line of a CSV data file: label first (or none), then the pixels, separated by commas.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/data_file.h"

namespace mnist {

/// What every row of a CSV file has to look like; its first line tells.
struct CsvLayout {
  std::size_t features = 0;
  bool labelled = false;
  bool header = false;                 // the first line names the columns
  std::optional<std::size_t> classes;  // where they are known: labels lie below

  std::size_t columns() const { return features + (labelled ? 1 : 0); }
};

/// The layout that the file's first line (without its line end) and `options` ask for. Throws
/// Error(kBadInput), calling the file `name`, where they contradict each other.
CsvLayout csv_layout(std::string_view first_line, const DataFileOptions& options,
                     const std::string& name);

/// Reads the row in `line`, which ends in '\0' and has 8 readable bytes behind that. `pixels`
/// [features] must be all 0 before. False where the row is not as `layout` says: then
/// csv_row_problem() tells why, and `label` and `pixels` hold anything.
bool parse_csv_row(const char* line, const CsvLayout& layout, std::int32_t& label,
                   std::uint8_t* pixels);

/// What is wrong with a row that parse_csv_row() refused, and what to do about it.
std::string csv_row_problem(std::string_view line, const CsvLayout& layout);

}  // namespace mnist
