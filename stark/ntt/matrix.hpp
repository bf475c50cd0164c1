#pragma once
/// \file
/// The shape of all large data in the prover: a row-major matrix of field elements.

#include <cstddef>

#include "stark/field/koalabear.hpp"
#include "stark/simd/buffer.hpp"

namespace zkvm::stark {

/// Rows x width elements of F, rows a power of two. What a row index means (bit-reversed evaluation points, coefficient
/// index) is said by whoever fills it.
///
/// Rows lie in blocks of 2^log_block_rows rows; inside a block, row r + 1 follows row r at stride() elements, which is
/// width rounded up to ROW_UNIT so that every row starts on a cache line. Blocks are set apart by some padding: the
/// transforms step from block to block, and steps of a power of two would hit the same cache set. Blocks have at least
/// 16 rows (or all rows), so rows 16k .. 16k + 15 are always at one stride. The lanes between width and stride are
/// zero.
class Matrix {
 public:
  static constexpr size_t ROW_UNIT = 16;

  Matrix() = default;
  /// Contents undefined except for the zero padding lanes. Blocks of about the square root of rows.
  Matrix(size_t rows, size_t width) : Matrix(rows, width, default_log_block_rows(rows)) {}
  Matrix(size_t rows, size_t width, unsigned log_block_rows);

  size_t rows() const { return rows_; }
  size_t width() const { return width_; }
  unsigned log_rows() const { return log_rows_; }
  /// Elements between consecutive rows of a block.
  size_t stride() const { return stride_; }
  F* row(size_t r) { return storage_.data() + offset(r); }
  const F* row(size_t r) const { return storage_.data() + offset(r); }
  F& at(size_t r, size_t column) { return row(r)[column]; }
  F at(size_t r, size_t column) const { return row(r)[column]; }
  bool empty() const { return rows_ == 0; }
  size_t bytes() const { return storage_.size() * sizeof(F); }

  unsigned log_block_rows() const { return log_block_rows_; }
  /// Elements between the first rows of consecutive blocks.
  size_t block_stride() const { return block_stride_; }

  static unsigned default_log_block_rows(size_t rows);

 private:
  size_t offset(size_t r) const {
    return (r >> log_block_rows_) * block_stride_ + (r & ((size_t{1} << log_block_rows_) - 1)) * stride_;
  }

  size_t rows_ = 0, width_ = 0, stride_ = 0, block_stride_ = 0;
  unsigned log_rows_ = 0, log_block_rows_ = 0;
  Buffer<F> storage_;
};

}  // namespace zkvm::stark
