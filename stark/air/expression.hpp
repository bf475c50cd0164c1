#pragma once
/// \file
/// Symbolic expressions over the columns of one table. A chip's `eval` runs once, on these; what it builds is compiled
/// into an Air (air.hpp), which the prover's SIMD evaluation, the verifier at the out-of-domain point, the degree
/// counter and the debug checker all interpret. One description, so they cannot disagree, and a new chip costs no
/// kernel code.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stark/field/extension.hpp"

namespace zkvm::stark {

class AirBuilder;

/// Where a column lives. FORM columns are committed between barrier A and barrier B.
enum class Segment : uint8_t { PREPROCESSED, MAIN, FORM };

/// A handle to a node of the builder's expression graph. Trivially copyable, so that a chip's column struct can hold
/// it.
class Expr {
 public:
  Expr() = default;
  Expr(AirBuilder* builder, uint32_t id) : builder_(builder), id_(id) {}
  uint32_t id() const { return id_; }
  AirBuilder* builder() const { return builder_; }

  friend Expr operator+(Expr a, Expr b);
  friend Expr operator-(Expr a, Expr b);
  friend Expr operator*(Expr a, Expr b);
  friend Expr operator-(Expr a);
  // Integer constants are taken modulo p; negative ones allowed.
  friend Expr operator+(Expr a, int64_t k);
  friend Expr operator+(int64_t k, Expr a) { return a + k; }
  friend Expr operator-(Expr a, int64_t k) { return a + (-k); }
  friend Expr operator-(int64_t k, Expr a) { return (-a) + k; }
  friend Expr operator*(Expr a, int64_t k);
  friend Expr operator*(int64_t k, Expr a) { return a * k; }
  friend Expr operator*(Expr a, F k);
  friend Expr operator*(F k, Expr a) { return a * k; }

 private:
  AirBuilder* builder_ = nullptr;
  uint32_t id_ = 0;
};

/// An E-valued expression: six base expressions, used by chips with form columns and accumulator challenges.
struct ExtExpr {
  Expr c[E::DEGREE];

  friend ExtExpr operator+(const ExtExpr& a, const ExtExpr& b);
  friend ExtExpr operator-(const ExtExpr& a, const ExtExpr& b);
  friend ExtExpr operator*(const ExtExpr& a, const ExtExpr& b);
  friend ExtExpr operator*(const ExtExpr& a, Expr b);
};

struct Node {
  enum class Kind : uint8_t {
    CONSTANT,   ///< a = Montgomery residue
    COLUMN,     ///< a = flat column index, b = row offset (0 or 1)
    CHALLENGE,  ///< a = base coordinate of the accumulator challenges: 6 * index + coordinate
    IS_FIRST,   ///< Lagrange selectors of the trace domain, scaled: nonzero exactly on the named rows
    IS_LAST,
    IS_TRANSITION,
    ADD,
    SUB,
    MUL
  };
  Kind kind;
  uint32_t a = 0;
  uint32_t b = 0;
  friend bool operator==(const Node&, const Node&) = default;
};

/// One LogUp message of a table as the chip states it; fields and multiplicity are affine in the row's columns.
struct MessageExpr {
  uint16_t bus;
  bool local;
  bool send;  ///< false: the multiplicity is subtracted
  Expr multiplicity;
  std::vector<Expr> fields;
  std::string label;
};

struct ConstraintExpr {
  Expr value;
  std::string label;
};

/// A bus and the layout of its messages, written once: `Message<T>` is a standard-layout struct of T only.
/// A local bus balances within every shard, a global one over all shards.
template <template <class> class Message>
struct Bus {
  uint16_t id;
  bool local;
  const char* name;

  template <class T>
  static constexpr size_t FIELDS = sizeof(Message<T>) / sizeof(T);
};

/// Collects what a chip's `eval` states. Column counts are fixed at construction.
class AirBuilder {
 public:
  AirBuilder(unsigned preprocessed_width, unsigned main_width, unsigned form_width, unsigned challenges);
  AirBuilder(const AirBuilder&) = delete;
  AirBuilder& operator=(const AirBuilder&) = delete;

  /// The row's columns as the chip's own struct of Expr.
  template <template <class> class Columns>
  Columns<Expr> columns(Segment segment, unsigned row_offset = 0) {
    static_assert(sizeof(Columns<Expr>) % sizeof(Expr) == 0);
    Columns<Expr> out;
    Expr* first = reinterpret_cast<Expr*>(&out);
    for (unsigned i = 0; i < sizeof(Columns<Expr>) / sizeof(Expr); ++i) first[i] = column(segment, i, row_offset);
    return out;
  }
  template <template <class> class Columns>
  Columns<Expr> main() {
    return columns<Columns>(Segment::MAIN);
  }
  template <template <class> class Columns>
  Columns<Expr> main_next() {
    return columns<Columns>(Segment::MAIN, 1);
  }
  template <template <class> class Columns>
  Columns<Expr> preprocessed() {
    return columns<Columns>(Segment::PREPROCESSED);
  }

  Expr column(Segment segment, unsigned index, unsigned row_offset = 0);
  /// Form columns 6*index .. 6*index+5 as one E-valued cell.
  ExtExpr form(unsigned index, unsigned row_offset = 0);
  /// The index-th accumulator challenge (drawn at barrier A).
  ExtExpr challenge(unsigned index);
  Expr constant(F value);
  Expr constant(int64_t value) { return constant(F::from_i64(value)); }
  ExtExpr ext(Expr base);
  Expr is_first_row() { return intern({Node::Kind::IS_FIRST}); }
  Expr is_last_row() { return intern({Node::Kind::IS_LAST}); }
  Expr is_transition() { return intern({Node::Kind::IS_TRANSITION}); }

  void assert_zero(Expr value, std::string_view label);
  void assert_equal(Expr a, Expr b, std::string_view label) { assert_zero(a - b, label); }
  void assert_bool(Expr value, std::string_view label) { assert_zero(value * (value - 1), label); }
  void assert_zero(const ExtExpr& value, std::string_view label);

  template <template <class> class Message>
  void send(const Bus<Message>& bus, const Message<Expr>& m, Expr multiplicity, std::string_view label) {
    add_message(bus.id, bus.local, true, fields(m), multiplicity, label);
  }
  template <template <class> class Message>
  void receive(const Bus<Message>& bus, const Message<Expr>& m, Expr multiplicity, std::string_view label) {
    add_message(bus.id, bus.local, false, fields(m), multiplicity, label);
  }

  Expr intern(Node node);
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<ConstraintExpr>& constraints() const { return constraints_; }
  const std::vector<MessageExpr>& messages() const { return messages_; }
  unsigned preprocessed_width() const { return widths_[0]; }
  unsigned main_width() const { return widths_[1]; }
  unsigned form_width() const { return widths_[2]; }
  unsigned challenges() const { return challenges_; }
  Expr binary(Node::Kind kind, Expr a, Expr b);

 private:
  template <class Message>
  static std::span<const Expr> fields(const Message& m) {
    static_assert(sizeof(Message) % sizeof(Expr) == 0);
    return {reinterpret_cast<const Expr*>(&m), sizeof(Message) / sizeof(Expr)};
  }
  void add_message(uint16_t bus, bool local, bool send, std::span<const Expr> fields, Expr multiplicity,
                   std::string_view label);

  struct NodeHash {
    size_t operator()(const Node& n) const {
      return (static_cast<size_t>(n.kind) * 0x9e3779b97f4a7c15u) ^ (size_t{n.a} * 0xff51afd7ed558ccdu) ^
             (size_t{n.b} * 0xc4ceb9fe1a85ec53u);
    }
  };
  unsigned widths_[3];
  unsigned challenges_;
  std::vector<Node> nodes_;
  std::unordered_map<Node, uint32_t, NodeHash> index_;
  std::vector<ConstraintExpr> constraints_;
  std::vector<MessageExpr> messages_;
};

}  // namespace zkvm::stark
