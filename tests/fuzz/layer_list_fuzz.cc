// Layers as text, and class names.
#include "fuzz/fuzz_file.h"
#include "nn/class_names.h"
#include "nn/layer_list.h"

void fuzz_one(std::string_view input) {
  using mnist::fuzz::expect_no_more_than_refusal;
  expect_no_more_than_refusal([&] { to_string(mnist::parse_layer_list(input)); });
  expect_no_more_than_refusal([&] {
    to_string(mnist::complete_layer_list(input, mnist::Shape{1, 28, 28}, 10));
  });
  expect_no_more_than_refusal([&] { mnist::parse_class_names(input); });
}
