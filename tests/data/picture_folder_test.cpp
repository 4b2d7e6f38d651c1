#include "data/picture_folder.h"

#include <png.h>

#include "data/picture_files.h"
#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;

std::string pgm(const std::string& size, const std::string& pixels) {
  return "P5 " + size + " 255\n" + pixels;
}

TEST_CASE("data: a folder of pictures per class") {
  const TemporaryDirectory directory;
  for (const char* folder : {"p/dog", "p/cat", "p/.hidden"}) {
    std::filesystem::create_directories(directory.path() / folder);
  }
  directory.write("p/dog/2.pgm", pgm("3 2", "abcdef"));
  directory.write("p/dog/1.pgm", pgm("3 2", "ABCDEF"));
  directory.write("p/dog/Thumbs.db", "x");
  directory.write("p/cat/1.pgm", pgm("3 2", "123456"));
  const auto path = directory.path() / "p";
  const Dataset data = load_data_file(path);
  CHECK(data.shape == Shape{1, 2, 3});
  CHECK(data.label_names == std::vector<std::string>{"cat", "dog"});
  CHECK(data.labels == std::vector<std::int32_t>{0, 1, 1});
  CHECK(std::string(data.pixels.begin(), data.pixels.end()) == "123456ABCDEFabcdef");
  CHECK(data.reading == "a folder of pictures per class");
  // What is no picture that is read is told of.
  directory.write("p/dog/3.BMP", "BM");
  directory.write("p/dog/notes.txt", "x");
  CHECK(load_data_file(path).reading ==
        "a folder of pictures per class, without 2 other files such as dog/3.BMP");

  CHECK(holds(error_of([&] { load_data_file(path / "cat"); }), "holds pictures and no folder"));
  directory.write("p/cat/2.pgm", pgm("6 4", std::string(24, 'x')));
  CHECK(holds(error_of([&] { load_data_file(path); }), "2.pgm: 4x6 where "));
  DataFileOptions options;
  options.shape = Shape{1, 2, 3};
  CHECK(load_data_file(path, options).rows() == 4);
  directory.write("p/cat/3.png", "no picture");
  CHECK(holds(error_of([&] { load_data_file(path, options); }), "3.png: no PNG"));
}

TEST_CASE("data: a folder of coloured pictures has three channels") {
  const TemporaryDirectory directory;
  for (const char* folder : {"p/a", "p/b"}) {
    std::filesystem::create_directories(directory.path() / folder);
  }
  const auto path = directory.path() / "p";
  directory.write("p/a/1.pgm", pgm("2 1", "xy"));
  testing::write_png(path / "b" / "1.png", 2, 1, PNG_FORMAT_RGB, {200, 40, 30, 0, 255, 7});
  const Dataset data = load_data_file(path);
  CHECK(data.shape == Shape{3, 1, 2});
  CHECK(data.pixels == std::vector<std::uint8_t>{'x', 'y', 'x', 'y', 'x', 'y',  //
                                                 200, 0, 40, 255, 30, 7});
  DataFileOptions options;
  options.channels = 1;
  CHECK(load_data_file(path, options).shape == Shape{1, 1, 2});
  options.channels = 3;
  std::filesystem::remove_all(path / "b");
  const Dataset gray = load_data_file(path, options);
  CHECK(gray.shape == Shape{3, 1, 2});
  CHECK(gray.pixels == std::vector<std::uint8_t>{'x', 'y', 'x', 'y', 'x', 'y'});
}

TEST_CASE("data: a folder of training and test folders has both halves") {
  const TemporaryDirectory directory;
  for (const char* folder : {"train/a", "train/b", "test/a", "test/b"}) {
    std::filesystem::create_directories(directory.path() / folder);
    directory.write(std::string(folder) + "/1.pgm", pgm("1 2", "ab"));
  }
  directory.write("train/b/2.pgm", pgm("1 2", "ab"));
  CHECK(has_halves(directory.path()));
  CHECK(load_data_file(directory.path()).rows() == 3);
  DataFileOptions options;
  options.half = Half::kTest;
  CHECK(load_data_file(directory.path(), options).rows() == 2);
  CHECK(holds(error_of([&] { load_data_file(directory.path() / "train" / "a"); }),
              "holds pictures and no folder"));
}

TEST_CASE(
    "data: a folder that holds nothing but that of the classes, or of the halves, stands for it") {
  const TemporaryDirectory directory;
  for (const char* folder : {"x/y/train/a", "x/y/train/b", "x/y/val/a", "x/y/train/empty"}) {
    std::filesystem::create_directories(directory.path() / folder);
    directory.write(std::string(folder) + "/1.pgm", pgm("1 2", "ab"));
  }
  std::filesystem::remove(directory.path() / "x/y/train/empty/1.pgm");
  const auto path = directory.path() / "x";
  const Dataset data = load_data_file(path);
  CHECK(data.label_names == std::vector<std::string>{"a", "b"});
  CHECK(data.rows() == 2);
  CHECK_FALSE(has_halves(path));  // what is called val is no test
  DataFileOptions network;
  network.known = {2, {"a", "b"}};
  CHECK(load_data_file(path, network).rows() == 2);  // an empty folder is no label
  std::filesystem::create_directories(path / "y/test/a");
  directory.write("x/y/test/a/1.pgm", pgm("1 2", "ab"));
  CHECK(has_halves(path));
}

}  // namespace
}  // namespace mnist
