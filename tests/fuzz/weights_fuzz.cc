// A weights file, of layers that it names itself and of others.
#include "fuzz/fuzz_file.h"
#include "model_io/model_file.h"

void fuzz_one(std::string_view input) {
  const mnist::fuzz::MemoryFile file(input);
  for (const char* layers : {"", "5", "4,5,relu,3,softmax"}) {
    mnist::fuzz::expect_no_more_than_refusal([&] { mnist::load_model(file.path(), layers); });
  }
}
