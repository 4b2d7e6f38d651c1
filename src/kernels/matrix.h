// Views of row-major float matrices, the arguments of all kernels.
#pragma once

#include <cstddef>

namespace mnist {

/// rows × columns floats; row r starts at data + r * stride, stride >= columns.
struct Matrix {
  float* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t stride = 0;

  float* row(std::size_t r) const { return data + r * stride; }
  bool empty() const { return rows == 0 || columns == 0; }

  /// Rows [begin, end) and all columns.
  Matrix row_range(std::size_t begin, std::size_t end) const {
    return {row(begin), end - begin, columns, stride};
  }
  /// All rows and columns [begin, end).
  Matrix column_range(std::size_t begin, std::size_t end) const {
    return {data + begin, rows, end - begin, stride};
  }
};

struct ConstMatrix {
  const float* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t stride = 0;

  ConstMatrix() = default;
  ConstMatrix(const float* d, std::size_t r, std::size_t c, std::size_t s)
      : data(d), rows(r), columns(c), stride(s) {}
  ConstMatrix(Matrix m)  // implicit, like the conversion of pointers to const
      : data(m.data), rows(m.rows), columns(m.columns), stride(m.stride) {}

  const float* row(std::size_t r) const { return data + r * stride; }
  bool empty() const { return rows == 0 || columns == 0; }

  ConstMatrix row_range(std::size_t begin, std::size_t end) const {
    return {row(begin), end - begin, columns, stride};
  }
  ConstMatrix column_range(std::size_t begin, std::size_t end) const {
    return {data + begin, rows, end - begin, stride};
  }
};

inline bool has_shape(ConstMatrix x, std::size_t rows, std::size_t columns) {
  return x.rows == rows && x.columns == columns;
}
inline bool same_shape(ConstMatrix x, ConstMatrix y) { return has_shape(x, y.rows, y.columns); }

/// The common shape of several arrays: rows × columns floats, rows `stride` apart.
struct Extent {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t stride = 0;
};

constexpr std::size_t kFloatsPerLine = 16;  // per cache line

/// Columns rounded up so that each row starts on a cache line.
constexpr std::size_t padded_stride(std::size_t columns) {
  return (columns + kFloatsPerLine - 1) / kFloatsPerLine * kFloatsPerLine;
}

/// The stride of a network's matrices: padded, but for long rows not a multiple of 512 bytes,
/// because then the rows would map to few sets of the cache (conflict misses).
constexpr std::size_t row_stride(std::size_t columns) {
  const std::size_t stride = padded_stride(columns);
  return stride >= 256 && stride % 128 == 0 ? stride + kFloatsPerLine : stride;
}

}  // namespace mnist
