#include "kernels/matmul.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "kernels/targets.h"

namespace mnist::kernels {
namespace {

constexpr float kPoison = std::numeric_limits<float>::quiet_NaN();
constexpr float kSentinel = 12345.678f;

/// A matrix inside a larger one: what surrounds it and lies between its rows is `padding`.
struct Padded {
  Padded(std::size_t rows, std::size_t columns, std::size_t stride, float padding)
      : floats((rows + 2) * stride, padding),
        view{floats.data() + stride + (stride - columns) / 2, rows, columns, stride} {}

  void randomize(std::minstd_rand& random) {
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (std::size_t r = 0; r < view.rows; ++r) {
      for (std::size_t c = 0; c < view.columns; ++c) view.row(r)[c] = uniform(random);
    }
  }
  bool padding_is(float padding) const {
    std::size_t outside = 0;
    for (const float x : floats) outside += std::bit_cast<int>(x) == std::bit_cast<int>(padding);
    return outside == floats.size() - view.rows * view.columns;
  }

  std::vector<float> floats;
  Matrix view;
};

struct Shape {
  std::size_t m, k, n;
  std::size_t padding = 0;  // floats between rows
  double zeros = 0;         // the part of A that is zero
};

/// Operands of one product, and what it should be: with one rounding per step and with two.
struct Case {
  Case(Shape s, Op a_op, Op b_op, bool with_bias)
      : shape(s),
        op_a(a_op),
        op_b(b_op),
        a(op_a == Op::kPlain ? operand(s.m, s.k) : operand(s.k, s.m)),
        b(op_b == Op::kPlain ? operand(s.k, s.n) : operand(s.n, s.k)),
        bias(operand(1, s.n)) {
    std::minstd_rand random(static_cast<unsigned>(1 + s.m + 31 * s.k + 961 * s.n));
    a.randomize(random);
    b.randomize(random);
    bias.randomize(random);
    std::bernoulli_distribution is_zero(s.zeros);
    for (std::size_t r = 0; s.zeros > 0 && r < a.view.rows; ++r) {
      for (std::size_t column = 0; column < a.view.columns; ++column) {
        if (is_zero(random)) a.view.row(r)[column] = 0;
      }
    }
    start = with_bias ? bias.view.row(0) : nullptr;
  }

  Padded operand(std::size_t rows, std::size_t columns) const {
    return {rows, columns, columns + shape.padding, kPoison};
  }
  Padded result() const { return {shape.m, shape.n, shape.n + shape.padding, kSentinel}; }

  std::string name() const {
    return fmt::format("{} x {} x {}, padding {}, zeros {}, A {}, B {}, {}", shape.m, shape.k,
                       shape.n, shape.padding, shape.zeros,
                       op_a == Op::kPlain ? "plain" : "transposed",
                       op_b == Op::kPlain ? "plain" : "transposed", start ? "bias" : "no bias");
  }

  /// The naive twin.
  Padded expected(bool fused) const {
    Padded c = result();
    for (std::size_t i = 0; i < shape.m; ++i) {
      for (std::size_t j = 0; j < shape.n; ++j) {
        float sum = start == nullptr ? 0.0f : start[j];
        for (std::size_t k = 0; k < shape.k; ++k) {
          const float x = op_a == Op::kPlain ? a.view.row(i)[k] : a.view.row(k)[i];
          const float y = op_b == Op::kPlain ? b.view.row(k)[j] : b.view.row(j)[k];
          sum = fused ? std::fma(x, y, sum) : x * y + sum;
        }
        c.view.row(i)[j] = sum;
      }
    }
    return c;
  }

  void run(Matrix c) const { matmul(op_a, a.view, op_b, b.view, start, c); }

  Shape shape;
  Op op_a, op_b;
  Padded a, b, bias;
  const float* start = nullptr;
};

/// Calls body(case) for each combination of operands.
template <class Body>
void for_each_case(const Shape& shape, Body body) {
  for (const Op op_a : {Op::kPlain, Op::kTransposed}) {
    for (const Op op_b : {Op::kPlain, Op::kTransposed}) {
      const Case without(shape, op_a, op_b, false);
      const Case with(shape, op_a, op_b, true);
      for (const Case* c : {&without, &with}) {
        INFO(c->name());
        body(*c);
      }
    }
  }
}

/// Where the bits first differ, or an empty string.
std::string difference(const Padded& x, const Padded& y) {
  for (std::size_t r = 0; r < x.view.rows; ++r) {
    for (std::size_t c = 0; c < x.view.columns; ++c) {
      const float a = x.view.row(r)[c];
      const float b = y.view.row(r)[c];
      if (std::bit_cast<std::uint32_t>(a) != std::bit_cast<std::uint32_t>(b)) {
        return fmt::format("row {} column {}: {} and {}", r, c, a, b);
      }
    }
  }
  return {};
}

void check_against_naive(const Shape& shape) {
  for_each_case(shape, [](const Case& c) {
    const Padded once = c.expected(true);
    const Padded twice = c.expected(false);
    for_each_target([&](const Target& target) {
      Padded actual = c.result();
      c.run(actual.view);
      CHECK(difference(actual, target.fused ? once : twice) == "");
      CHECK(actual.padding_is(kSentinel));
    });
  });
}

TEST_CASE("kernels: matmul has the bits of the naive chain at all small sizes") {
  for (const std::size_t m : {1u, 2u, 7u, 13u, 31u}) {
    for (const std::size_t k : {1u, 2u, 3u, 5u, 16u, 33u}) {
      for (std::size_t n = 1; n <= 81; n += n < 20 ? 1 : 15) {
        check_against_naive({m, k, n, n % 3});
      }
    }
  }
}

TEST_CASE("kernels: matmul has the bits of the naive chain however it packs and cuts") {
  check_against_naive({.m = 64, .k = 129, .n = 50});                   // two slabs, none packed
  check_against_naive({.m = 50, .k = 64, .n = 20, .padding = 44});     // few columns left
  check_against_naive({.m = 65, .k = 32, .n = 130, .padding = 1000});  // B packed for its stride
  check_against_naive({.m = 200, .k = 130, .n = 259});                 // A and B packed
  check_against_naive({.m = 20, .k = 200, .n = 290});                  // A and C transposed, not B
  check_against_naive({.m = 9, .k = 1030, .n = 257, .padding = 5});    // three slabs
  check_against_naive({.m = 260, .k = 20, .n = 901});                  // two groups of strips
  check_against_naive({.m = 2060, .k = 9, .n = 33, .padding = 1});     // two blocks of rows
}

TEST_CASE("kernels: matmul that skips zeros has the bits of the naive chain") {
  check_against_naive({.m = 200, .k = 330, .n = 259, .padding = 3, .zeros = 0.5});
  check_against_naive({.m = 197, .k = 64, .n = 96, .zeros = 1});
  check_against_naive({.m = 40, .k = 600, .n = 1100, .zeros = 0.9});    // strips left over
  check_against_naive({.m = 2060, .k = 70, .n = 101, .zeros = 0.8});    // two blocks of rows
  check_against_naive({.m = 200, .k = 1030, .n = 257, .zeros = 0.97});  // many pieces
}

TEST_CASE("kernels: matmul of no depth is the bias, and of no rows or columns nothing") {
  check_against_naive({3, 0, 20, 1});
  check_against_naive({0, 4, 20, 1});
  check_against_naive({3, 4, 0, 1});
  check_against_naive({0, 0, 0, 1});
  for_each_target([](const Target&) {
    float c = kSentinel;
    matmul(Op::kPlain, ConstMatrix(nullptr, 1, 0, 0), Op::kTransposed,
           ConstMatrix(nullptr, 1, 0, 0), nullptr, Matrix{&c, 1, 1, 1});
    CHECK(c == 0);
  });
}

TEST_CASE("kernels: matmul has the same bits in whatever ranges it is computed") {
  // In the second one there are parts whose zeros are skipped and others whose are not.
  const double zeros = GENERATE(0.0, 0.6);
  const Shape shape{.m = 230, .k = 150, .n = 301, .padding = 2, .zeros = zeros};
  for_each_case(shape, [&](const Case& c) {
    for_each_target([&](const Target&) {
      Padded whole = c.result();
      c.run(whole.view);
      for (const std::size_t cut : {1u, 40u, 100u, 229u}) {
        INFO("cut at " << cut);
        Padded rows = c.result();
        Padded columns = c.result();
        const auto part = [&](std::size_t begin, std::size_t row_end, std::size_t column_end) {
          const ConstMatrix a = c.op_a == Op::kPlain
                                    ? ConstMatrix(c.a.view).row_range(begin, row_end)
                                    : ConstMatrix(c.a.view).column_range(begin, row_end);
          matmul(c.op_a, a, c.op_b, c.b.view, c.start, rows.view.row_range(begin, row_end));
          const ConstMatrix b = c.op_b == Op::kPlain
                                    ? ConstMatrix(c.b.view).column_range(begin, column_end)
                                    : ConstMatrix(c.b.view).row_range(begin, column_end);
          matmul(c.op_a, c.a.view, c.op_b, b, c.start == nullptr ? nullptr : c.start + begin,
                 columns.view.column_range(begin, column_end));
        };
        part(0, cut, cut);
        part(cut, shape.m, shape.n);
        CHECK(difference(rows, whole) == "");
        CHECK(difference(columns, whole) == "");
        CHECK(rows.padding_is(kSentinel));
        CHECK(columns.padding_is(kSentinel));
      }
    });
  });
}

TEST_CASE("kernels: matmul_in_blocks goes on with sums that were begun") {
  // In rows, with few columns left over and none, and in blocks, dense and with zeros.
  for (const Shape& shape : {Shape{50, 64, 20}, Shape{20, 40, 10}, Shape{9, 5, 7}, Shape{9, 1, 48},
                             Shape{300, 70, 290}, Shape{300, 140, 290, 0, 0.8}}) {
    const Case c(shape, Op::kTransposed, Op::kPlain, false);
    INFO(c.name());
    const Padded once = c.expected(true);
    const Padded twice = c.expected(false);
    for_each_target([&](const Target& target) {
      const std::size_t stride = padded_stride(shape.n);
      std::vector<float> sums(shape.m * stride, kPoison);
      Padded actual = c.result();
      for (const std::size_t cut : {std::size_t{0}, shape.k / 2, shape.k}) {
        const auto part = [&](std::size_t begin, std::size_t end, const float* start, float* to,
                              std::size_t to_stride) {
          matmul_in_blocks(c.a.view.row_range(begin, end), c.b.view.row_range(begin, end), start,
                           stride, {}, [&](std::size_t row, std::size_t column, Matrix block) {
                             for (std::size_t i = 0; i < block.rows; ++i) {
                               std::copy_n(block.row(i), block.columns,
                                           to + (row + i) * to_stride + column);
                             }
                           });
        };
        part(0, cut, nullptr, sums.data(), stride);
        part(cut, shape.k, sums.data(), actual.view.data, actual.view.stride);
        INFO("cut at " << cut);
        CHECK(difference(actual, target.fused ? once : twice) == "");
        CHECK(actual.padding_is(kSentinel));
      }
    });
  }
}

TEST_CASE("kernels: matmul_in_blocks hands on each element once, with the bits of the chain") {
  // A single block; blocks; blocks of a last narrow strip, of two slabs; too deep for blocks; and
  // with zeros, once with a last block narrower than a vector.
  for (const Shape& shape :
       {Shape{9, 5, 7}, Shape{300, 70, 290}, Shape{81, 530, 897, 3}, Shape{80, 1300, 850, 1},
        Shape{300, 2050, 230}, Shape{300, 70, 290, 0, 0.5}, Shape{81, 530, 897, 3, 0.9},
        Shape{400, 70, 197, 0, 0.5}, Shape{300, 2050, 230, 0, 0.8}}) {
    const Case c(shape, Op::kTransposed, Op::kPlain, false);
    INFO(c.name());
    const Padded once = c.expected(true);
    const Padded twice = c.expected(false);
    for_each_target([&](const Target& target) {
      Padded actual = c.result();
      std::vector<int> taken(shape.m * shape.n);
      const std::size_t stride = padded_stride(shape.n);
      const std::vector<float> used(shape.m * stride);
      const std::vector<const float*> companions{used.data(), used.data()};
      matmul_in_blocks(c.a.view, c.b.view, nullptr, stride, companions,
                       [&](std::size_t row, std::size_t column, Matrix block) {
                         CHECK(block.stride == stride);
                         CHECK(column % kFloatsPerLine == 0);
                         for (std::size_t i = 0; i < block.rows; ++i) {
                           for (std::size_t j = 0; j < block.columns; ++j) {
                             actual.view.row(row + i)[column + j] = block.row(i)[j];
                             ++taken[(row + i) * shape.n + column + j];
                           }
                           std::fill(block.row(i) + block.columns,
                                     block.row(i) + padded_stride(block.columns), kPoison);
                         }
                       });
      CHECK(difference(actual, target.fused ? once : twice) == "");
      CHECK(std::ranges::count(taken, 1) == static_cast<std::ptrdiff_t>(taken.size()));
    });
  }
}

/// A matrix without padding that starts or ends where memory does.
class Guarded {
 public:
  Guarded(std::size_t rows, std::size_t columns, bool at_end) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = rows * columns * sizeof(float);
    const std::size_t inner = (bytes + page - 1) / page * page;
    size_ = inner + 2 * page;
    memory_ =
        static_cast<char*>(mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(memory_ != MAP_FAILED);
    REQUIRE(mprotect(memory_ + page, inner, PROT_READ | PROT_WRITE) == 0);
    char* start = memory_ + page + (at_end ? inner - bytes : 0);
    view = {reinterpret_cast<float*>(start), rows, columns, columns};
  }
  ~Guarded() { munmap(memory_, size_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  Matrix view;

 private:
  char* memory_;
  std::size_t size_;
};

TEST_CASE("kernels: matmul stays inside its operands") {
  for (const bool at_end : {false, true}) {
    for (const Shape& s : {Shape{1, 1, 1}, Shape{5, 3, 7}, Shape{64, 20, 10}, Shape{50, 64, 20},
                           Shape{33, 50, 17}, Shape{7, 5, 65}, Shape{200, 131, 259}}) {
      for (const Op op_a : {Op::kPlain, Op::kTransposed}) {
        for (const Op op_b : {Op::kPlain, Op::kTransposed}) {
          const bool plain_a = op_a == Op::kPlain;
          const bool plain_b = op_b == Op::kPlain;
          const Guarded a(plain_a ? s.m : s.k, plain_a ? s.k : s.m, at_end);
          const Guarded b(plain_b ? s.k : s.n, plain_b ? s.n : s.k, at_end);
          const Guarded bias(1, s.n, at_end);
          const Guarded c(s.m, s.n, at_end);
          for_each_target(
              [&](const Target&) { matmul(op_a, a.view, op_b, b.view, bias.view.data, c.view); });
        }
      }
    }
  }
  SUCCEED("no page fault");
}

}  // namespace
}  // namespace mnist::kernels
