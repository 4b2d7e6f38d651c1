// Parameters of a sweep, with the values that they may take.
#include "fuzz/fuzz_file.h"
#include "sweep/method.h"
#include "sweep/space.h"

void fuzz_one(std::string_view input) {
  using mnist::fuzz::expect_no_more_than_refusal;
  expect_no_more_than_refusal([&] {
    const mnist::Hyperparameter parameter = mnist::parse_grid(input);
    mnist::parse_grid(parameter.name + "=" + mnist::grid_text(parameter));
    mnist::grid_points({parameter});
  });
  expect_no_more_than_refusal([&] {
    const mnist::Hyperparameter parameter = mnist::parse_sample(input);
    mnist::parse_sample(parameter.name + "=" + mnist::sample_text(parameter));
    for (const double u : {0.0, 0.3, 0.999999}) mnist::value_at(parameter, u);
    mnist::random_points({parameter}, 3, 1);
  });
}
