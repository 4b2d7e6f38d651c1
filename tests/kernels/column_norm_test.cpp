#include "kernels/column_norm.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "catch.h"
#include "kernels/padded_matrix.h"
#include "kernels/page_end.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

double norm_of(PaddedMatrix& m, std::size_t column) {
  double sum = 0;
  for (std::size_t r = 0; r < m.rows(); ++r) {
    sum += double{m.at(r, column)} * double{m.at(r, column)};
  }
  return std::sqrt(sum);
}

TEST_CASE("kernels: columns that are too long are scaled to the limit, others keep their bits") {
  for_each_target([](const Target&) {
    for (const std::size_t rows : {0U, 1U, 3U, 50U}) {
      for (const std::size_t columns : {0U, 1U, 7U, 16U, 33U, 256U, 301U}) {
        INFO(rows << " x " << columns);
        PaddedMatrix m(rows, columns);
        fill_normal(m);
        PaddedMatrix before = m;
        const float limit = 0.9F * std::sqrt(static_cast<float>(rows) + 0.1F);
        limit_column_norms(m.view(), limit);
        CHECK(m.padding_intact());
        for (std::size_t c = 0; c < columns; ++c) {
          const double norm = norm_of(before, c);
          const double factor = norm > double{limit} ? double{limit} / norm : 1;
          for (std::size_t r = 0; r < rows; ++r) {
            const double expected = double{before.at(r, c)} * factor;
            if (factor == 1) REQUIRE(m.at(r, c) == before.at(r, c));
            REQUIRE(double{m.at(r, c)} == Approx(expected).margin(1e-9));
          }
        }
      }
    }
  });
}

TEST_CASE("kernels: the bits of a column do not depend on its neighbours") {
  for_each_target([](const Target&) {
    PaddedMatrix m(20, 37);
    fill_normal(m);
    PaddedMatrix parts = m;
    limit_column_norms(m.view(), 4);
    for (const auto& [begin, end] : {std::pair{0U, 16U}, {16U, 17U}, {17U, 37U}}) {
      limit_column_norms(parts.view().column_range(begin, end), 4);
    }
    CHECK(same(m, parts));
  });
}

TEST_CASE("kernels: limiting norms touches nothing past a matrix and lets NaN stay in its column") {
  for_each_target([](const Target&) {
    const PageEnd<float> last(21);
    limit_column_norms({last.data(), 1, 21, 21}, 1);
    PaddedMatrix m(3, 5);
    fill_normal(m);
    m.at(1, 2) = std::numeric_limits<float>::quiet_NaN();
    limit_column_norms(m.view(), 0.01F);
    for (std::size_t c = 0; c < 5; ++c) CHECK(std::isnan(norm_of(m, c)) == (c == 2));
  });
}

}  // namespace
}  // namespace mnist::kernels
