/// The model's algebra is not a proof, but its kernels are the real ones: extension against direct evaluation, hashing
/// against BLAKE3's published vectors.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "bench/roofline/extension.hpp"
#include "bench/roofline/model.hpp"

namespace zkvm::bench {
namespace {

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

class Roofline : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_avx512()) GTEST_SKIP() << "the model needs AVX-512";
  }
};

/// Column c holds X^(c + 3) + c X^(rows - 1) + 7.
F polynomial(F x, size_t c, size_t rows) {
  return x.pow(c + 3) + F::from(static_cast<uint32_t>(c)) * x.pow(rows - 1) + F::from(7);
}

TEST_F(Roofline, extension_evaluates_the_columns_on_both_cosets) {
  for (unsigned log_rows : {10u, 13u})
    for (size_t width : {size_t{16}, size_t{48}}) {
      const size_t rows = size_t{1} << log_rows;
      const Extension extension(log_rows, 2);
      HugeBuffer<F> matrix(rows * width), scratch(extension.scratch_size(width)),
          extended(extension.extended_size(width));
      HugeBuffer<uint8_t> digests(2 * rows * DIGEST_BYTES);
      const F w = F::two_adic_root(log_rows);
      for (size_t r = 0; r < rows; ++r)
        for (size_t c = 0; c < width; ++c)
          matrix[r * width + c] = polynomial(w.pow(stark::bit_reverse(r, log_rows)), c, rows);
      extension.run(matrix, scratch, extended, width, digests);
      for (unsigned k = 0; k < Extension::COSETS; ++k) {
        const F shift = F::from(F::GENERATOR) * F::two_adic_root(log_rows + 1).pow(k);
        for (size_t r = 0; r < rows; r += 61)
          for (size_t c = 0; c < width; ++c)
            ASSERT_EQ(extension.row(extended, width, k * rows + r)[c],
                      polynomial(shift * w.pow(stark::bit_reverse(r, log_rows)), c, rows))
                << "coset " << k << ", row " << r << ", column " << c;
      }
    }
}

/// BLAKE3's test vectors hash the bytes 0, 1, ..., 250, 0, 1, ...
TEST_F(Roofline, hash_is_blake3) {
  struct Vector {
    size_t length;
    uint8_t start[8];
  };
  const Vector vectors[] = {
      {64, {0x4e, 0xed, 0x71, 0x41, 0xea, 0x4a, 0x5c, 0xd4}},
      {128, {0xf1, 0x7e, 0x57, 0x05, 0x64, 0xb2, 0x65, 0x78}},
      {1024, {0x42, 0x21, 0x47, 0x39, 0xf0, 0x95, 0xa4, 0x06}},
  };
  for (const Vector& v : vectors) {
    std::vector<uint8_t> input(16 * v.length), output(16 * DIGEST_BYTES);
    for (size_t i = 0; i < 16; ++i)
      for (size_t j = 0; j < v.length; ++j) input[i * v.length + j] = static_cast<uint8_t>(j % 251);
    Blake3x16::hash(input.data(), v.length, v.length, output.data());
    for (size_t i = 0; i < 16; ++i)
      EXPECT_EQ(std::memcmp(output.data() + i * DIGEST_BYTES, v.start, sizeof v.start), 0)
          << v.length << ", lane " << i;
  }
}

TEST_F(Roofline, every_phase_runs_on_any_shape) {
  for (size_t aux : {size_t{0}, size_t{6}, size_t{60}}) {
    const std::vector<ModelPhase> phases = run_model({12, 7, aux, 12, 2, 1});
    EXPECT_EQ(phases.size(), 11u);
    for (const ModelPhase& p : phases) EXPECT_GE(p.seconds, 0) << p.name;
  }
}

}  // namespace
}  // namespace zkvm::bench
