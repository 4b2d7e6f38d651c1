// The bytes of a compressed file or an archive.
#include <vector>

#include "data/byte_source.h"
#include "fuzz/fuzz_file.h"

void fuzz_one(std::string_view input) {
  const mnist::fuzz::MemoryFile file(input);
  mnist::fuzz::expect_no_more_than_refusal([&] {
    mnist::ByteSource source(file.path());
    std::vector<char> block(1 << 16);
    // What a thousand bytes may hold at most; a decompressor is not what is tested here.
    for (int i = 0; i < 16 && source.read(block.data(), block.size()) == block.size(); ++i) {
    }
  });
}
