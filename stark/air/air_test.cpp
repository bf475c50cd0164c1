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
