#pragma once
/// \file
/// A chip's compiled arithmetisation: straight-line code for its constraints, and its bus messages as affine forms.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "stark/air/expression.hpp"

namespace zkvm::stark {

constexpr unsigned MAX_CONSTRAINT_DEGREE = 3;

/// constant + sum of coefficient * column over the current row; columns are flat indices (preprocessed, main, form).
struct Affine {
  struct Term {
    uint32_t column;
    F coefficient;
  };
  F constant;
  std::vector<Term> terms;

  /// T is F, E or a packed type; `column(i)` gives the value of flat column i.
  template <class T, class Column>
  T evaluate(Column&& column) const {
    T r = T::zero() + constant;
    for (const Term& t : terms) r += column(t.column) * t.coefficient;
    return r;
  }
};

struct Message {
  uint16_t bus;
  bool local;
  Affine multiplicity;  ///< already negated for a receive
  std::vector<Affine> fields;
  std::string label;
};

/// One operation of the constraint code. Operands are slots: columns of the current row, of the next row (if used), the
/// three selectors, fixed values (challenge coordinates, constants, values derived from these alone), then temporaries,
/// in this order.
struct Instruction {
  enum class Op : uint8_t { ADD, SUB, MUL, ASSERT };
  Op op;
  uint16_t dst;
  uint16_t a;
  uint16_t b;
};

/// The arithmetisation of one chip. Immutable after `compile`.
class Air {
 public:
  /// Runs nothing of the chip: takes what `eval` left in the builder. Aborts (our own bug) if a constraint has a degree
  /// above MAX_CONSTRAINT_DEGREE or a message is not affine in the current row.
  static Air compile(std::string name, const AirBuilder& builder);

  const std::string& name() const { return name_; }
  unsigned preprocessed_width() const { return preprocessed_width_; }
  unsigned main_width() const { return main_width_; }
  unsigned form_width() const { return form_width_; }
  unsigned challenges() const { return challenges_; }
  /// Columns of the current row: preprocessed, then main, then form.
  unsigned columns() const { return preprocessed_width_ + main_width_ + form_width_; }
  bool uses_next() const { return uses_next_; }
  bool uses_selectors() const { return uses_selectors_; }

  const std::vector<Message>& messages() const { return messages_; }
  /// Two messages share one E column; a last odd one has a column of its own.
  unsigned logup_columns() const { return static_cast<unsigned>((messages_.size() + 1) / 2); }
  unsigned logup_width() const { return logup_columns() * E::DEGREE; }
  /// Constraints of the AIR proper, without those that define the LogUp columns.
  unsigned constraints() const { return static_cast<unsigned>(labels_.size()); }
  /// AIR constraints, then one E-valued constraint per LogUp column.
  unsigned total_constraints() const { return constraints() + logup_columns(); }
  const std::string& constraint_label(unsigned i) const { return labels_[i]; }
  unsigned degree() const { return degree_; }
  unsigned max_message_fields() const;

  const std::vector<Instruction>& code() const { return code_; }
  unsigned slots() const { return slots_; }
  unsigned next_slot() const { return columns(); }
  unsigned selector_slot() const { return columns() * (uses_next_ ? 2 : 1); }
  unsigned fixed_slot() const { return selector_slot() + (uses_selectors_ ? 3 : 0); }
  /// What the slots from fixed_slot() on hold in every row; `challenge` holds challenges() elements. Values that
  /// depend on nothing but challenges and constants, such as the powers of a challenge, are computed here, once.
  std::vector<F> fixed_values(const E* challenge) const;

  /// Canonical bytes of everything that defines the statement: widths, code, messages. Input of the AIR digest.
  void serialize(std::vector<uint8_t>& out) const;

 private:
  std::string name_;
  unsigned preprocessed_width_ = 0, main_width_ = 0, form_width_ = 0, challenges_ = 0;
  bool uses_next_ = false, uses_selectors_ = false;
  unsigned degree_ = 0;
  unsigned slots_ = 0;
  std::vector<Message> messages_;
  std::vector<std::string> labels_;
  std::vector<Instruction> code_;
  std::vector<F> constants_;
  /// Code of the derived values: operands index challenge coordinates, constants, then earlier results.
  std::vector<Instruction> derivation_;
  std::vector<uint16_t> derived_;  ///< results of `derivation_` that rows use
};

/// Values of the three row selectors, in slot order.
template <class T>
struct Selectors {
  T is_first, is_last, is_transition;
};

/// Fills the fixed part of a slot array.
template <class T>
void fill_fixed_slots(const Air& air, const E* challenge, T* slots) {
  T* out = slots + air.fixed_slot();
  for (F value : air.fixed_values(challenge)) *out++ = T::zero() + value;
}

/// Interprets the constraint code on scalars T (F or E). `slots` has Air::slots() entries with columns, next-row
/// columns, selectors and fixed values filled in; calls on_constraint(index, value) in order.
template <class T, class OnConstraint>
void evaluate_constraints(const Air& air, T* slots, OnConstraint&& on_constraint) {
  unsigned index = 0;
  for (const Instruction& i : air.code()) {
    switch (i.op) {
      case Instruction::Op::ADD:
        slots[i.dst] = slots[i.a] + slots[i.b];
        break;
      case Instruction::Op::SUB:
        slots[i.dst] = slots[i.a] - slots[i.b];
        break;
      case Instruction::Op::MUL:
        slots[i.dst] = slots[i.a] * slots[i.b];
        break;
      case Instruction::Op::ASSERT:
        on_constraint(index++, slots[i.a]);
        break;
    }
  }
}

}  // namespace zkvm::stark
