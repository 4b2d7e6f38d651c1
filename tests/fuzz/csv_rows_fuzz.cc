// Rows behind a first one that is good.
#include "data/data_file.h"
#include "fuzz/fuzz_file.h"

void fuzz_one(std::string_view input) {
  const mnist::fuzz::MemoryFile file("0,1,2,3,4\n1,5,6,7,8\n" + std::string(input));
  mnist::fuzz::expect_no_more_than_refusal([&] { mnist::load_data_file(file.path(), {}, 1); });
}
