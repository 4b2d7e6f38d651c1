// A whole data file of any form, by the reader of all rows and by that of blocks.
#include "data/data_file.h"
#include "fuzz/fuzz_file.h"

void fuzz_one(std::string_view input) {
  const mnist::fuzz::MemoryFile file(input);
  mnist::DataFileOptions unlabelled;
  unlabelled.require_labels = false;
  mnist::fuzz::expect_no_more_than_refusal(
      [&] { mnist::load_data_file(file.path(), unlabelled, 1); });
  mnist::fuzz::expect_no_more_than_refusal([&] {
    const auto reader = mnist::open_data_file(file.path());
    mnist::Dataset block;
    while (reader->next(block, 7)) {
    }
  });
}
