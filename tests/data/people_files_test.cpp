// The same rows as public data sets and tools write them: each form is read right.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "data/data_file.h"
#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;

constexpr std::size_t kTableRows = 40;
constexpr std::size_t kTablePixels = 16;

int label_of(std::size_t r) { return static_cast<int>(r * 7 % 10); }
int pixel_of(std::size_t r, std::size_t f) {
  return f % 5 == 0 ? 0 : static_cast<int>((r * 31 + f * 17) % 256);
}

using Cell = std::function<std::string(std::size_t)>;
using Pixel = std::function<std::string(int)>;

std::string plain(int value) { return std::to_string(value); }
std::string fraction(int value) { return fmt::format("{}", value / 255.0); }
std::string label(std::size_t r) { return std::to_string(label_of(r)); }
std::string one_hot(std::size_t r) {
  std::string text;
  for (int c = 0; c < 10; ++c) text += fmt::format("{}{:d}", c > 0 ? "," : "", c == label_of(r));
  return text;
}
std::string truth(std::size_t r) {
  std::string text;
  for (int c = 0; c < 10; ++c) {
    text += fmt::format("{}{}", c > 0 ? "," : "", c == label_of(r) ? "True" : "False");
  }
  return text;
}

// "NAME0,NAME1,..." for n columns.
std::string names(const std::string& name, std::size_t n, std::size_t first = 0) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) {
    text += fmt::format("{}{}{}", i > 0 ? "," : "", name, first + i);
  }
  return text;
}

// A table of cells before the pixels, the pixels, and cells behind them; header "" is none.
std::string table(const std::string& header, const Cell& before, const Cell& behind = {},
                  const Pixel& pixel = plain) {
  std::string text = header.empty() ? "" : header + "\n";
  for (std::size_t r = 0; r < kTableRows; ++r) {
    std::string line = before ? before(r) : "";
    for (std::size_t f = 0; f < kTablePixels; ++f) {
      line += (line.empty() ? "" : ",") + pixel(pixel_of(r, f));
    }
    text += line + (behind ? "," + behind(r) : "") + "\n";
  }
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string arff() {
  std::string text = "% made by a tool\n@RELATION digits\n\n";
  for (std::size_t f = 0; f < kTablePixels; ++f) {
    text += fmt::format("@ATTRIBUTE pixel{} REAL\n", f);
  }
  return text + "@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}\n\n@DATA\n" + table("", {}, label);
}

std::string svmlight() {
  std::string text;
  for (std::size_t r = 0; r < kTableRows; ++r) {
    text += label(r);
    for (std::size_t f = 0; f < kTablePixels; ++f) {
      const bool last = f + 1 == kTablePixels;  // or the rows would be narrower
      if (pixel_of(r, f) != 0 || last) text += fmt::format(" {}:{}", f + 1, pixel_of(r, f));
    }
    text += " \n";
  }
  return text;
}

struct File {
  const char* what;
  std::string text;
};

std::vector<File> files() {
  const std::string pixels = names("pixel", kTablePixels);
  const std::string first = table("label," + pixels, label);
  const std::string bare = table("", label);
  const Cell index = [](std::size_t r) { return std::to_string(r) + "," + label(r); };
  const Cell file_name = [](std::size_t r) { return fmt::format("img_{}.png,{}", r, label(r)); };
  const Cell float_label = [](std::size_t r) { return label(r) + ".0"; };
  const Pixel one_decimal = [](int v) { return fmt::format("{}.0", v); };
  const Pixel scientific = [](int v) { return fmt::format("{:.18e}", static_cast<double>(v)); };
  const Cell far_id = [](std::size_t r) { return std::to_string(5000 + r * 37 % 1009); };
  const Cell twice = [](std::size_t r) { return fmt::format("{},{},{}", r, r * 7 % 41, label(r)); };
  const Cell with_word = [](std::size_t r) { return label(r) + (r % 3 == 0 ? ",train" : ",test"); };
  const auto with_far_id = [&](std::size_t r) { return far_id(r) + "," + label(r); };
  std::string quoted = "\"" + replaced(replaced(first, ",", "\",\""), "\n", "\"\n\"");
  quoted.pop_back();
  return {
      {"Kaggle: label first", first},
      {"OpenML: class last", table(pixels + ",class", {}, label)},
      {"OpenML as ARFF", arff()},
      {"libsvm", svmlight()},
      {"a label in the middle of names", table("id,Digit," + pixels, index)},
      {"target last of numbered names", table(names("", kTablePixels) + ",target", {}, label)},
      {"pandas: an index without a name", table(",label," + pixels, index)},
      {"pandas: Unnamed: 0", table("Unnamed: 0,label," + pixels, index)},
      {"ids as words", table("filename,label," + pixels, file_name)},
      {"an index in any order", table("", with_far_id)},
      {"an id of another name", table("ImageNumber,label," + pixels, with_far_id)},
      {"an id of another name beside x0, x1, ...",
       table("number,class," + names("x", kTablePixels), with_far_id)},
      {"pandas twice: Unnamed: 0.1", table("Unnamed: 0.1,Unnamed: 0,label," + pixels, twice)},
      {"a split beside the label", table("label,split," + pixels, with_word)},
      {"an empty column that pandas made",
       table("label," + pixels + ",Unnamed: 17", label, [](std::size_t) { return std::string(); })},
      {"ids without a header", table("", index)},
      {"pandas: 0,1,2,... as a header", table(names("", kTablePixels + 1), label)},
      {"1,2,3,... as a header", table(names("", kTablePixels + 1, 1), label)},
      {"no header, label first", bare},
      {"no header, label last", table("", {}, label)},
      {"no header, fractions, label last", table("", {}, label, fraction)},
      {"fractions", table("label," + pixels, label, {}, fraction)},
      {"fractions in German",
       replaced(replaced(table("", label, {}, fraction), ",", ";"), ".", ",")},
      {"labels and fractions in German",
       replaced(replaced(table("", float_label, {},
                               [](int v) { return fmt::format("{:.6f}", v / 255.0); }),
                         ",", ";"),
                ".", ",")},
      {"labels as floats", table("label," + pixels, float_label)},
      {"pixels as floats", table("label," + pixels, label, {}, one_decimal)},
      {"numpy.savetxt", replaced(table("", float_label, {}, scientific), ",", " ")},
      {"semicolons", replaced(first, ",", ";")},
      {"tabs", replaced(first, ",", "\t")},
      {"bars", replaced(first, ",", "|")},
      {"commas and blanks", replaced(first, ",", ", ")},
      {"blanks", replaced(bare, ",", "  ")},
      {"CR alone", replaced(first, "\n", "\r")},
      {"CRLF", replaced(first, "\n", "\r\n")},
      {"a comma at the end", replaced(first, "\n", ",\n")},
      {"quotes", quoted},
      {"Excel's sep=", "sep=;\r\n" + replaced(replaced(first, ",", ";"), "\n", "\r\n")},
      {"a byte order mark", "\xEF\xBB\xBF" + first},
      {"comments and blank lines", "# a\n\n% b\n" + replaced(first, "\n", "\n\n")},
      {"one-hot first", table("", one_hot)},
      {"one-hot last", table("", {}, one_hot)},
      {"one-hot by name", table(names("is_", 10) + "," + pixels, one_hot)},
      {"pandas.get_dummies", table(pixels + "," + names("digit_", 10), {}, truth)},
  };
}

TEST_CASE("data: the same rows as public data sets and tools write them") {
  const TemporaryDirectory directory;
  for (const File& file : files()) {
    INFO(file.what);
    DataFileOptions of_network;
    of_network.features = kTablePixels;
    const auto path = directory.write("x", file.text);
    for (const DataFileOptions& options : {DataFileOptions{}, of_network}) {
      const Dataset data = load_data_file(path, options);
      REQUIRE(data.rows() == kTableRows);
      REQUIRE(data.features() == kTablePixels);
      CHECK(data.classes == 10);
      std::size_t wrong = 0;
      for (std::size_t r = 0; r < kTableRows; ++r) {
        wrong += data.labels[r] != label_of(r) ? 1U : 0U;
        for (std::size_t f = 0; f < kTablePixels; ++f) {
          const float value =
              data.has_floats() ? data.float_row(r)[f] * 255 : static_cast<float>(data.row(r)[f]);
          wrong += std::abs(value - static_cast<float>(pixel_of(r, f))) > 1e-3F ? 1U : 0U;
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("data: rows without labels, for a network") {
  const TemporaryDirectory directory;
  const std::string pixels = names("pixel", kTablePixels);
  const Cell id = [](std::size_t r) { return std::to_string(r); };
  DataFileOptions options;
  options.features = kTablePixels;
  options.require_labels = false;
  struct Unlabelled {
    std::string text;
    bool ids;
  };
  for (const auto& [text, ids] :
       {Unlabelled{table(pixels, {}), false}, Unlabelled{table("", {}), false},
        Unlabelled{table(names("", kTablePixels), {}), false},
        Unlabelled{table("id," + pixels, id), true}, Unlabelled{table("," + pixels, id), true},
        Unlabelled{table("", id), true}}) {
    INFO(text.substr(0, 60));
    const Dataset data = load_data_file(directory.write("x", text), options);
    CHECK(data.rows() == kTableRows);
    CHECK_FALSE(data.labelled());
    CHECK(data.row(1)[1] == pixel_of(1, 1));
    REQUIRE(data.ids.empty() == !ids);
    if (ids) CHECK(data.ids[7] == "7");
  }
  CHECK(holds(error_of([&] { load_data_file(directory.write("x", table(pixels, {}))); }),
              "no label"));
}

TEST_CASE("data: labels are those of the data") {
  const TemporaryDirectory directory;
  const auto labels = [&](const Cell& cell) {
    const Dataset data =
        load_data_file(directory.write("x", table("label," + names("p", kTablePixels), cell)));
    std::vector<std::string> all;
    for (std::size_t c = 0; c < data.classes; ++c) all.push_back(data.label_name(c));
    return all;
  };
  using Names = std::vector<std::string>;
  CHECK(labels([](std::size_t r) { return std::to_string(r % 3 + 1); }) == Names{"1", "2", "3"});
  CHECK(labels([](std::size_t r) { return std::to_string(r % 3 * 20); }) == Names{"0", "20", "40"});
  CHECK(labels([](std::size_t r) { return r % 2 == 0 ? "-1" : "+1"; }) == Names{"-1", "1"});
  CHECK(labels([](std::size_t r) { return r % 2 == 0 ? "cat" : "\"a, b\""; }) ==
        Names{"a, b", "cat"});
  // Quoted or padded where it was not before.
  std::string far = table("label," + names("p", kTablePixels),
                          [](std::size_t r) { return r % 2 == 0 ? "cat" : "dog"; });
  const std::string row = far.substr(far.rfind("dog") + 3);
  for (int i = 0; i < 99; ++i) far += "dog" + row;
  far += "\"cat\"" + row + "dog " + row;
  CHECK(load_data_file(directory.write("x", far)).label_names == Names{"cat", "dog"});
  CHECK(labels([](std::size_t r) { return r < 39 ? r % 2 == 0 ? "cat" : "dog" : "\"cat\""; }) ==
        Names{"cat", "dog"});
  // Weka's quotation marks.
  std::string weka = arff();
  weka = replaced(weka, "class {0,1,2,3,4,5,6,7,8,9}", "class {'a, b','0'}");
  weka = weka.substr(0, weka.find("@DATA")) + "@DATA\n";
  const std::string zeros = replaced(std::string(kTablePixels, '7'), "7", "7,");
  const Dataset data = load_data_file(
      directory.write("x", weka + zeros + "'a, b'\n" + zeros + "'0'\n" + zeros + "'a, b'\n"));
  CHECK(data.label_names == Names{"0", "a, b"});
}

TEST_CASE("data: what cannot be read is named, with what to do") {
  const TemporaryDirectory directory;
  const std::string pixels = names("pixel", kTablePixels);
  const std::string first = table("label," + pixels, label);
  const auto error = [&](const std::string& text) {
    return error_of([&] { load_data_file(directory.write("x", text)); });
  };
  CHECK(holds(error(replaced(first, "label", "\"la\nbel\"")), "line 1: a quotation mark"));
  CHECK(holds(error(replaced(first, "\n7,", "\n\"7\n\",")), "a quotation mark is not closed"));
  CHECK(holds(error("@relation x\n@attribute a real\n@attribute class {0,1}\n@data\n{0 1, 1 1}\n"),
              "sparse rows of ARFF"));
  for (const std::string word : {"NaN", "?", "N/A", "null"}) {
    const Cell missing = [&](std::size_t r) { return r == 4 ? word : r % 2 == 0 ? "a" : "b"; };
    CHECK(
        holds(error(table("label," + pixels, missing)), "line 6: label '" + word + "' says that"));
  }
  CHECK(holds(error(first + "Total" + replaced(std::string(kTablePixels, '7'), "7", ",7") + "\n"),
              "line 42: label 'Total' in column 1 is no number, the others are; mend the row"));
  // An 8 x 8 image of which the last pixel could be a label.
  std::string corner;
  for (std::size_t r = 0; r < kTableRows; ++r) {
    corner += "0" + replaced(std::string(62, '7'), "7", ",7") + fmt::format(",{}\n", r % 3);
  }
  CHECK(holds(error(corner), "no label: 64 columns are just an image of 8x8"));
  std::string wide = "\xFF\xFE";
  for (const char c : first) wide += std::string(1, c) + '\0';
  CHECK(holds(error(wide), "UTF-16"));
  const std::string packed =
      test::packed(test::Form::kGzip, test::packed(test::Form::kGzip, first));
  CHECK(holds(error(test::zip({{"a.csv.gz.gz", packed}})), "inside of an archive"));
  CHECK(
      holds(error(test::zip({{"a.zip", test::zip({{"a.csv", first}})}})), "inside of an archive"));
}

}  // namespace
}  // namespace mnist
