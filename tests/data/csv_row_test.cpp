#include "data/csv_row.h"

#include <random>
#include <vector>

#include "data/test_files.h"

namespace mnist {
namespace {

using test::contains;
using test::error_of;

CsvLayout labelled(std::size_t features) {
  CsvLayout layout;
  layout.features = features;
  layout.labelled = true;
  return layout;
}

struct Row {
  bool good = false;
  std::int32_t label = -1;
  std::vector<std::uint8_t> pixels;
};

Row parse(std::string line, const CsvLayout& layout) {
  Row row;
  row.pixels.resize(layout.features);
  line.append(1, '\0').append("0,0,0,0,");  // what stands behind must not matter
  row.good = parse_csv_row(line.c_str(), layout, row.label, row.pixels.data());
  return row;
}

TEST_CASE("data: a CSV row's digits become its label and pixels, for every width") {
  std::mt19937 random(3);
  const auto draw = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (std::size_t features = 1; features < 40; ++features) {
    for (int repetition = 0; repetition < 200; ++repetition) {
      const unsigned label = draw(4) == 0 ? draw(65536) : draw(10);
      std::string line = std::to_string(label);
      std::vector<std::uint8_t> pixels;
      for (std::size_t i = 0; i < features; ++i) {
        const unsigned kinds[] = {0, draw(10), draw(100), draw(256)};
        pixels.push_back(static_cast<std::uint8_t>(kinds[draw(2) * draw(4)]));
        line += ',' + std::to_string(pixels.back());
      }
      INFO(line);
      const Row row = parse(line, labelled(features));
      CHECK(row.good);
      CHECK(row.label == static_cast<std::int32_t>(label));
      CHECK(row.pixels == pixels);

      const std::string unlabelled = line.substr(line.find(',') + 1);
      CsvLayout layout = labelled(features);
      layout.labelled = false;
      CHECK(parse(unlabelled, layout).pixels == pixels);
      CHECK_FALSE(parse(line, layout).good);
      CHECK_FALSE(parse(unlabelled, labelled(features)).good);
      CHECK_FALSE(parse(line + ",0", labelled(features)).good);
    }
  }
}

TEST_CASE("data: every pixel of a CSV row is checked, wherever it stands") {
  const CsvLayout layout = labelled(9);
  for (const char* bad : {"256", "-1", "abc", "", " 1", "1 ", "1.5", "0256", "999", "1000", "+1",
                          "99999999999999999999", "0x1", "\"7\"", "\xC2\xB2", "\xB1", "/", ":"}) {
    for (const char* other : {"0", "7", "255"}) {
      for (std::size_t place = 0; place < layout.features; ++place) {
        std::string line = "5";
        for (std::size_t i = 0; i < layout.features; ++i) {
          line += ',';
          line += i == place ? bad : other;
        }
        INFO(line);
        CHECK_FALSE(parse(line, layout).good);
        const std::string problem = csv_row_problem(line, layout);
        CHECK(contains(problem,
                       "in column " + std::to_string(place + 2) + " is no integer from 0 to 255"));
      }
    }
  }
  CHECK(csv_row_problem("5,0,0,0,abc,0,0,0,0,0", layout) ==
        "pixel 'abc' in column 5 is no integer from 0 to 255");
  CHECK(csv_row_problem("5,0,0,0,\a\xFF,0,0,0,0,0", layout) ==
        "pixel '?\?' in column 5 is no integer from 0 to 255");
  CHECK(csv_row_problem("5,0,0,0," + std::string(99, '9') + ",0,0,0,0,0", layout) ==
        "pixel '99999999999999999999...' in column 5 is no integer from 0 to 255");
}

TEST_CASE("data: a CSV row's label is checked") {
  CsvLayout layout = labelled(2);
  for (const char* bad : {"-1", "abc", "", "3.0", "65536", "4294967297", " 1", "\"1\""}) {
    const std::string line = std::string(bad) + ",0,0";
    CHECK_FALSE(parse(line, layout).good);
    CHECK(csv_row_problem(line, layout) ==
          "label '" + std::string(bad) + "' in column 1 is no integer from 0 to 65535");
  }
  CHECK(parse("65535,0,0", layout).label == 65535);
  layout.classes = 10;
  CHECK(parse("9,0,0", layout).good);
  CHECK_FALSE(parse("10,0,0", layout).good);
  CHECK(csv_row_problem("10,0,0", layout) ==
        "label 10 is beyond the network's 10 classes; they are 0 to 9");
}

TEST_CASE("data: a CSV row of another width is refused with both widths") {
  const CsvLayout layout = labelled(8);
  for (const char* bad : {"5,0,0,0,0,0,0,0", "5,0,0,0,0,0,0,0,0,0", "5,0,0,0,0,0,0,0,0,",
                          "5,0,0,0,0,0,0,0,0,0,0,0,0", "5", "5,1,2,3,4,5,6,7"}) {
    INFO(bad);
    CHECK_FALSE(parse(bad, layout).good);
    CHECK(contains(csv_row_problem(bad, layout),
                   " where line 1 has 9; give every row a label and 8 pixels"));
  }
  CHECK(contains(csv_row_problem("5", layout), "1 column where"));
  CHECK(contains(csv_row_problem("5,6", layout), "2 columns where"));
}

TEST_CASE("data: the first line tells the layout of a CSV file") {
  const CsvLayout plain = csv_layout("5,0,12,255", {}, "x.csv");
  CHECK(plain.features == 3);
  CHECK(plain.labelled);
  CHECK_FALSE(plain.header);
  for (const char* header : {"label,pixel0,pixel1,pixel2", "\"label\",\"a\",\"b\",\"c\"",
                             "class,0,1,2", "1x1,1x2,1x3,1x4", "digit,a,b,c"}) {
    CHECK(csv_layout(header, {}, "x.csv").header);
  }
  // Damaged rows of data, not headers: a header would be skipped silently.
  for (const char* row : {"abc,0,0,255", "-1,0,0,0", "3.5,0,1,2", ",0,0,0", "1e3,2,3,4"}) {
    CHECK_FALSE(csv_layout(row, {}, "x.csv").header);
  }
  CHECK(contains(error_of([] { csv_layout("5", {}, "x.csv"); }), "x.csv: line 1: has one column"));
  CHECK(contains(error_of([] { csv_layout("5;0;0", {}, "x.csv"); }), "separated by commas"));
  CHECK(contains(error_of([] { csv_layout("", {}, "x.csv"); }), "x.csv: line 1: is blank"));
}

TEST_CASE("data: the network's width tells whether a CSV file has labels") {
  DataFileOptions options;
  options.features = 3;
  CHECK(csv_layout("5,0,0,0", options, "x.csv").labelled);
  CHECK(contains(error_of([&] { csv_layout("0,0,0", options, "x.csv"); }),
                 "x.csv: line 1: 3 columns, just the network's pixels; put a label before them"));
  options.require_labels = false;
  CHECK(csv_layout("5,0,0,0", options, "x.csv").labelled);
  const CsvLayout layout = csv_layout("0,0,0", options, "x.csv");
  CHECK_FALSE(layout.labelled);
  CHECK(layout.features == 3);
  for (const char* line : {"0,0", "0,0,0,0,0", "a,b", "0"}) {
    CHECK(contains(error_of([&] { csv_layout(line, options, "x.csv"); }),
                   "the network takes 3 pixels a row"));
  }
}

}  // namespace
}  // namespace mnist
