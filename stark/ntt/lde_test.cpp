#include <gtest/gtest.h>

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "stark/hash/suite.hpp"
#include "stark/ntt/lde.hpp"
#include "stark/simd/dispatch.hpp"

namespace zkvm::stark {
namespace {

const F SHIFT = F::from(3);

void fill_random(Matrix& m, uint64_t seed) {
  std::mt19937_64 generator{seed};
  for (size_t r = 0; r < m.rows(); ++r)
    for (size_t c = 0; c < m.width(); ++c) m.at(r, c) = F::from_raw(static_cast<uint32_t>(generator() % F::P));
}

/// The point of row i of an evaluation matrix.
F point(size_t i, unsigned log_rows, F shift) {
  return shift * F::two_adic_root(log_rows).pow(bit_reverse(i, log_rows));
}

F horner(const Matrix& coefficients, size_t column, F x) {
  F y;
  for (size_t r = coefficients.rows(); r-- > 0;) y = y * x + coefficients.at(r, column);
  return y;
}

/// The value at x of the polynomial that takes the values of a column on the subgroup, by the barycentric formula
/// (x^N - 1) / N * sum_i f(w^i) w^i / (x - w^i): shares nothing with the transforms.
F interpolated_at(const Matrix& trace, size_t column, F x) {
  const unsigned log_rows = trace.log_rows();
  std::vector<F> prefix(trace.rows() + 1, F::one());
  for (size_t i = 0; i < trace.rows(); ++i) prefix[i + 1] = prefix[i] * (x - point(i, log_rows, F::one()));
  F inverse = prefix.back().inverse(), sum;
  for (size_t i = trace.rows(); i-- > 0;) {
    const F w = point(i, log_rows, F::one());
    sum += trace.at(i, column) * w * (inverse * prefix[i]);
    inverse *= x - w;
  }
  return sum * (x.pow(trace.rows()) - F::one()) * F::from(static_cast<uint32_t>(trace.rows())).inverse();
}

class LdeTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (!backend_supported(GetParam())) GTEST_SKIP() << backend_name(GetParam()) << " is not supported here";
    set_backend(GetParam());
  }
};

TEST_P(LdeTest, coefficients_evaluate_to_the_given_values) {
  for (unsigned log_rows = 5; log_rows <= 12; ++log_rows) {
    Matrix values(size_t{1} << log_rows, 3);
    fill_random(values, log_rows);
    Matrix coefficients(values.rows(), values.width());
    for (size_t r = 0; r < values.rows(); ++r)
      for (size_t c = 0; c < values.width(); ++c) coefficients.at(r, c) = values.at(r, c);
    interpolate(coefficients, SHIFT);
    const size_t step = log_rows <= 8 ? 1 : 37;
    for (size_t r = 0; r < values.rows(); r += step)
      for (size_t c = 0; c < values.width(); ++c)
        ASSERT_EQ(horner(coefficients, c, point(r, log_rows, SHIFT)), values.at(r, c)) << log_rows << ' ' << r;
  }
}

TEST_P(LdeTest, coefficients_extend_to_their_evaluations) {
  for (unsigned log_rows = 5; log_rows <= 11; ++log_rows)
    for (const unsigned log_blowup : {0u, 1u, 2u}) {
      Matrix coefficients(size_t{1} << log_rows, 2), out;
      fill_random(coefficients, log_rows);
      extend_from_coefficients(coefficients, log_blowup, SHIFT, out, nullptr);
      ASSERT_EQ(out.rows(), coefficients.rows() << log_blowup);
      const size_t step = log_rows <= 7 ? 1 : 41;
      for (size_t r = 0; r < out.rows(); r += step)
        for (size_t c = 0; c < 2; ++c)
          ASSERT_EQ(out.at(r, c), horner(coefficients, c, point(r, log_rows + log_blowup, SHIFT)))
              << log_rows << ' ' << r;
    }
}

TEST_P(LdeTest, extension_interpolates_the_trace_at_all_sizes) {
  for (unsigned log_rows = 5; log_rows <= 12; ++log_rows)
    for (const unsigned log_blowup : {1u, 2u, 3u}) {
      if (log_blowup > 1 && log_rows > 9) continue;
      const size_t width = log_rows % 2 == 0 ? 5 : 19;
      Matrix trace(size_t{1} << log_rows, width), out;
      fill_random(trace, log_rows);
      low_degree_extend(trace, log_blowup, SHIFT, out, nullptr);
      const size_t step = log_rows <= 6 ? 1 : out.rows() / 61;
      for (size_t r = 0; r < out.rows(); r += step)
        ASSERT_EQ(out.at(r, r % width), interpolated_at(trace, r % width, point(r, log_rows + log_blowup, SHIFT)))
            << log_rows << ' ' << log_blowup << ' ' << r;
    }
}

TEST_P(LdeTest, large_extension_is_right_at_random_places) {
  Matrix trace(size_t{1} << 18, 37), out;
  fill_random(trace, 99);
  low_degree_extend(trace, 1, SHIFT, out, nullptr);
  std::mt19937_64 generator{3};
  for (int i = 0; i < 4; ++i) {
    const size_t r = generator() % out.rows(), c = generator() % trace.width();
    ASSERT_EQ(out.at(r, c), interpolated_at(trace, c, point(r, 19, SHIFT))) << r << ' ' << c;
  }
}

TEST_P(LdeTest, sink_gets_every_row_digest) {
  for (const size_t width : {1u, 16u, 50u, 300u})
    for (const unsigned log_rows : {5u, 6u, 10u, 13u}) {
      Matrix trace(size_t{1} << log_rows, width), out;
      fill_random(trace, width);
      LeafDigests sink(trace.rows() * 2);
      low_degree_extend(trace, 1, SHIFT, out, &sink);
      ASSERT_EQ(sink.digests().size(), out.rows());
      for (size_t r = 0; r < out.rows(); r += (log_rows > 10 ? 97 : 1))
        ASSERT_EQ(sink.digests()[r], Suite::leaf({out.row(r), width})) << width << ' ' << log_rows << ' ' << r;
    }
}

TEST_P(LdeTest, agrees_with_the_portable_backend) {
  for (const size_t width : {1u, 17u, 80u, 301u}) {
    for (const unsigned log_rows : {5u, 8u, 9u, 13u, 14u}) {
      Matrix trace(size_t{1} << log_rows, width), out, reference;
      fill_random(trace, width);
      low_degree_extend(trace, 1, SHIFT, out, nullptr);
      set_backend(Backend::PORTABLE);
      low_degree_extend(trace, 1, SHIFT, reference, nullptr);
      set_backend(GetParam());
      for (size_t r = 0; r < out.rows(); ++r)
        for (size_t c = 0; c < out.stride(); ++c) ASSERT_EQ(out.row(r)[c], reference.row(r)[c]) << r << ' ' << c;
    }
  }
}

TEST_P(LdeTest, padding_lanes_stay_zero) {
  Matrix trace(256, 21), out;
  fill_random(trace, 4);
  low_degree_extend(trace, 1, SHIFT, out, nullptr);
  for (size_t r = 0; r < out.rows(); ++r)
    for (size_t c = out.width(); c < out.stride(); ++c) ASSERT_EQ(out.row(r)[c], F::zero());
}

INSTANTIATE_TEST_SUITE_P(Backends, LdeTest, ::testing::Values(Backend::PORTABLE, Backend::AVX2, Backend::AVX512),
                         [](const auto& info) { return std::string(backend_name(info.param)); });

TEST(Matrix, sixteen_rows_share_a_stride_and_a_cache_line_alignment) {
  for (const size_t rows : {1u, 8u, 16u, 32u, 64u, 1024u, 4096u})
    for (const size_t width : {1u, 16u, 17u, 100u}) {
      Matrix m(rows, width);
      EXPECT_GE(m.stride(), width);
      for (size_t r = 0; r < rows; ++r) {
        ASSERT_EQ(reinterpret_cast<uintptr_t>(m.row(r)) % 64, 0u);
        const size_t first = r & ~size_t{15};
        ASSERT_EQ(m.row(r) - m.row(first), static_cast<std::ptrdiff_t>((r - first) * m.stride()));
      }
    }
}

TEST(Matrix, rejects_bad_shapes) {
  EXPECT_THROW(Matrix(3, 1), std::invalid_argument);
  EXPECT_THROW(Matrix(0, 1), std::invalid_argument);
  EXPECT_THROW(Matrix(64, 1, 7), std::invalid_argument);
  EXPECT_THROW(Matrix(64, 1, 3), std::invalid_argument);
}

TEST(Lde, rejects_sizes_out_of_range) {
  Matrix small(16, 1), fine(32, 1), out;
  EXPECT_THROW(low_degree_extend(small, 1, SHIFT, out, nullptr), std::invalid_argument);
  EXPECT_THROW(low_degree_extend(fine, 20, SHIFT, out, nullptr), std::invalid_argument);
  EXPECT_THROW(low_degree_extend(Matrix(), 1, SHIFT, out, nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace zkvm::stark
