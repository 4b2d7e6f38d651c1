#include "data/table_form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/test_files.h"

namespace mnist {
namespace {

using test::error_of;
using test::holds;

TableForm form_of(const std::string& text, const DataFileOptions& options = {}) {
  return table_form(text + "\n", options, "x.csv");
}

DataFileOptions network_of(std::size_t features) {
  DataFileOptions options;
  options.features = features;
  options.require_labels = false;
  return options;
}

DataFileOptions unlabelled_too() {
  DataFileOptions options;
  options.require_labels = false;
  return options;
}

// Each of 25 rows by its number.
template <class Row>
std::string rows(Row row) {
  std::string text;
  for (std::size_t r = 0; r < 25; ++r) text += row(r) + "\n";
  return text;
}

TEST_CASE(
    "data: a header is a first row of names, or of numbers that count "
    "the columns") {
  for (const char* header : {"label,pixel0,pixel1", "\"label\",\"a\",\"b\"", "class,0,1",
                             "1x1,1x2,1x3", "digit,a,b", "0,1,2", "1,2,3", ",0,1"}) {
    INFO(header);
    const TableForm form = form_of(std::string(header) + "\n5,0,9\n5,0,0\n4,0,0", unlabelled_too());
    CHECK(form.head_lines == 1);
  }
  // Rows of data, damaged or with a word for the label: a header would be
  // skipped silently.
  for (const char* row : {"abc,0,0,255", "cat,5.1,3.5,1.4", "3.5,0,1,1", "-1,0,0,0", "0,1,1,2"}) {
    INFO(row);
    CHECK(form_of(std::string(row) + "\ndog,4.9,3.2,1.5\ndog,4.9,3.2,1.5", unlabelled_too())
              .head_lines == 0);
  }
  CHECK(form_of("7,0;0,5;0,25\n7,0;0,0;0,0\n4,0;0,75;0,5").head_lines == 0);
  // Rows that count, too.
  CHECK(form_of("0,1,2\n1,2,3\n2,3,4").head_lines == 0);
  // A row of data that pandas made a header of, its values told apart by
  // endings.
  std::string header = "5,0";
  std::string row = "3,0";
  for (int i = 1; i < 12; ++i) {
    header += fmt::format(",0.{}", i);
    row += ",0";
  }
  CHECK(form_of(header + "\n" + row).head_lines == 1);
}

TEST_CASE("data: what stands before the rows is no row") {
  const TableForm form = form_of("\n# made by hand\n\nsep=;\nlabel;a;b\n5;0;1");
  CHECK(form.separator == ';');
  CHECK(form.head_lines == 5);
  CHECK(form.features == 2);
  const TableForm comment = form_of("# label a b\n5 0 1\n4 0 1");
  CHECK(comment.separator == ' ');
  CHECK(holds(comment.reading, "label 'label' (first column)"));
  const TableForm arff = form_of(
      "% digits\n@RELATION x\n\n@ATTRIBUTE 'pixel 1' REAL\n@attribute "
      "pixel2 REAL\n"
      "@attribute sort {a, b}\n\n@DATA\n% rows\n1,2,a\n3,4,b");
  CHECK(arff.head_lines == 9);
  CHECK(holds(arff.reading, "label 'sort' (last column)"));
  CHECK(holds(error_of([] { form_of("@relation x\n@attribute a real\n1,2"); }),
              "x.csv: line 3: '1,2' is no line of an ARFF file's head"));
  CHECK(holds(error_of([] { form_of("@relation x\n@attribute a real"); }), "without '@data'"));
}

TEST_CASE("data: a header tells the label and the id, in any case and place") {
  const auto reading = [](const std::string& header, const std::string& row) {
    return form_of(header + "\n" + row, unlabelled_too()).reading;
  };
  for (const char* name : {"label", "Labels", "CLASS", "target", "y", "Digit"}) {
    CHECK(reading(fmt::format("a,{},b", name), "1,2,3") ==
          fmt::format("label '{}' (column 2)", name));
  }
  for (const char* name : {"id", "Index", "ImageId", "Unnamed: 0"}) {
    CHECK(reading(fmt::format("{},label,a", name), "1,2,3") ==
          fmt::format("id '{}' (first column), label 'label' (column 2)", name));
  }
  CHECK(reading(",label,a", "0,5,0") == "id (first column), label 'label' (column 2)");
  // R names no column of row names.
  CHECK(reading("label,a", "r1,5,0") == "id (first column), label 'label' (column 2)");
  // One label; what else is called so would give it away.
  CHECK(reading("class,label,a", "cat,5,0") == "label 'label' (column 2), without 'class'");
  CHECK(reading("pixel0,pixel1,pixel2", "1,2,3") == "no labels");
  CHECK(reading("number,1x1,1x2", "1,2,3") == "label 'number' (first column)");
  CHECK(holds(error_of([] { form_of("pixel0,pixel1\n1,2"); }),
              "x.csv: line 2: no label: all 2 columns have names of pixels, "
              "as 'pixel1'"));
}

TEST_CASE("data: a header may end in a separator that the rows lack") {
  const TableForm form = form_of("id,diagnosis,a,b,\n12,M,1,2\n34,B,5,6");
  CHECK(form.reading == "id 'id' (first column), label 'diagnosis' (column 2)");
}

TEST_CASE("data: features of a network come in the order of its training data") {
  DataFileOptions options;
  options.feature_names = {"length", "width", "depth"};
  CHECK(form_of("label,length,width,depth\n5,1,2,3", options).feature_names ==
        options.feature_names);
  CHECK(form_of("length,width,depth,label\n1,2,3,5", options).features == 3);
  CHECK(form_of("label,p0,p1,p2\n5,1,2,3", options).features == 3);  // other names say nothing
  CHECK(holds(error_of([&] { form_of("label,length,depth,width\n5,1,3,2", options); }),
              "x.csv: line 2: feature 2 is 'depth', of the training data 'width'; give the columns "
              "in their order"));
}

TEST_CASE("data: without a header the values tell the label") {
  const auto reading = [](const std::string& text, const DataFileOptions& options = {}) {
    return form_of(text, options).reading;
  };
  const auto digit = [](std::size_t r) { return std::to_string(r * 7 % 10); };
  CHECK(reading(rows([&](std::size_t r) { return digit(r) + ",0,0,255"; })) ==
        "label (first column)");
  CHECK(reading(rows([&](std::size_t r) { return "0,0,255," + digit(r); })) ==
        "label (last column)");
  CHECK(reading(rows([&](std::size_t r) { return "5.1,0.2," + digit(r); })) ==
        "label (last column)");
  CHECK(reading(rows([&](std::size_t r) {
          return fmt::format("{},0.5,{}", 4.5 + static_cast<double>(r % 3), r % 2 == 0 ? "a" : "b");
        })) == "label (last column)");
  CHECK(reading(rows([&](std::size_t r) { return fmt::format("{},{},0,7", r, digit(r)); })) ==
        "id (first column), label (column 2)");
  // Both ends could be one, but only the last has the neighbouring numbers of classes.
  const auto pen = [](std::size_t r) { return fmt::format("{},{},", r * 37 % 23, r * 53 % 19); };
  const std::string pens = rows([&](std::size_t r) { return pen(r) + digit(r % 6); });
  CHECK(reading(pens) == "label (last column)");
  DataFileOptions digits = network_of(2);
  digits.known.classes = 9;
  const std::string eight_rows = pens.substr(pens.size() / 2);
  CHECK(reading(eight_rows.substr(eight_rows.find('\n') + 1), digits) == "label (last column)");
  CHECK(reading("6,0,0\n8,0,1\n7,0,1\n5,0,0\n4,0,0\n3,0,0", digits) == "label (first column)");
  CHECK(reading(rows([&](std::size_t r) { return digit(r) + "," + pen(r) + "0"; })) ==
        "label (first column)");
  // Numbers of patients before the words of a diagnosis.
  CHECK(reading(rows([&](std::size_t r) {
          return fmt::format("{},{},0.5,{}", r * 3779 % 1009, r % 2 == 0 ? "M" : "B", r);
        })) == "id (first column), label (column 2)");
  // Ten rows that happen to count have labels.
  CHECK(reading("0,1,1\n1,5,5\n2,0,0\n3,1,1") == "label (first column)");
}

TEST_CASE("data: a network's width tells labels from features") {
  const auto reading = [](const std::string& text, std::size_t features) {
    return form_of(text, network_of(features)).reading;
  };
  CHECK(reading("5,0,0,0", 3) == "label (first column)");
  CHECK(reading("5,0,0,0", 4) == "no labels");
  CHECK(reading(rows([](std::size_t r) { return fmt::format("0,0,7,{}", r % 5); }), 3) ==
        "label (last column)");
  CHECK(reading(rows([](std::size_t) { return std::string("0,0,7,?"); }), 3) ==
        "label (last column)");
  CHECK(reading(rows([](std::size_t r) { return fmt::format("{},0,7", r); }), 2) ==
        "no labels, id (first column)");
  CHECK(reading(rows([](std::size_t r) { return fmt::format("img_{},0,7", r); }), 2) ==
        "no labels, id (first column)");
  for (const char* line : {"0,0", "0,0,0,0,0", "7,7,7,7,7,7"}) {
    CHECK(
        holds(error_of([&] { form_of(line, network_of(3)); }), "the network takes 3 values a row"));
  }
  DataFileOptions labelled = network_of(3);
  labelled.require_labels = true;
  CHECK(holds(error_of([&] { form_of("0,0,0", labelled); }),
              "x.csv: line 1: no label: 3 columns are just the values that "
              "the network takes"));
}

TEST_CASE("data: one-hot columns are a label") {
  const auto hot = [](std::size_t r) {
    std::string bits;
    for (std::size_t c = 0; c < 10; ++c) bits += r * 7 % 10 == c ? "1," : "0,";
    return bits;
  };
  const TableForm first = form_of(rows([&](std::size_t r) { return hot(r) + "0,0,7,0"; }));
  CHECK(first.reading == "label one-hot in columns 1 to 10");
  CHECK(first.features == 4);
  const TableForm last = form_of(rows([&](std::size_t r) {
    std::string bits = hot(r);
    bits.pop_back();
    return "0,9,7,0," + bits;
  }));
  CHECK(last.reading == "label one-hot in columns 5 to 14");
  const TableForm known =
      form_of(rows([&](std::size_t r) { return hot(r) + "0,0,7"; }), network_of(3));
  CHECK(known.reading == "label one-hot in columns 1 to 10");
  // Rows sorted by their labels, of which the first ones show just some.
  for (const int classes : {1, 2}) {
    INFO(classes);
    const TableForm sorted = form_of(rows([&](std::size_t r) {
      std::string bits(static_cast<std::size_t>(10), '0');
      bits[r * static_cast<std::size_t>(classes) / 25] = '1';
      return fmt::format("0,{},1,0,{}", r % 2, fmt::join(bits, ","));
    }));
    CHECK(sorted.reading == "label one-hot in columns 5 to 14");
  }
  const TableForm zeros_behind =
      form_of(rows([](std::size_t) { return std::string("1,0,0,0,0,0,0,0,0,0"); }));
  CHECK(zeros_behind.reading == "label (first column)");
  const TableForm named =
      form_of("is_cat,is_dog,is_hen,pixel0,pixel1,pixel2,pixel3\n" + rows([&](std::size_t r) {
                return std::string(r % 3 == 0 ? "1,0,0" : "0,1,0") + ",1,1,1,1";
              }));
  CHECK(named.hot_labels == std::vector<std::string>{"cat", "dog", "hen"});
}

TEST_CASE("data: flags tell the columns' roles") {
  const auto form = [](ColumnChoice columns, const std::string& text) {
    DataFileOptions options;
    options.columns = std::move(columns);
    return form_of(text, options);
  };
  const std::string text = "a,b,c,d\n1,2,3,4\n5,6,7,8";
  CHECK(form({"c", "", {}}, text).reading == "label 'c' (column 3)");
  CHECK(form({"C", "", {}}, text).reading == "label 'c' (column 3)");
  CHECK(form({"2", "", {}}, text).reading == "label 'b' (column 2)");
  CHECK(form({"last", "first", {"2"}}, text).reading ==
        "id 'a' (first column), label 'd' (last column), without 'b'");
  CHECK(form({"first", "", {"d", "3"}}, text).features == 1);
  CHECK(holds(error_of([&] { form({"x", "", {}}, text); }), "the header names no column 'x'"));
  CHECK(holds(error_of([&] { form({"5", "", {}}, text); }), "no column 5; they are 1 to 4"));
  CHECK(holds(error_of([&] { form({"x", "", {}}, "1,2\n3,4"); }), "give its number"));
  CHECK(holds(error_of([&] { form({"none", "", {}}, text); }), "no label"));
  CHECK(holds(error_of([&] {
                form({"b", "2", {}}, text);
              }),
              "column 2 'b' cannot be label and id"));
  CHECK(holds(error_of([&] {
                form({"first", "", {}}, "1,x,2\n3,y,4");
              }),
              "column 2 holds words such as 'x'"));
}

}  // namespace
}  // namespace mnist
