// A reader for formats that are loaded as a whole.
#pragma once

#include <utility>

#include "data/data_file.h"

namespace mnist {

class LoadedReader : public DataReader {
 public:
  explicit LoadedReader(Dataset data) : data_(std::move(data)) {}

  bool next(Dataset& block, std::size_t max_rows) override;
  Dataset load(std::size_t threads) override;

 private:
  Dataset data_;
  std::size_t handed_out_ = 0;
};

}  // namespace mnist
