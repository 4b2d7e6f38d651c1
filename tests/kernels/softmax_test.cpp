#include "kernels/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.h"
#include "kernels/padded_matrix.h"
#include "kernels/page_end.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Form {
  const char* name;
  void (*kernel)(ConstMatrix, Matrix, float*);
  bool article;
};
const Form kForms[] = {{"softmax", softmax, false}, {"article softmax", article_softmax, true}};

struct TwinRow {
  std::vector<double> exponents;  // what the exponential is taken of
  std::vector<double> p;
  double log_sum = 0;
};

TwinRow twin_row(const Form& form, const float* z, std::size_t n) {
  TwinRow row;
  double shift = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < n; ++k) shift = std::max(shift, static_cast<double>(z[k]));
  if (form.article) shift = 0;
  double sum = form.article ? 1e-3 : 0;
  for (std::size_t k = 0; k < n; ++k) {
    const auto exact = static_cast<double>(z[k]);
    row.exponents.push_back(form.article ? std::clamp(exact, -5.0, 5.0) : exact - shift);
    row.p.push_back(std::exp(row.exponents.back()));
    sum += row.p.back();
  }
  for (double& p : row.p) p /= sum;
  row.log_sum = shift + std::log(sum);
  return row;
}

template <class Body>
void for_each_target_and_form(Body body) {
  for_each_target([&](const Target&) {
    for (const Form& form : kForms) {
      INFO(form.name);
      body(form);
    }
  });
}

/// Softmax of one row, its log-sum appended.
std::vector<float> row_of(const Form& form, std::vector<float> z) {
  float log_sum = 0;
  const std::size_t n = z.size();
  const Matrix view{z.data(), 1, n, n};
  form.kernel(view, view, &log_sum);
  z.push_back(log_sum);
  return z;
}

TEST_CASE("kernels: softmax equals its twin for any shape, strided, in place and not") {
  for_each_target_and_form([](const Form& form) {
    for (const std::size_t rows :
         std::vector<std::size_t>{0, 1, 2, 67, 130}) {  // rows come in blocks of 64
      for (const std::size_t columns : kSizes) {
        if (rows > 2 && columns > 20) continue;
        INFO(rows << " x " << columns);
        PaddedMatrix z(rows, columns), p(rows, columns, 1), logs(1, rows);
        fill_normal(z, 4);
        form.kernel(z.view(), p.view(), logs.data());
        for (std::size_t r = 0; r < rows; ++r) {
          const TwinRow twin = twin_row(form, z.view().row(r), columns);
          for (std::size_t k = 0; k < columns; ++k) {
            // The exponential magnifies the rounding of its argument; the sum rounds once a column.
            const double tolerance =
                4 + std::abs(twin.exponents[k]) + static_cast<double>(columns) / 16;
            if (!(ulps(p.at(r, k), twin.p[k]) <= tolerance)) {
              FAIL("row " << r << ", column " << k << ": " << p.at(r, k) << ", not " << twin.p[k]);
            }
          }
          if (columns > 0) CHECK(logs.at(0, r) == Approx(twin.log_sum).epsilon(1e-6).margin(1e-6));
        }
        CHECK(z.padding_intact());

        PaddedMatrix in_place = z;
        PaddedMatrix logs_again = logs;
        form.kernel(in_place.view(), in_place.view(), logs_again.data());
        CHECK(same(in_place, p));
        CHECK(same(logs_again, logs));
        form.kernel(z.view(), z.view(), nullptr);
        CHECK(same(z, p));
        CHECK((z.padding_intact() && p.padding_intact() && logs.padding_intact()));
      }
    }
  });
}

TEST_CASE("kernels: softmax reads and writes nothing past the last row") {
  for_each_target_and_form([](const Form& form) {
    for (const std::size_t columns : kSizes) {
      const std::size_t stride = columns + 3;
      const PageEnd<float> z(stride + columns), p(stride + columns), logs(2);
      form.kernel(Matrix{z.data(), 2, columns, stride}, Matrix{p.data(), 2, columns, stride},
                  logs.data());
      SUCCEED();
    }
  });
}

TEST_CASE("kernels: a row's softmax does not depend on the other rows nor on its address") {
  for_each_target_and_form([](const Form& form) {
    for (const std::size_t columns : std::vector<std::size_t>{1, 10, 37}) {
      PaddedMatrix z(70, columns, 1), p(70, columns, 1), logs(1, 70);
      fill_normal(z, 3);
      form.kernel(z.view(), p.view(), logs.data());
      for (std::size_t r = 0; r < z.rows(); ++r) {
        const float* row = z.view().row(r);
        const std::vector<float> alone = row_of(form, std::vector<float>(row, row + columns));
        bool all_same = same(alone.back(), logs.at(0, r));
        for (std::size_t k = 0; k < columns; ++k) all_same &= same(alone[k], p.at(r, k));
        REQUIRE(all_same);
      }
    }
  });
}

TEST_CASE("kernels: softmax of huge and of equal numbers") {
  for_each_target([&](const Target&) {
    for (const std::size_t n : std::vector<std::size_t>{2, 10, 16, 17, 40}) {
      INFO(n << " columns");
      for (const float level : {0.0f, -7.5f, 1e30f, -1e30f, 3.4e38f, -3.4e38f}) {
        const std::vector<float> equal = row_of(kForms[0], std::vector<float>(n, level));
        for (std::size_t k = 0; k < n; ++k) {
          REQUIRE(equal[k] == 1.0f / static_cast<float>(n));
        }
        const auto log_sum = static_cast<float>(level + std::log(static_cast<float>(n)));
        CHECK(equal.back() == Approx(log_sum).epsilon(1e-6));

        // One column that towers above the others, at every place.
        for (std::size_t peak = 0; peak < n; ++peak) {
          for (const float others : {-kInf, -3.4e38f, level - std::abs(level) - 200}) {
            if (others == level) continue;
            std::vector<float> z(n, others);
            z[peak] = level;
            const std::vector<float> p = row_of(kForms[0], z);
            for (std::size_t k = 0; k < n; ++k) REQUIRE(p[k] == (k == peak ? 1.0f : 0.0f));
            REQUIRE(p.back() == level);
          }
        }
      }
    }
  });
}

TEST_CASE("kernels: the article's softmax bounds what it is given") {
  for_each_target([&](const Target&) {
    const std::vector<float> bounded = row_of(kForms[1], {5, -5, 5, -5});
    CHECK(row_of(kForms[1], {1e30f, -1e30f, kInf, -kInf}) == bounded);
    const double sum = 2 * std::exp(5.0) + 2 * std::exp(-5.0) + 1e-3;
    CHECK(bounded[0] == Approx(std::exp(5.0) / sum));
    CHECK(bounded[1] == Approx(std::exp(-5.0) / sum));
    CHECK(bounded[4] == Approx(std::log(sum)));
  });
}

TEST_CASE("kernels: softmax shows a diverged network, in the row that diverged") {
  for_each_target_and_form([](const Form& form) {
    for (const std::size_t columns : std::vector<std::size_t>{1, 3, 10, 16, 17, 40}) {
      for (std::size_t bad = 0; bad < columns; ++bad) {
        for (const float value : {kNan, -kNan, kInf}) {
          if (form.article && value == kInf) continue;  // bounded to 5
          INFO("column " << bad << " of " << columns << " is " << value);
          PaddedMatrix z(3, columns), p(3, columns), logs(1, 3);
          fill_normal(z);
          z.at(1, bad) = value;
          form.kernel(z.view(), p.view(), logs.data());
          bool all_nan = std::isnan(logs.at(0, 1));
          bool others_finite = std::isfinite(logs.at(0, 0)) && std::isfinite(logs.at(0, 2));
          for (std::size_t k = 0; k < columns; ++k) {
            all_nan &= std::isnan(p.at(1, k));
            others_finite &= std::isfinite(p.at(0, k)) && std::isfinite(p.at(2, k));
          }
          REQUIRE(all_nan);
          REQUIRE(others_finite);
        }
      }
    }
    if (!form.article) CHECK(std::isnan(row_of(form, {-kInf, -kInf, -kInf})[0]));
  });
}

}  // namespace
}  // namespace mnist::kernels
