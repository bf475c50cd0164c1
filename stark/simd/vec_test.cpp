#include <gtest/gtest.h>

#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "stark/simd/dispatch.hpp"
#include "stark/simd/vec_test.kernel.hpp"

namespace zkvm::stark {
namespace {

class VecTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (!backend_supported(GetParam())) GTEST_SKIP() << backend_name(GetParam()) << " is not supported here";
    set_backend(GetParam());
    kernels = ZKVM_DISPATCH(VEC_TEST_KERNELS);
    lanes = kernels->lanes;
  }
  /// Edge values with probability one half.
  F random_element() {
    static constexpr uint32_t EDGES[] = {0, 1, 2, F::P - 1, F::P - 2, F::P / 2, F::P / 2 + 1, 1u << 24, 0x01fffffe};
    const uint64_t r = generator();
    if ((r & 1) != 0) return F::from_raw(EDGES[(r >> 1) % std::size(EDGES)]);
    return F::from_raw(static_cast<uint32_t>((r >> 1) % F::P));
  }
  std::vector<F> random_elements(size_t n) {
    std::vector<F> v(n);
    for (F& x : v) x = random_element();
    return v;
  }
  std::vector<E> random_extension(size_t n) {
    std::vector<E> v(n);
    for (E& x : v)
      for (F& c : x.c) c = random_element();
    return v;
  }

  const VecTestKernels* kernels = nullptr;
  size_t lanes = 0;
  std::mt19937_64 generator{20240607};
};

TEST_P(VecTest, base_operations_match_scalar_field) {
  for (int round = 0; round < 2000; ++round) {
    const auto a = random_elements(lanes), b = random_elements(lanes);
    std::vector<F> sum(lanes), difference(lanes), negative(lanes), product(lanes);
    kernels->add(a.data(), b.data(), sum.data());
    kernels->sub(a.data(), b.data(), difference.data());
    kernels->neg(a.data(), negative.data());
    kernels->mul(a.data(), b.data(), product.data());
    for (size_t i = 0; i < lanes; ++i) {
      ASSERT_EQ(sum[i], a[i] + b[i]);
      ASSERT_EQ(difference[i], a[i] - b[i]);
      ASSERT_EQ(negative[i], -a[i]);
      ASSERT_EQ(product[i], a[i] * b[i]);
    }
  }
}

TEST_P(VecTest, field_axioms_hold) {
  std::vector<F> ab(lanes), bc(lanes), ac(lanes), left(lanes), right(lanes), t(lanes);
  for (int round = 0; round < 500; ++round) {
    const auto a = random_elements(lanes), b = random_elements(lanes), c = random_elements(lanes);
    kernels->mul(a.data(), b.data(), ab.data());
    kernels->mul(b.data(), c.data(), bc.data());
    kernels->mul(ab.data(), c.data(), left.data());
    kernels->mul(a.data(), bc.data(), right.data());
    ASSERT_EQ(left, right);
    kernels->mul(b.data(), a.data(), t.data());
    ASSERT_EQ(ab, t);
    kernels->mul(a.data(), c.data(), ac.data());
    kernels->add(b.data(), c.data(), t.data());
    kernels->mul(a.data(), t.data(), left.data());
    kernels->add(ab.data(), ac.data(), right.data());
    ASSERT_EQ(left, right);
    kernels->neg(a.data(), t.data());
    kernels->add(a.data(), t.data(), left.data());
    ASSERT_EQ(left, std::vector<F>(lanes));
  }
}

TEST_P(VecTest, constant_multiplier_accepts_any_32_bit_lane) {
  for (int round = 0; round < 2000; ++round) {
    const F w = random_element();
    std::vector<F> a(lanes), out(lanes);
    for (F& x : a)
      x = F::from_raw(round % 3 == 0 ? 0xffffffffu - static_cast<uint32_t>(generator() % 3)
                                     : static_cast<uint32_t>(generator()));
    kernels->mul_constant(a.data(), w.v, w.v * F::P_INV, out.data());
    for (size_t i = 0; i < lanes; ++i) ASSERT_EQ(out[i], F::from_raw(a[i].v % F::P) * w) << a[i].v;
  }
}

TEST_P(VecTest, accumulator_is_exact_for_extreme_and_random_terms) {
  for (const size_t terms : {0u, 1u, 2u, 3u, 4u, 5u, 16u, 1000u, 20001u}) {
    for (int kind = 0; kind < 3; ++kind) {
      const std::vector<F> top(lanes * terms, F::from_raw(F::P - 1));
      const auto a = kind == 0 ? top : random_elements(lanes * terms);
      const auto b = kind != 2 ? top : random_elements(lanes * terms);
      std::vector<F> by_mac(lanes), by_mac2(lanes);
      kernels->sum_of_products(a.data(), b.data(), terms, by_mac.data(), by_mac2.data());
      for (size_t i = 0; i < lanes; ++i) {
        F expected;
        for (size_t t = 0; t < terms; ++t) expected += a[t * lanes + i] * b[t * lanes + i];
        ASSERT_EQ(by_mac[i], expected) << terms;
        ASSERT_EQ(by_mac2[i], expected) << terms;
      }
    }
  }
}

TEST_P(VecTest, extension_accumulator_variants_agree_with_scalar) {
  for (const size_t terms : {1u, 2u, 7u, 500u}) {
    for (int kind = 0; kind < 2; ++kind) {
      const E top{{F{F::P - 1}, F{F::P - 1}, F{F::P - 1}, F{F::P - 1}, F{F::P - 1}, F{F::P - 1}}};
      const auto a = kind == 0 ? std::vector<F>(lanes * terms, F{F::P - 1}) : random_elements(lanes * terms);
      const auto b = kind == 0 ? std::vector<E>(terms, top) : random_extension(terms);
      std::vector<E> results(4 * lanes);
      E* out[4] = {&results[0], &results[lanes], &results[2 * lanes], &results[3 * lanes]};
      kernels->sum_extension(a.data(), b.data(), terms, out);
      for (size_t i = 0; i < lanes; ++i) {
        E expected;
        for (size_t t = 0; t < terms; ++t) expected += b[t] * a[t * lanes + i];
        for (const E* variant : out) ASSERT_EQ(variant[i], expected) << terms;
      }
    }
  }
}

TEST_P(VecTest, extension_operations_match_scalar) {
  const E top{{F{F::P - 1}, F{F::P - 1}, F{F::P - 1}, F{F::P - 1}, F{F::P - 1}, F{F::P - 1}}};
  std::vector<E> product(lanes), scaled(lanes), sum(lanes), difference(lanes), negative(lanes);
  for (int round = 0; round < 2000; ++round) {
    auto a = random_extension(lanes), b = random_extension(lanes);
    if (round == 0) a.assign(lanes, top), b.assign(lanes, top);
    // Products whose coefficient sums are all maximal or all minimal stress every range correction.
    if (round < 4096 / 64)
      for (size_t i = 0; i < lanes; ++i)
        for (unsigned k = 0; k < 6; ++k) a[i].c[k] = F{(round >> k) & 1 ? F::P - 1 : 0};
    const auto s = random_elements(lanes);
    kernels->mul_extension(a.data(), b.data(), product.data());
    kernels->mul_extension_base(a.data(), s.data(), scaled.data());
    kernels->add_sub_neg_extension(a.data(), b.data(), sum.data(), difference.data(), negative.data());
    for (size_t i = 0; i < lanes; ++i) {
      ASSERT_EQ(product[i], a[i] * b[i]);
      ASSERT_EQ(scaled[i], a[i] * s[i]);
      ASSERT_EQ(sum[i], a[i] + b[i]);
      ASSERT_EQ(difference[i], a[i] - b[i]);
      ASSERT_EQ(negative[i], -a[i]);
    }
  }
}

TEST_P(VecTest, extension_product_of_all_extreme_patterns_matches_scalar) {
  std::vector<E> a(lanes), b(lanes), product(lanes);
  for (uint32_t pattern = 0; pattern < 64 * 64; ++pattern) {
    for (size_t i = 0; i < lanes; ++i)
      for (unsigned k = 0; k < 6; ++k) {
        a[i].c[k] = F{(pattern >> k) & 1 ? F::P - 1 : static_cast<uint32_t>(i)};
        b[i].c[k] = F{(pattern >> (6 + k)) & 1 ? F::P - 1 : static_cast<uint32_t>(i)};
      }
    kernels->mul_extension(a.data(), b.data(), product.data());
    for (size_t i = 0; i < lanes; ++i) ASSERT_EQ(product[i], a[i] * b[i]) << pattern;
  }
}

TEST_P(VecTest, transpose_swaps_rows_and_columns) {
  std::vector<F> square(lanes * lanes);
  for (size_t i = 0; i < square.size(); ++i) square[i] = F{static_cast<uint32_t>(i)};
  kernels->transpose(square.data());
  for (size_t i = 0; i < lanes; ++i)
    for (size_t j = 0; j < lanes; ++j) ASSERT_EQ(square[i * lanes + j].v, j * lanes + i);
}

TEST_P(VecTest, blocks_load_and_store_exactly_the_given_elements) {
  for (unsigned n = 1; n <= 40; ++n) {
    const size_t stride = n + 3;
    // Exactly as long as the block: an access past it is caught by AddressSanitizer.
    std::vector<F> rows((lanes - 1) * stride + n);
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = F{static_cast<uint32_t>(i + 1)};
    std::vector<F> columns(n * lanes);
    kernels->load_block(rows.data(), stride, n, columns.data());
    for (size_t i = 0; i < lanes; ++i)
      for (size_t j = 0; j < n; ++j) ASSERT_EQ(columns[j * lanes + i], rows[i * stride + j]);
    std::vector<F> back(rows.size());
    kernels->store_block(back.data(), stride, n, columns.data());
    for (size_t k = 0; k < rows.size(); ++k)
      ASSERT_EQ(back[k], k % stride < n ? rows[k] : F{}) << "element " << k << " of rows of " << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, VecTest, ::testing::Values(Backend::PORTABLE, Backend::AVX2, Backend::AVX512),
                         [](const auto& info) { return std::string(backend_name(info.param)); });

TEST(Dispatch, portable_is_always_supported) {
  EXPECT_TRUE(backend_supported(Backend::PORTABLE));
  set_backend(Backend::PORTABLE);
  EXPECT_EQ(active_backend(), Backend::PORTABLE);
}

TEST(Dispatch, rejects_unknown_backend_with_expected_and_found) {
  try {
    choose_backend("sse9");
    FAIL() << "accepted";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find("portable, found 'sse9'"), std::string::npos) << e.what();
  }
}

TEST(Dispatch, names_the_backend_asked_for) {
  EXPECT_EQ(choose_backend("portable"), Backend::PORTABLE);
  EXPECT_NO_THROW(choose_backend(nullptr));
  EXPECT_NO_THROW(choose_backend(""));
}

}  // namespace
}  // namespace zkvm::stark
