// mnist predict.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <png.h>

#include <algorithm>
#include <sstream>

#include "catch.h"
#include "cli/sandbox.h"
#include "data/data_file.h"
#include "data/picture_files.h"
#include "test_paths.h"

using namespace mnist::testing;

namespace {

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> result;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) result.push_back(field);
  return result;
}

}  // namespace

TEST_CASE("cli: predict writes a row per image, labelled or not, from a file or a pipe") {
  const Sandbox sandbox;
  sandbox.train_small();
  sandbox.write_images("unlabelled.csv", 100, 2, false);
  const Outcome outcome = sandbox.mnist("predict run test.csv");
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "test.csv: label (first column); 16 features, 0 to 249\n");
  const auto lines = lines_of(outcome.out);
  REQUIRE(lines.size() == 101);
  CHECK(lines[0] == "index,prediction,probability");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto row = fields(lines[i]);
    REQUIRE(row.size() == 3);
    CHECK(row[0] == std::to_string(i - 1));
    const float p = std::stof(row[2]);
    CHECK((p > 1.0f / 3 && p <= 1));
  }
  CHECK(sandbox.mnist("predict run/weights.safetensors unlabelled.csv --threads 1").out ==
        outcome.out);
  CHECK(sandbox.mnist("predict run - < unlabelled.csv").out == outcome.out);
  CHECK(sandbox.shell("gzip -c test.csv | \"$MNIST\" predict run -").out == outcome.out);
}

TEST_CASE("cli: predict agrees with evaluate, and probabilities are those of the classes") {
  const Sandbox sandbox;
  sandbox.train_small();
  const auto lines = lines_of(sandbox.mnist("predict run test.csv --probabilities").out);
  REQUIRE(lines.size() == 101);
  CHECK(lines[0] == "index,prediction,probability,p0,p1,p2");
  const auto truth = lines_of(sandbox.read("test.csv"));
  std::size_t correct = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto row = fields(lines[i]);
    REQUIRE(row.size() == 6);
    const std::size_t guess = std::stoul(row[1]);
    CHECK(row[3 + guess] == row[2]);
    CHECK(std::stod(row[3]) + std::stod(row[4]) + std::stod(row[5]) == Approx(1));
    correct += row[1] == fields(truth[i - 1])[0] ? 1 : 0;
  }
  CHECK(sandbox.mnist("evaluate run --data test.csv --json").json()["correct"] == correct);
}

TEST_CASE("cli: predict names the class beside its number where the run has names") {
  const Sandbox sandbox;
  sandbox.train_small();
  REQUIRE(sandbox
              .mnist("train " + kSmall +
                     "--steps 150 --out named --quiet --class-names 'ant, \"b\" bee,cow'")
              .code == 0);
  const auto plain = lines_of(sandbox.mnist("predict run test.csv").out);
  const auto named = lines_of(sandbox.mnist("predict named test.csv").out);
  REQUIRE(named.size() == plain.size());
  CHECK(named[0] == "index,prediction,probability,name");
  const std::vector<std::string> names{"ant", R"("""b"" bee")", "cow"};
  for (std::size_t i = 1; i < named.size(); ++i) {
    CHECK(named[i] == plain[i] + "," + names[std::stoul(fields(plain[i])[1])]);
  }
  CHECK(lines_of(sandbox.mnist("predict named test.csv --probabilities").out)[0] ==
        "index,prediction,probability,name,p0,p1,p2");
}

TEST_CASE("cli: predict goes on over the ends of its blocks") {
  const Sandbox sandbox;
  sandbox.train_small();
  sandbox.write_images("long.csv", 9001, 3);
  const auto lines = lines_of(sandbox.mnist("predict run long.csv").out);
  REQUIRE(lines.size() == 9002);
  CHECK(lines[4097].starts_with("4096,"));
  CHECK(lines[9001].starts_with("9000,"));
}

TEST_CASE("cli: predict ends quietly when nobody reads on, and fails on a full disk") {
  const Sandbox sandbox;
  sandbox.train_small();
  sandbox.write_images("long.csv", 30000, 3);
  const Outcome head =
      sandbox.shell("set -o pipefail; \"$MNIST\" predict run long.csv | head -n 2 | tail -n 1");
  CHECK(head.code == 0);
  CHECK(lines_of(head.err).size() == 1);
  CHECK(head.out.starts_with("0,"));
  check_error(sandbox.shell("\"$MNIST\" predict run test.csv > /dev/full"), 1,
              {"standard output", "No space left"});
}

TEST_CASE("cli: predict takes pictures of any size, dark on light or light on dark") {
  const Sandbox sandbox;
  REQUIRE(sandbox.mnist("train --steps 500 --test-data none --out run --quiet").code == 0);
  const mnist::Dataset digits = mnist::load_data_file(MNIST_DATA_DIR "/mnist_test.csv.zst");
  const auto expected = lines_of(
      sandbox.mnist("predict run " MNIST_DATA_DIR "/mnist_test.csv.zst --probabilities").out);

  // MNIST's own images: those of the data file, as they are.
  std::string names;
  for (std::size_t r = 0; r < 5; ++r) {
    const mnist::Picture picture{28, 28, {digits.row(r), digits.row(r) + 784}};
    const std::string name = fmt::format("{},{}.pgm", r, picture.shades.size());
    write_pgm(sandbox.path(name), picture);
    names += " " + name;
  }
  const auto as_is = lines_of(sandbox.mnist("predict run --as-is --probabilities" + names).out);
  REQUIRE(as_is.size() == 6);
  CHECK(as_is[0] == "index,prediction,probability,file,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9");
  for (std::size_t r = 0; r < 5; ++r) {
    std::vector<std::string> wanted = fields(expected[r + 1]);
    wanted[2] += fmt::format(",\"{},784.pgm\"", r);
    CHECK(as_is[r + 1] == fmt::format("{}", fmt::join(wanted, ",")));
  }

  // The same digit as dark ink in the corner of large light pictures of each kind.
  mnist::Picture large{300, 200, std::vector<std::uint8_t>(std::size_t{300} * 200, 230)};
  for (std::size_t i = 0; i < 112 * 112; ++i) {
    const std::uint8_t ink = digits.row(0)[i / 112 / 4 * 28 + i % 112 / 4];
    large.shades[(i / 112 + 5) * 300 + i % 112 + 20] = static_cast<std::uint8_t>(230 - ink / 2);
  }
  write_pgm(sandbox.path("a.pgm"), large);
  write_png(sandbox.path("b.png"), 300, 200, PNG_FORMAT_GRAY, large.shades);
  write_jpeg(sandbox.path("c.jpg"), large);
  const Outcome outcome = sandbox.mnist("predict run a.pgm b.png c.jpg");
  CHECK(outcome.code == 0);
  const auto lines = lines_of(outcome.out);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "index,prediction,probability,file");
  const float reference = std::stof(fields(expected[1])[2]);
  for (std::size_t i = 1; i < 4; ++i) {
    const auto row = fields(lines[i]);
    CHECK(row[0] == std::to_string(i - 1));
    CHECK(row[1] == "7");
    CHECK(std::stof(row[2]) == Approx(reference).margin(0.02));
  }
  CHECK(lines_of(sandbox.mnist("predict run - < b.png").out)[1] ==
        fmt::format("{},-", fmt::join(std::vector{"0", "7", fields(lines[2])[2].c_str()}, ",")));
  const auto both = lines_of(sandbox.mnist("predict run - b.png < b.png").out);
  REQUIRE(both.size() == 3);
  CHECK(fields(both[1])[1] == "7");
  CHECK(fields(both[2])[1] == "7");
}

TEST_CASE("cli: predict draws pictures beside what the network gets of them") {
  const Sandbox sandbox;
  sandbox.train_small();
  mnist::Picture oblong{40, 20, std::vector<std::uint8_t>(800, 220)};
  for (std::size_t y = 4; y < 14; ++y) {
    std::fill_n(oblong.shades.begin() + static_cast<std::ptrdiff_t>(y * 40 + 25), 10, 10);
  }
  write_pgm(sandbox.path("oblong.pgm"), oblong);
  write_pgm(sandbox.path("4x4.pgm"), {4, 4, std::vector<std::uint8_t>(16, 200)});
  const Outcome plain = sandbox.mnist("predict run oblong.pgm");
  const Outcome drawn = sandbox.mnist("predict run oblong.pgm --seen seen.png");
  CHECK(drawn.code == 0);
  CHECK(drawn.out == plain.out);
  const mnist::Picture sheet = picture_in(sandbox.path("seen.png"));
  CHECK(sheet.width == 2 + 2 * 86);
  CHECK(sheet.height == 2 + 86);
  // A light picture in the middle of its square, and black with the ink in the middle.
  const auto at = [&](std::size_t x, std::size_t y) {
    return int{sheet.shades[y * sheet.width + x]};
  };
  CHECK(at(3, 3) == 96);
  CHECK(at(3, 44) == 220);
  CHECK(at(2 + 64, 44) == 10);
  CHECK(at(88 + 3, 44) == 0);
  CHECK(at(88 + 42, 44) == 255);

  std::string many;
  for (int i = 0; i < 70; ++i) many += " 4x4.pgm";
  REQUIRE(sandbox.mnist("predict run --as-is --seen many.png" + many).code == 0);
  CHECK(picture_in(sandbox.path("many.png")).height == 2 + 16 * 86);
  check_error(sandbox.mnist("predict run --seen x.png test.csv"), 2, {"--seen", "test.csv"});
  const Outcome failed = sandbox.mnist("predict run oblong.pgm --seen nowhere/x.png");
  CHECK(failed.code == 1);
  CHECK(failed.err.find("nowhere/x.png") != std::string::npos);
}

TEST_CASE("cli: predict tells what it cannot do with a picture") {
  const Sandbox sandbox;
  sandbox.train_small();
  write_pgm(sandbox.path("blank.pgm"), {9, 9, std::vector<std::uint8_t>(81, 200)});
  write_pgm(sandbox.path("4x4.pgm"), {4, 4, std::vector<std::uint8_t>(16, 200)});
  sandbox.write("cut.png", "\x89PNG\r\n\x1a\n\n");
  check_error(sandbox.mnist("predict run blank.pgm"), 3, {"blank.pgm", "stands out", "--as-is"});
  check_error(sandbox.mnist("predict run --as-is blank.pgm"), 3, {"9 × 9", "takes 16"});
  CHECK(sandbox.mnist("predict run --as-is 4x4.pgm").code == 0);
  check_error(sandbox.mnist("predict run cut.png"), 3, {"cut.png", "cannot be read"});
  check_error(sandbox.mnist("predict run --as-is test.csv"), 2, {"--as-is", "test.csv"});
  check_error(sandbox.mnist("predict run test.csv test.csv"), 2, {"test.csv", "one at a time"});
  // The others have their rows.
  for (const std::string file : {"test.csv", "missing.png", "cut.png", "blank.pgm"}) {
    INFO(file);
    const Outcome mixed = sandbox.mnist("predict run --as-is 4x4.pgm " + file + " 4x4.pgm");
    CHECK(mixed.code == 3);
    const auto lines = lines_of(mixed.out);
    REQUIRE(lines.size() == 4);
    CHECK(lines[2] == "1,,," + file);
    CHECK(lines[3] == "2" + lines[1].substr(1));
    CHECK_THAT(mixed.err, mnist::contains(file + ": ") && mnist::contains("1 of 3 pictures"));
  }

  sandbox.write("wide.csv", "0,2,1\n1,200,100\n");
  REQUIRE(sandbox
              .mnist("train --train-data wide.csv --test-data none --layers 2,relu --batch-size 2 "
                     "--steps 1 --out wide --quiet")
              .code == 0);
  check_error(sandbox.mnist("predict wide 4x4.pgm"), 3, {"4x4.pgm", "no square image"});
}

TEST_CASE("cli: predict writes to a file, as JSON or for Kaggle, with the ids of the data") {
  const Sandbox sandbox;
  sandbox.train_small();
  const std::string rows = sandbox.read("test.csv");
  std::string with_ids = "row_id,label";
  for (int i = 0; i < 16; ++i) with_ids += fmt::format(",pixel{}", i);
  with_ids += "\n";
  std::size_t row = 0;
  for (const std::string& line : lines_of(rows)) {
    with_ids += fmt::format("img_{},{}\n", row++, line);
  }
  sandbox.write("ids.csv", with_ids);
  const auto plain = lines_of(sandbox.mnist("predict run test.csv").out);
  const Outcome ids = sandbox.mnist("predict run ids.csv --id-column row_id -o ids_out.csv");
  CHECK(ids.code == 0);
  CHECK(ids.out.empty());
  const auto lines = lines_of(sandbox.read("ids_out.csv"));
  CHECK(lines[0] == "index,prediction,probability,row_id");
  CHECK(lines[8] == plain[8] + ",img_7");
  const auto submission = lines_of(sandbox.mnist("predict run test.csv --submission").out);
  CHECK(submission[0] == "ImageId,Label");
  CHECK(submission[1] == "1," + fields(plain[1])[1]);
  CHECK(lines_of(sandbox.mnist("predict run ids.csv --id-column 1 --submission").out)[0] ==
        "row_id,Label");
  const auto json = sandbox.mnist("predict run ids.csv --id-column row_id --json").json();
  REQUIRE(json["predictions"].size() == 100);
  CHECK(json["predictions"][7]["row_id"] == "img_7");
  CHECK(json["predictions"][7]["prediction"] == std::stoi(fields(plain[8])[1]));
}

TEST_CASE("cli: predict warns of several digits in a picture, and labels each") {
  const Sandbox sandbox;
  REQUIRE(sandbox.mnist("train --steps 500 --test-data none --out run --quiet").code == 0);
  const mnist::Dataset digits = mnist::load_data_file(MNIST_DATA_DIR "/mnist_test.csv.zst");
  mnist::Picture pair{90, 40, std::vector<std::uint8_t>(std::size_t{90} * 40, 255)};
  for (std::size_t i = 0; i < 784; ++i) {
    for (const std::size_t digit : {0U, 1U}) {  // a 7 and a 2
      pair.shades[(i / 28 + 6) * 90 + i % 28 + 8 + digit * 40] =
          static_cast<std::uint8_t>(255 - digits.row(digit)[i]);
    }
  }
  write_pgm(sandbox.path("pair.pgm"), pair);
  CHECK_THAT(sandbox.mnist("predict run pair.pgm").err, mnist::contains("shows 2 digits"));
  const Outcome several = sandbox.mnist("predict run pair.pgm --several --seen seen.png");
  const auto lines = lines_of(several.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "index,prediction,probability,file,left,top,width,height");
  CHECK(fields(lines[1])[1] == "7");
  CHECK(fields(lines[2])[1] == "2");
  CHECK(std::stoul(fields(lines[1])[4]) < std::stoul(fields(lines[2])[4]));
  CHECK(picture_in(sandbox.path("seen.png"), mnist::Colours::kKept).colours.empty());
  // The same in red on white.
  std::vector<std::uint8_t> red;
  for (const std::uint8_t shade : pair.shades) red.insert(red.end(), {255, shade, shade});
  write_png(sandbox.path("red.png"), pair.width, pair.height, PNG_FORMAT_RGB, red);
  const auto in_red =
      lines_of(sandbox.mnist("predict run red.png --several --seen red_seen.png").out);
  REQUIRE(in_red.size() == 3);
  CHECK(fields(in_red[1])[1] == "7");
  CHECK(fields(in_red[2])[1] == "2");
  CHECK_FALSE(picture_in(sandbox.path("red_seen.png"), mnist::Colours::kKept).colours.empty());
}

TEST_CASE("cli: boxes in a very large picture are told in its own pixels") {
  const Sandbox sandbox;
  mnist::Picture bars{5000, 4000, std::vector<std::uint8_t>(20'000'000, 255)};
  for (std::size_t y = 1000; y < 3000; ++y) {
    for (const std::size_t left : {1000U, 3000U}) {
      std::fill_n(bars.shades.begin() + static_cast<std::ptrdiff_t>(y * 5000 + left), 200, 0);
    }
  }
  write_pgm(sandbox.path("bars.pgm"), bars);
  const auto lines = lines_of(sandbox.mnist("predict digits bars.pgm --several").out);
  REQUIRE(lines.size() == 3);
  for (const std::size_t i : {0U, 1U}) {
    const auto box = fields(lines[i + 1]);
    CHECK(box[1] == "1");
    CHECK(box[4] == std::to_string(1000 + 2000 * i));
    CHECK(std::vector(box.begin() + 5, box.end()) ==
          std::vector<std::string>{"1000", "200", "2000"});
  }
}

TEST_CASE("cli: predict names the row that is wrong") {
  const Sandbox sandbox;
  sandbox.train_small();
  // Labels do not matter, nor whether there are any.
  std::string header = "label";
  for (int i = 0; i < 16; ++i) header += fmt::format(",pixel{}", i);
  const std::string pixels = ",1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n";
  sandbox.write("odd.csv", header + "\n" + pixels + "?" + pixels + "1.5" + pixels);
  CHECK(lines_of(sandbox.mnist("predict run odd.csv").out).size() == 4);
  const std::string row = "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n";
  sandbox.write("bad.csv", row + row + "1,2\n");
  const Outcome outcome = sandbox.mnist("predict run bad.csv");
  CHECK(outcome.code == 3);
  CHECK(lines_of(outcome.err).size() == 1);
  CHECK(outcome.err.find("bad.csv") != std::string::npos);
  CHECK(outcome.err.find('3') != std::string::npos);
  check_error(sandbox.mnist("predict run missing.csv"), 3, {"missing.csv"});
  const Outcome empty = sandbox.mnist("predict run -");
  CHECK(empty.code == 3);
}
