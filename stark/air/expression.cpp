#include "stark/air/expression.hpp"

#include <cassert>

namespace zkvm::stark {

AirBuilder::AirBuilder(unsigned preprocessed_width, unsigned main_width, unsigned form_width, unsigned challenges)
    : widths_{preprocessed_width, main_width, form_width}, challenges_(challenges) {}

Expr AirBuilder::intern(Node node) {
  const auto [it, inserted] = index_.try_emplace(node, static_cast<uint32_t>(nodes_.size()));
  if (inserted) nodes_.push_back(node);
  return {this, it->second};
}

Expr AirBuilder::column(Segment segment, unsigned index, unsigned row_offset) {
  assert(index < widths_[static_cast<unsigned>(segment)] && row_offset <= 1);
  uint32_t flat = index;
  for (unsigned s = 0; s < static_cast<unsigned>(segment); ++s) flat += widths_[s];
  return intern({Node::Kind::COLUMN, flat, row_offset});
}

ExtExpr AirBuilder::form(unsigned index, unsigned row_offset) {
  ExtExpr r;
  for (unsigned i = 0; i < E::DEGREE; ++i) r.c[i] = column(Segment::FORM, E::DEGREE * index + i, row_offset);
  return r;
}

ExtExpr AirBuilder::challenge(unsigned index) {
  assert(index < challenges_);
  ExtExpr r;
  for (unsigned i = 0; i < E::DEGREE; ++i) r.c[i] = intern({Node::Kind::CHALLENGE, E::DEGREE * index + i});
  return r;
}

Expr AirBuilder::constant(F value) { return intern({Node::Kind::CONSTANT, value.v}); }

ExtExpr AirBuilder::ext(Expr base) {
  ExtExpr r;
  r.c[0] = base;
  for (unsigned i = 1; i < E::DEGREE; ++i) r.c[i] = constant(F::zero());
  return r;
}

Expr AirBuilder::binary(Node::Kind kind, Expr a, Expr b) {
  assert(a.builder() == this && b.builder() == this);
  const Node na = nodes_[a.id()], nb = nodes_[b.id()];
  const bool ca = na.kind == Node::Kind::CONSTANT, cb = nb.kind == Node::Kind::CONSTANT;
  const F fa = F::from_raw(na.a), fb = F::from_raw(nb.a);
  switch (kind) {
    case Node::Kind::ADD:
      if (ca && cb) return constant(fa + fb);
      if (ca && fa.is_zero()) return b;
      if (cb && fb.is_zero()) return a;
      break;
    case Node::Kind::SUB:
      if (ca && cb) return constant(fa - fb);
      if (cb && fb.is_zero()) return a;
      break;
    case Node::Kind::MUL:
      if (ca && cb) return constant(fa * fb);
      if ((ca && fa.is_zero()) || (cb && fb.is_zero())) return constant(F::zero());
      if (ca && fa == F::one()) return b;
      if (cb && fb == F::one()) return a;
      break;
    default:
      assert(false);
  }
  uint32_t x = a.id(), y = b.id();
  if (kind != Node::Kind::SUB && x > y) std::swap(x, y);  // commutative: one canonical order
  return intern({kind, x, y});
}

void AirBuilder::assert_zero(Expr value, std::string_view label) {
  constraints_.push_back({value, std::string(label)});
}

void AirBuilder::assert_zero(const ExtExpr& value, std::string_view label) {
  for (unsigned i = 0; i < E::DEGREE; ++i)
    constraints_.push_back({value.c[i], std::string(label) + "[" + std::to_string(i) + "]"});
}

void AirBuilder::add_message(uint16_t bus, bool local, bool send, std::span<const Expr> fields, Expr multiplicity,
                             std::string_view label) {
  messages_.push_back({bus, local, send, multiplicity, {fields.begin(), fields.end()}, std::string(label)});
}

Expr operator+(Expr a, Expr b) { return a.builder()->binary(Node::Kind::ADD, a, b); }
Expr operator-(Expr a, Expr b) { return a.builder()->binary(Node::Kind::SUB, a, b); }
Expr operator*(Expr a, Expr b) { return a.builder()->binary(Node::Kind::MUL, a, b); }
Expr operator-(Expr a) { return a.builder()->constant(F::zero()) - a; }
Expr operator+(Expr a, int64_t k) { return a + a.builder()->constant(k); }
Expr operator*(Expr a, int64_t k) { return a * a.builder()->constant(k); }
Expr operator*(Expr a, F k) { return a * a.builder()->constant(k); }

ExtExpr operator+(const ExtExpr& a, const ExtExpr& b) {
  ExtExpr r;
  for (unsigned i = 0; i < E::DEGREE; ++i) r.c[i] = a.c[i] + b.c[i];
  return r;
}
ExtExpr operator-(const ExtExpr& a, const ExtExpr& b) {
  ExtExpr r;
  for (unsigned i = 0; i < E::DEGREE; ++i) r.c[i] = a.c[i] - b.c[i];
  return r;
}
ExtExpr operator*(const ExtExpr& a, Expr b) {
  ExtExpr r;
  for (unsigned i = 0; i < E::DEGREE; ++i) r.c[i] = a.c[i] * b;
  return r;
}
ExtExpr operator*(const ExtExpr& a, const ExtExpr& b) {
  AirBuilder* builder = a.c[0].builder();
  Expr d[2 * E::DEGREE - 1];
  for (auto& x : d) x = builder->constant(F::zero());
  for (unsigned i = 0; i < E::DEGREE; ++i)
    for (unsigned j = 0; j < E::DEGREE; ++j) d[i + j] = d[i + j] + a.c[i] * b.c[j];
  return {{d[0] - d[6] + d[9], d[1] - d[7] + d[10], d[2] - d[8], d[3] - d[6], d[4] - d[7], d[5] - d[8]}};
}

}  // namespace zkvm::stark
