#include "data/foreign_file.h"

#include <string>

#include "data/data_file.h"
#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;

TEST_CASE("data: what is no data is named, with what converts it") {
  using namespace std::string_literals;
  const TemporaryDirectory directory;
  const std::pair<std::string, const char*> files[] = {
      {"\x89HDF\r\n\x1A\n", "HDF5"},
      {"MATLAB 5.0 MAT-file", "scipy.io"},
      {"\x80\x04\x95", "pickle"},
      {"(dp0\nVx\np1\n", "pickle"},
      {"P6\n2 2\n255\n", "PPM"},
      {"PAR1\x15", "read_parquet"},
      {"\x89PNG\r\n\x1a\n", "PNG"},
      {"\0\0\0\x18"s + "ftypheic", "heif-convert"},
      {"RIFF\0\0\0\0WEBP"s, "dwebp"},
      {"GIF89a", "GIF"},
      {"BM\x36\x10\x0e\0\0\0\0\0"s, "BMP"},
      {"II*\0"s, "TIFF"},
      {std::string(257, 'x') + "ustar", "tar xf"},
      {"\n<!DOCTYPE html>\n<html>", "web page"},
      {"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
      {R"([{"label":5,"pixels":[0,0,1]}])", "read_json('FILE')"},
      {"{\"a\":5}\n{\"a\":6}", "read_json('FILE', lines=True)"},
      {"\xFF\xFE"
       "5\0,\0"s,
       "iconv"},
      {"5\0,\0"
       "0\0,\0"
       "1\0\n\0"s,
       "iconv"},
      {"GGUF\3", "weights"},
  };
  for (const auto& [bytes, part] : files) {
    INFO(part);
    const auto path = directory.write("x", bytes + "\n");
    CHECK(holds(error_of([&] { load_data_file(path); }), "x: is "));
    CHECK(holds(error_of([&] { load_data_file(path); }), part));
  }
  CHECK_FALSE(foreign_file("BMI,5,6\n1,2,3\n"));
  CHECK_FALSE(foreign_file("P1,P2\n1,2\n"));
  CHECK_FALSE(foreign_file("P1 P2\n1 2\n"));
  CHECK_FALSE(foreign_file("5,0,0\n"));
}

}  // namespace
}  // namespace mnist
