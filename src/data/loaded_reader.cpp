#include "data/loaded_reader.h"

#include <algorithm>

namespace mnist {

bool LoadedReader::next(Dataset& block, std::size_t max_rows) {
  clear_rows(block);
  const std::size_t n = std::min(max_rows, data_.rows() - handed_out_);
  append_rows(block, data_, handed_out_, n);
  block.classes = data_.classes;
  block.label_names = data_.label_names;
  block.reading = data_.reading;
  handed_out_ += n;
  return n > 0;
}

Dataset LoadedReader::load(std::size_t /*threads*/) { return std::exchange(data_, {}); }

}  // namespace mnist
