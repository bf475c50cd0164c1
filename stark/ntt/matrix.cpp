#include "stark/ntt/matrix.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

namespace zkvm::stark {
namespace {

/// Five cache lines: the block stride is then an odd multiple of 64 bytes when blocks are a power of two.
constexpr size_t BLOCK_PADDING = 80;

}  // namespace

unsigned Matrix::default_log_block_rows(size_t rows) {
  const unsigned log_rows = rows == 0 ? 0 : static_cast<unsigned>(std::bit_width(rows)) - 1;
  return std::min(log_rows, std::max(4u, (log_rows + 1) / 2));
}

Matrix::Matrix(size_t rows, size_t width, unsigned log_block_rows)
    : rows_(rows), width_(width), log_block_rows_(log_block_rows) {
  if (!std::has_single_bit(rows))
    throw std::invalid_argument("matrix: expected a power of two of rows, found " + std::to_string(rows));
  log_rows_ = static_cast<unsigned>(std::bit_width(rows)) - 1;
  if (log_block_rows < std::min(4u, log_rows_) || log_block_rows > log_rows_)
    throw std::invalid_argument("matrix: expected blocks of 16 to all rows, found 2^" + std::to_string(log_block_rows));
  stride_ = (width + ROW_UNIT - 1) / ROW_UNIT * ROW_UNIT;
  block_stride_ = (stride_ << log_block_rows) + BLOCK_PADDING;
  storage_ = Buffer<F>((rows >> log_block_rows) * block_stride_);
  if (stride_ == width) return;
#pragma omp parallel for schedule(static) if (rows > 4096)
  for (size_t r = 0; r < rows; ++r) std::fill(row(r) + width_, row(r) + stride_, F::zero());
}

}  // namespace zkvm::stark
