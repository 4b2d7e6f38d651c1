// A picture: PNG, JPEG or PGM.
#include "data/picture.h"
#include "fuzz/fuzz_file.h"

void fuzz_one(std::string_view input) {
  const mnist::fuzz::MemoryFile file(input);
  mnist::fuzz::expect_no_more_than_refusal([&] {
    mnist::ByteSource source(file.path());
    mnist::read_picture(source);
  });
}
