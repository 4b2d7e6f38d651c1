#include "data/csv_reader.h"

#include <algorithm>
#include <random>

#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::Form;
using test::holds;

constexpr std::size_t kFeatures = 20;

Dataset random_rows(std::size_t rows) {
  std::mt19937 random(11);
  Dataset data;
  data.shape = shape_of_row(kFeatures);
  for (std::size_t r = 0; r < rows; ++r) {
    data.labels.push_back(static_cast<std::int32_t>(r % 10));
    for (std::size_t i = 0; i < kFeatures; ++i) {
      data.pixels.push_back(static_cast<std::uint8_t>(random() % 2 == 0 ? 0 : random() % 256));
    }
  }
  data.classes =
      rows == 0
          ? 0
          : static_cast<std::size_t>(*std::max_element(data.labels.begin(), data.labels.end())) + 1;
  return data;
}

std::string csv(const Dataset& data, const std::string& line_end = "\n") {
  std::string text;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    text += std::to_string(data.labels[r]);
    for (std::size_t i = 0; i < data.features(); ++i) {
      text += ',' + std::to_string(data.row(r)[i]);
    }
    text += line_end;
  }
  return text;
}

void check_same(const Dataset& data, const Dataset& expected) {
  CHECK(data.features() == expected.features());
  CHECK(data.classes == expected.classes);
  CHECK(data.rows() == expected.rows());
  CHECK(std::equal(data.pixels.begin(), data.pixels.end(), expected.pixels.begin(),
                   expected.pixels.end()));
  CHECK(data.labels == expected.labels);
}

Dataset stream(const std::filesystem::path& path, std::size_t max_rows,
               const DataFileOptions& options = {}) {
  Dataset all;
  Dataset block;
  const auto reader = open_data_file(path, options);
  while (reader->next(block, max_rows)) {
    CHECK(block.rows() <= max_rows);
    append_rows(all, block, 0, block.rows());
  }
  CHECK_FALSE(reader->next(block, max_rows));
  return all;
}

/// The same rows, whichever way they are read; the error of it where there is
/// one.
void check_reads(const std::filesystem::path& path, const Dataset& expected) {
  for (const std::size_t threads : {1U, 2U, 3U}) {
    check_same(load_data_file(path, {}, threads), expected);
  }
  check_same(stream(path, 1000), expected);
}

std::string check_fails(const std::filesystem::path& path, const DataFileOptions& options = {}) {
  const std::string text = error_of([&] { load_data_file(path, options, 1); });
  for (int repetition = 0; repetition < 3; ++repetition) {
    CHECK(error_of([&] { load_data_file(path, options, 3); }) == text);
  }
  CHECK(error_of([&] { stream(path, 100, options); }) == text);
  const std::string prefix = path.string() + ": ";
  REQUIRE(text.starts_with(prefix));
  return text.substr(prefix.size());
}

TEST_CASE("data: a CSV file may end its lines and itself in any usual way") {
  const TemporaryDirectory directory;
  for (const std::size_t rows : {1U, 2U, 50U}) {
    const Dataset expected = random_rows(rows);
    for (const std::string header : {"", "label,a,b", "\"label\",0,1"}) {
      for (const std::string line_end : {"\n", "\r\n"}) {
        for (const std::string mark : {"", "\xEF\xBB\xBF"}) {
          std::string text = mark;
          if (!header.empty()) {
            text += header;
            for (std::size_t i = 2; i < kFeatures; ++i) text += ",p" + std::to_string(i);
            text += line_end;
          }
          text += csv(expected, line_end);
          check_reads(directory.write("x.csv", text), expected);
          check_reads(directory.write("x.csv", text + line_end + line_end), expected);
          text.resize(text.size() - line_end.size());
          check_reads(directory.write("x.csv", text), expected);
        }
      }
    }
  }
}

TEST_CASE("data: a CSV file of many chunks comes whole and in order, in every form") {
  const TemporaryDirectory directory;
  const Dataset expected = random_rows(60000);  // 3 MB of text
  const std::string text = csv(expected);
  REQUIRE(text.size() > 3000000);
  for (const Form form : {Form::kPlain, Form::kGzip, Form::kZstd, Form::kZip}) {
    check_reads(directory.write("x", test::packed(form, text)), expected);
  }
  const auto path = directory.write("x", text);
  for (const std::size_t max_rows : {std::size_t{777}, std::size_t{1} << 40}) {
    check_same(stream(path, max_rows), expected);
  }
}

TEST_CASE(
    "data: the first bad row of a CSV file is named, in whichever chunk "
    "it is") {
  const TemporaryDirectory directory;
  const Dataset rows = random_rows(60000);
  const std::string text = csv(rows);
  for (const std::size_t line : {1U, 2U, 17U, 20000U, 59998U, 60000U}) {
    INFO(line);
    std::size_t begin = 0;
    for (std::size_t i = 1; i < line; ++i) begin = text.find('\n', begin) + 1;
    const std::size_t end = text.find('\n', begin);
    const std::string old = text.substr(begin, end - begin);
    const auto with = [&](const std::string& row) {
      std::string bad = text;
      bad.replace(begin, end - begin, row);
      if (line < 59000) bad += "more,bad,rows\n";
      return check_fails(directory.write("x.csv", bad));
    };
    const std::string place = "line " + std::to_string(line) + ": ";
    const std::string widths = line == 1 ? "line 2: 21 columns where the rows before have 22;"
                                         : place + "22 columns where the rows before have 21;";
    CHECK(holds(with(old + ",255"), widths));
    CHECK(with("-1" + old.substr(1)).starts_with(place + "label '-1' in column 1"));
    CHECK(holds(with("x" + old.substr(1)), place + "label 'x' in column 1"));
    CHECK(with(old.substr(0, old.rfind(',')) + ",abc") ==
          place + "value 'abc' in column 21 is no number");
    CHECK(with(old.substr(0, old.rfind(',') + 1)) ==
          place + "value '' in column 21 is no number; fill what is missing");
    const std::string nul = with(old + std::string(1, '\0'));
    CHECK(holds(nul, line < 17 ? "is 0x00: neither a table nor IDX"
                               : place + "holds a NUL byte; this is no text"));
  }
}

TEST_CASE("data: a first line that does not fit ends the reading of all chunks") {
  const TemporaryDirectory directory;
  const std::string text = csv(random_rows(60000));
  DataFileOptions options;
  options.features = 784;
  CHECK(check_fails(directory.write("x.csv", text), options) ==
        "line 1: 21 columns, 21 of them features; the network takes 784 values "
        "a row, with or without "
        "a label");
  CHECK(holds(check_fails(directory.write("x.csv", "5\n" + text)), "line 1: has one column"));
  const std::string endless(std::size_t{1} << 24, '0');
  CHECK(holds(check_fails(directory.write("x.csv", endless + "\n" + text)), "line 1: is longer"));
}

TEST_CASE("data: blank lines are passed over and counted, wherever they are") {
  const TemporaryDirectory directory;
  const Dataset expected = random_rows(50);
  std::string text = csv(expected);
  for (std::size_t i = text.find('\n'); i != std::string::npos; i = text.find('\n', i + 5)) {
    text.replace(i, 1, "\n \t\r\n");
  }
  check_reads(directory.write("x.csv", "\n\n" + text + "\n\n"), expected);
  check_reads(directory.write("x.csv", std::string(200000, '\n') + csv(expected)), expected);
  CHECK(check_fails(directory.write("x.csv", "5,0,1\n\n\n5,0,abc\n")) ==
        "line 4: value 'abc' in column 3 is no number");
}

TEST_CASE("data: a CSV file may separate its values and end its lines as people do") {
  const TemporaryDirectory directory;
  const Dataset expected = random_rows(3000);
  const std::string text = csv(expected);
  const auto with = [&](const std::string& separator, const std::string& line_end) {
    std::string other;
    for (const char c : text) {
      if (c == ',') {
        other += separator;
      } else if (c == '\n') {
        other += line_end;
      } else {
        other += c;
      }
    }
    return other;
  };
  for (const char* separator : {";", "\t", " ", "   ", ", ", " ; ", ","}) {
    INFO(separator);
    for (const char* line_end : {"\n", "\r\n", "\r"}) {
      check_reads(directory.write("x.csv", with(separator, line_end)), expected);
    }
  }
  check_reads(directory.write("x.csv", with(",", ",\n")), expected);
  check_reads(directory.write("x.csv", "sep=;\r\n" + with(";", "\r\n")), expected);
  check_reads(directory.write("x.csv", "# from NumPy\n% and others\n" + text), expected);
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == ','    ? std::string("\",\"")
              : c == '\n' ? std::string("\"\n\"")
                          : std::string(1, c);
  }
  quoted.pop_back();
  check_reads(directory.write("x.csv", quoted), expected);
}

TEST_CASE("data: a CSV file with numbers of another kind is one of floats") {
  const TemporaryDirectory directory;
  const Dataset bytes = random_rows(40000);  // several chunks
  std::string text = csv(bytes);
  const Dataset last = load_data_file(directory.write(
      "x.csv", text + "5" + [] {
        std::string row;
        for (std::size_t i = 0; i < kFeatures; ++i) row += ",-0.5";
        return row + "\n";
      }()));
  REQUIRE(last.rows() == 40001);
  REQUIRE(last.has_floats());
  CHECK(last.pixels.empty());
  CHECK(std::equal(bytes.pixels.begin(), bytes.pixels.end(), last.values.begin()));
  CHECK(last.values.back() == -0.5F);
  CHECK(last.summary.lowest == -0.5F);
  // Whole numbers written as floats are bytes.
  const Dataset whole = load_data_file(directory.write("x.csv", "5,1.0,0.0\n4,2e1,255.0\n"));
  CHECK(whole.pixels == std::vector<std::uint8_t>{1, 0, 20, 255});
  const Dataset scaled = load_data_file(directory.write("x.csv", "5.0,0.25,0.0\n4,1e-1,1\n"));
  CHECK(scaled.values == std::vector<float>{0.25F, 0, 0.1F, 1});
  CHECK(scaled.label_names == std::vector<std::string>{"4", "5"});
  const Dataset german = load_data_file(directory.write("x.csv", "1;0,25;0\n0;1,5;1\n"));
  CHECK(german.values == std::vector<float>{0.25F, 0, 1.5F, 1});
  for (const char* bad : {"nan", "inf", "1.5x", "--1", "0x1", "1e999", ""}) {
    CHECK(holds(check_fails(directory.write("x.csv", "5,0.5,0\n4," + std::string(bad) + ",1\n")),
                "line 2: value '" + std::string(bad) + "' in column 2 is no number"));
  }
}

TEST_CASE("data: lines are counted with the header") {
  const TemporaryDirectory directory;
  CHECK(check_fails(directory.write("x.csv", "label,a,b\n5,0,0\n5,0,abc\n")) ==
        "line 3: value 'abc' in column 3 is no number");
  CHECK(check_fails(directory.write("x.csv", "label,a,b\r\n5,0\r\n")) ==
        "line 2: 2 columns where the header has 3; give every row as many");
}

TEST_CASE("data: a CSV file without rows is an error") {
  const TemporaryDirectory directory;
  for (const char* text : {"label,a,b", "label,a,b\n", "label,a,b\n\n\n"}) {
    CHECK(holds(check_fails(directory.write("x.csv", text)), "no rows"));
  }
  CHECK(holds(check_fails(directory.write("x.csv", "\n\n")), "no rows"));
}

TEST_CASE("data: a CSV line may be longer than a chunk, but not endless") {
  const TemporaryDirectory directory;
  std::string row = "3";
  while (row.size() < 3000000) row += ",0,17,255";
  row += '\n';
  const auto path = directory.write("x.csv", row + row + row);
  const Dataset data = load_data_file(path, {}, 2);
  CHECK(data.rows() == 3);
  CHECK(data.pixels.back() == 255);
  CHECK(std::equal(data.row(0), data.row(1), data.row(2)));

  const std::string endless((std::size_t{1} << 24) + 10, '0');
  CHECK(holds(check_fails(directory.write("x.csv", endless)),
              "line 1: is longer than 16777216 bytes"));
  CHECK(holds(check_fails(directory.write("x.csv", "1,2\n3,4\n" + endless + "\n")),
              "line 3: is longer than 16777216 bytes"));
}

TEST_CASE("data: a row's error comes before the end of a file cut short") {
  const TemporaryDirectory directory;
  std::string text = csv(random_rows(60000));
  const std::string whole = test::packed(Form::kZstd, text);
  CHECK(holds(check_fails(directory.write("x", whole.substr(0, whole.size() - 100))),
              "cannot be read or decompressed"));
  text[0] = 'x';
  const std::string bad = test::packed(Form::kZstd, text);
  CHECK(holds(check_fails(directory.write("x", bad.substr(0, bad.size() - 100))), "line 1: "));
}

TEST_CASE("data: streaming needs no more memory for more rows") {
  const TemporaryDirectory directory;
  const auto path = directory.write("x.csv", csv(random_rows(60000)));
  const auto reader = open_data_file(path);
  Dataset block;
  std::size_t rows = 0;
  while (reader->next(block, 100)) {
    rows += block.rows();
    CHECK(block.pixels.capacity() <= 2 * 100 * kFeatures);
  }
  CHECK(rows == 60000);
}

}  // namespace
}  // namespace mnist
