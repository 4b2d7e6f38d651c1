#include "data/label_index.h"

#include "data/test_files.h"

namespace mnist {
namespace {

using test::holds;

TEST_CASE("data: labels are numbers until a word comes") {
  LabelIndex labels({});
  CHECK(labels.of("7") == 7);
  CHECK(labels.of("7.0") == 7);
  CHECK(labels.of(std::int64_t{3}) == 3);
  CHECK(labels.of(2.0) == 2);
  CHECK_FALSE(labels.of(1.5));
  CHECK(labels.names().empty());
  CHECK(labels.of("cat") == 8);
  CHECK(labels.of("7e0") == 7);
  CHECK(labels.of("-1") == 9);
  CHECK(labels.names().back() == "-1");
  Dataset data;
  data.labels = {1, 8};
  labels.set_classes(data);
  CHECK(data.classes == 10);
  CHECK(data.label_names == labels.names());
  for (const char* bad : {"", "1.5", "a\nb", "caf\xE9"}) CHECK_FALSE(labels.of(bad));
  CHECK(labels.problem().starts_with("label 'caf?' is not UTF-8; iconv"));
  CHECK(labels.of("2,0", true) == labels.of("2"));
}

TEST_CASE("data: labels that a network does not know are named") {
  LabelIndex numbers({3, {}});
  CHECK(numbers.of("2") == 2);
  CHECK_FALSE(numbers.of("3"));
  CHECK(numbers.problem() == "label 3 is beyond the network's 3 classes; they are 0 to 2");
  CHECK_FALSE(numbers.of("cat"));
  CHECK(numbers.problem() == "label 'cat': the network's labels are 0 to 2");
  Dataset data;
  data.labels = {1, 0};
  numbers.set_classes(data);
  CHECK(data.classes == 2);
  CHECK(data.label_names.empty());
  LabelIndex names({2, {"1", "cat"}});
  CHECK(names.of("1.0") == 0);
  CHECK(names.of("cat") == 1);
  CHECK_FALSE(names.of("0"));
  CHECK(names.problem() == "label '0' is none of the network's 2: 1, cat");
}

TEST_CASE("data: there are as many classes as labels, in order") {
  Dataset data;
  data.labels = {3, 1, 3};
  data.classes = 4;
  settle_labels(data);
  CHECK(data.classes == 2);
  CHECK(data.labels == std::vector<std::int32_t>{1, 0, 1});
  CHECK(data.label_names == std::vector<std::string>{"1", "3"});

  data.labels = {0, 1, 2, 3, 4};
  data.classes = 5;
  data.label_names = {"10", "dog", "9", "cat", "-1"};
  settle_labels(data);
  CHECK(data.label_names == std::vector<std::string>{"-1", "9", "10", "cat", "dog"});
  CHECK(data.labels == std::vector<std::int32_t>{2, 4, 1, 3, 0});

  data.labels = {1, 0, 2};
  data.classes = 3;
  data.label_names = {"2", "0", "1"};
  settle_labels(data);
  CHECK(data.label_names.empty());
  CHECK(data.labels == std::vector<std::int32_t>{0, 2, 1});
}

}  // namespace
}  // namespace mnist
