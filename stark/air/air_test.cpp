// Compilation of AIRs: canonical bytes, affine messages, degrees, and code that computes what was stated.

#include "stark/air/air.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace zkvm::stark {
namespace {

template <class T>
struct Four {
  T a, b, c, d;
};
template <class T>
struct One {
  T value;
};
constexpr Bus<One> BUS{3, false, "bus"};

Air compile(const std::function<void(AirBuilder&, const Four<Expr>&)>& eval) {
  AirBuilder b(0, 4, 0, 0);
  eval(b, b.main<Four>());
  return Air::compile("test", b);
}
std::vector<uint8_t> bytes(const Air& air) {
  std::vector<uint8_t> out;
  air.serialize(out);
  return out;
}

TEST(Air, bytes_do_not_depend_on_the_order_of_evaluation) {
  // What a compiler may choose: which operand of + and * is built first.
  const Air one = compile([](AirBuilder& b, const Four<Expr>& x) {
    const Expr left = x.a * x.b, right = x.c * x.d;
    b.assert_zero(left + right - x.a, "sum");
  });
  const Air other = compile([](AirBuilder& b, const Four<Expr>& x) {
    const Expr right = x.d * x.c, left = x.b * x.a;
    b.assert_zero(right + left - x.a, "sum");
  });
  EXPECT_EQ(bytes(one), bytes(other));
}

TEST(Air, bytes_tell_different_constraints_apart) {
  const auto base = bytes(compile([](AirBuilder& b, const Four<Expr>& x) { b.assert_zero(x.a * x.b - x.c, "s"); }));
  EXPECT_NE(base, bytes(compile([](AirBuilder& b, const Four<Expr>& x) { b.assert_zero(x.a * x.b - x.d, "s"); })));
  EXPECT_NE(base, bytes(compile([](AirBuilder& b, const Four<Expr>& x) { b.assert_zero(x.c - x.a * x.b, "s"); })));
  EXPECT_NE(base, bytes(compile([](AirBuilder& b, const Four<Expr>& x) {
              b.assert_zero(x.a * x.b - x.c, "s");
              b.assert_zero(x.d, "t");
            })));
  EXPECT_NE(base, bytes(compile([](AirBuilder& b, const Four<Expr>& x) {
              b.assert_zero(x.a * x.b - x.c, "s");
              b.send(BUS, {x.a}, x.b, "m");
            })));
}

TEST(Air, bytes_say_what_slots_mean) {
  // The same code, "slot 1 is zero", of a selector and of the next row's column.
  const auto one_column = [](auto&& eval) {
    AirBuilder b(0, 1, 0, 0);
    eval(b);
    return bytes(Air::compile("test", b));
  };
  EXPECT_NE(one_column([](AirBuilder& b) { b.assert_zero(b.is_first_row(), "s"); }),
            one_column([](AirBuilder& b) { b.assert_zero(b.main_next<One>().value, "s"); }));
}

TEST(Air, code_computes_the_constraints) {
  const Air air = compile([](AirBuilder& b, const Four<Expr>& x) {
    const Expr shared = x.a * x.b + 7;
    b.assert_zero(shared * x.c - x.d * 3, "first");
    b.assert_zero(shared - shared * x.d + (x.a - 5) * (x.b - x.c), "second");
    b.assert_bool(x.d, "third");
  });
  const F a = F::from(11), b = F::from(1000003), c = -F::from(4), d = F::from(77);
  std::vector<F> slots(air.slots());
  slots[0] = a, slots[1] = b, slots[2] = c, slots[3] = d;
  fill_fixed_slots(air, nullptr, slots.data());
  std::vector<F> values;
  evaluate_constraints(air, slots.data(), [&](unsigned i, F v) {
    EXPECT_EQ(i, values.size());
    values.push_back(v);
  });
  const F shared = a * b + F::from(7);
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[0], shared * c - d * F::from(3));
  EXPECT_EQ(values[1], shared - shared * d + (a - F::from(5)) * (b - c));
  EXPECT_EQ(values[2], d * (d - F::one()));
  EXPECT_EQ(air.degree(), 3u);
  EXPECT_EQ(air.constraint_label(1), "second");
}

TEST(Air, messages_are_affine_forms_and_receives_are_negated) {
  const Air air = compile([](AirBuilder& b, const Four<Expr>& x) {
    b.send(BUS, {x.a + 65536 * x.b - 1}, x.c, "send");
    b.receive(BUS, {(x.a - x.a) + x.d}, x.c - 2 * x.d, "receive");
  });
  ASSERT_EQ(air.messages().size(), 2u);
  EXPECT_EQ(air.logup_columns(), 1u);
  const F row[] = {F::from(3), F::from(5), F::from(7), F::from(9)};
  const auto column = [&](uint32_t i) { return row[i]; };
  EXPECT_EQ(air.messages()[0].fields[0].evaluate<F>(column), F::from(3 + 65536 * 5 - 1));
  EXPECT_EQ(air.messages()[0].multiplicity.evaluate<F>(column), F::from(7));
  EXPECT_EQ(air.messages()[1].fields[0].terms.size(), 1u);  // a - a is gone
  EXPECT_EQ(air.messages()[1].multiplicity.evaluate<F>(column), F::from(11));
}

/// Three columns of E in the form segment beside the four main columns, two challenges.
Air compile_with_forms(const std::function<void(AirBuilder&, const Four<Expr>&)>& eval) {
  AirBuilder b(0, 4, 3 * E::DEGREE, 2);
  eval(b, b.main<Four>());
  return Air::compile("test", b);
}
ExtExpr power(AirBuilder& b, unsigned challenge, unsigned exponent) {
  ExtExpr p = b.ext(b.constant(int64_t{1}));
  for (; exponent > 0; --exponent) p = p * b.challenge(challenge);
  return p;
}

TEST(Air, values_of_challenges_alone_are_computed_once) {
  const auto long_sum = [](unsigned terms) {
    return compile_with_forms([&](AirBuilder& b, const Four<Expr>& x) {
      ExtExpr sum = b.ext(b.constant(int64_t{0}));
      for (unsigned i = 0; i < terms; ++i) sum = sum + power(b, 0, i) * power(b, 1, terms - i);
      b.assert_zero(b.form(0) - sum * x.a, "sum");
    });
  };
  // However much there is to compute from challenges, a row costs the same, and the degree is that of columns.
  const Air few = long_sum(2), many = long_sum(40);
  EXPECT_EQ(few.code().size(), many.code().size());
  EXPECT_EQ(many.degree(), 1u);
  EXPECT_EQ(few.fixed_values(std::vector<E>(2).data()).size(), many.fixed_values(std::vector<E>(2).data()).size());
  EXPECT_NE(bytes(few), bytes(many));
}

TEST(Air, derived_values_are_what_was_stated) {
  const Air air = compile_with_forms([](AirBuilder& b, const Four<Expr>& x) {
    const ExtExpr g = b.challenge(0), h = b.challenge(1);
    b.assert_zero((power(b, 0, 3) - h * b.constant(int64_t{5})) * x.b + (g * h - g) * x.c - b.form(1), "mixed");
    b.assert_zero(b.form(2) - power(b, 0, 7), "power");
  });
  const E g{{F::from(3), F::from(1), F::from(4), F::from(1), F::from(5), F::from(9)}},
      h{{F::from(2), F::from(6), F::from(5), F::from(3), F::from(5), F::from(8)}};
  E g7 = E::one();
  for (int i = 0; i < 7; ++i) g7 = g7 * g;
  const E mixed = (g * g * g - h * F::from(5)) * F::from(11) + (g * h - g) * F::from(13);
  std::vector<F> slots(air.slots());
  slots[1] = F::from(11);
  slots[2] = F::from(13);
  for (unsigned d = 0; d < E::DEGREE; ++d) {
    slots[4 + E::DEGREE + d] = mixed.c[d];
    slots[4 + 2 * E::DEGREE + d] = g7.c[d];
  }
  const E challenges[] = {g, h};
  fill_fixed_slots(air, challenges, slots.data());
  unsigned constraints = 0;
  evaluate_constraints(air, slots.data(), [&](unsigned i, F value) {
    EXPECT_TRUE(value.is_zero()) << air.constraint_label(i);
    ++constraints;
  });
  EXPECT_EQ(constraints, 2 * E::DEGREE);
  // Any other challenge gives something else.
  const E others[] = {h, g};
  fill_fixed_slots(air, others, slots.data());
  unsigned wrong = 0;
  evaluate_constraints(air, slots.data(), [&](unsigned, F value) { wrong += value.is_zero() ? 0u : 1u; });
  EXPECT_GT(wrong, E::DEGREE);
}

TEST(Air, bytes_tell_different_derived_values_apart) {
  const auto with = [](unsigned exponent, unsigned challenge) {
    return bytes(compile_with_forms([&](AirBuilder& b, const Four<Expr>& x) {
      b.assert_zero(b.form(0) - power(b, challenge, exponent) * x.a, "power");
    }));
  };
  EXPECT_EQ(with(5, 0), with(5, 0));
  EXPECT_NE(with(5, 0), with(6, 0));
  EXPECT_NE(with(5, 0), with(5, 1));
}

TEST(AirDeathTest, refuses_degree_four_and_messages_that_are_not_affine) {
  EXPECT_DEATH(compile([](AirBuilder& b, const Four<Expr>& x) { b.assert_zero(x.a * x.b * x.c * x.d, "four"); }),
               "\"four\": constraint degree above 3");
  EXPECT_DEATH(compile([](AirBuilder& b, const Four<Expr>& x) { b.send(BUS, {x.a * x.b}, x.c, "product"); }),
               "\"product\": message field is not affine");
  EXPECT_DEATH(compile([](AirBuilder& b, const Four<Expr>& x) { b.send(BUS, {x.a}, x.b * x.c, "count"); }),
               "\"count\": multiplicity is not affine");
}

}  // namespace
}  // namespace zkvm::stark
