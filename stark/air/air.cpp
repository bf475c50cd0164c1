#include "stark/air/air.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>

namespace zkvm::stark {
namespace {

/// A chip that breaks the degree or affinity rule is a bug of this program, found when the machine is first built.
[[noreturn]] void chip_bug(const std::string& chip, const std::string& label, const char* what) {
  std::fprintf(stderr, "internal error: chip %s, \"%s\": %s\n", chip.c_str(), label.c_str(), what);
  std::abort();
}

/// The constraints' expressions, numbered by their structure alone. The builder numbers nodes in the order in which
/// eval made them, and C++ leaves the order of operands to the compiler: without this, each compiler would have its own
/// machine digest, and every program as many image IDs.
struct CanonicalGraph {
  std::vector<Node> nodes;  ///< operands before operations
  std::vector<uint32_t> constraints;
};

bool is_binary(const Node& n) {
  return n.kind == Node::Kind::ADD || n.kind == Node::Kind::SUB || n.kind == Node::Kind::MUL;
}

Instruction::Op operation(Node::Kind kind) {
  return kind == Node::Kind::ADD   ? Instruction::Op::ADD
         : kind == Node::Kind::SUB ? Instruction::Op::SUB
                                   : Instruction::Op::MUL;
}

CanonicalGraph canonical_graph(const AirBuilder& builder) {
  const std::vector<Node>& nodes = builder.nodes();
  // Equal for both orders of a commutative operation's operands. Operands with equal hashes keep the builder's order;
  // 64 bits make that the same node.
  std::vector<uint64_t> hash(nodes.size());
  const auto mix = [](uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 32)) * 0xff51afd7ed558ccdu;
    return h ^ (h >> 29);
  };
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& n = nodes[i];
    uint64_t a = n.a, b = n.b;
    if (is_binary(n)) {
      a = hash[n.a];
      b = hash[n.b];
      if (n.kind != Node::Kind::SUB && a > b) std::swap(a, b);
    }
    hash[i] = mix(mix(mix(0, static_cast<uint64_t>(n.kind) + 1), a), b);
  }
  const auto operands = [&](const Node& n) {
    const bool swap = n.kind != Node::Kind::SUB && hash[n.a] > hash[n.b];
    return std::pair{swap ? n.b : n.a, swap ? n.a : n.b};
  };

  CanonicalGraph g;
  constexpr uint32_t NONE = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> number(nodes.size(), NONE);
  for (const ConstraintExpr& c : builder.constraints()) {
    std::vector<uint32_t> stack{c.value.id()};
    while (!stack.empty()) {
      const uint32_t id = stack.back();
      const Node& n = nodes[id];
      if (number[id] == NONE && is_binary(n)) {
        const auto [a, b] = operands(n);
        if (number[a] == NONE || number[b] == NONE) {
          if (number[b] == NONE) stack.push_back(b);
          if (number[a] == NONE) stack.push_back(a);
          continue;
        }
      }
      stack.pop_back();
      if (number[id] != NONE) continue;
      number[id] = static_cast<uint32_t>(g.nodes.size());
      if (is_binary(n)) {
        const auto [a, b] = operands(n);
        g.nodes.push_back({n.kind, number[a], number[b]});
      } else {
        g.nodes.push_back(n);
      }
    }
    g.constraints.push_back(number[c.value.id()]);
  }
  return g;
}

std::vector<unsigned> node_degrees(const std::vector<Node>& nodes) {
  std::vector<unsigned> d(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& n = nodes[i];
    switch (n.kind) {
      case Node::Kind::CONSTANT:
      case Node::Kind::CHALLENGE:
        d[i] = 0;
        break;
      case Node::Kind::COLUMN:
      case Node::Kind::IS_FIRST:
      case Node::Kind::IS_LAST:
      case Node::Kind::IS_TRANSITION:
        d[i] = 1;
        break;
      case Node::Kind::ADD:
      case Node::Kind::SUB:
        d[i] = std::max(d[n.a], d[n.b]);
        break;
      case Node::Kind::MUL:
        d[i] = d[n.a] + d[n.b];
        break;
    }
  }
  return d;
}

/// The value of a node that depends on no column, challenge or selector.
std::optional<F> constant_value(const std::vector<Node>& nodes, uint32_t id) {
  const Node& n = nodes[id];
  if (n.kind == Node::Kind::CONSTANT) return F::from_raw(n.a);
  if (!is_binary(n)) return std::nullopt;
  const auto a = constant_value(nodes, n.a);
  if (!a) return std::nullopt;
  const auto b = constant_value(nodes, n.b);
  if (!b) return std::nullopt;
  return n.kind == Node::Kind::ADD ? *a + *b : n.kind == Node::Kind::SUB ? *a - *b : *a * *b;
}

/// Adds `scale` times a node to an affine form under construction, its terms in any order and repeated; false if the
/// node is not affine in the current row's columns.
bool accumulate(const std::vector<Node>& nodes, uint32_t id, F scale, Affine& sum) {
  const Node& n = nodes[id];
  switch (n.kind) {
    case Node::Kind::CONSTANT:
      sum.constant += scale * F::from_raw(n.a);
      return true;
    case Node::Kind::COLUMN:
      if (n.b != 0) return false;
      sum.terms.push_back({n.a, scale});
      return true;
    case Node::Kind::ADD:
      return accumulate(nodes, n.a, scale, sum) && accumulate(nodes, n.b, scale, sum);
    case Node::Kind::SUB:
      return accumulate(nodes, n.a, scale, sum) && accumulate(nodes, n.b, -scale, sum);
    case Node::Kind::MUL:
      if (const auto a = constant_value(nodes, n.a)) return accumulate(nodes, n.b, scale * *a, sum);
      if (const auto b = constant_value(nodes, n.b)) return accumulate(nodes, n.a, scale * *b, sum);
      return false;
    default:
      return false;
  }
}

/// The affine form of a node, terms by increasing column, or nothing if it is not affine in the current row's columns.
std::optional<Affine> affine_form(const std::vector<Node>& nodes, uint32_t id) {
  Affine sum{F::zero(), {}};
  if (!accumulate(nodes, id, F::one(), sum)) return std::nullopt;
  std::sort(sum.terms.begin(), sum.terms.end(),
            [](const Affine::Term& a, const Affine::Term& b) { return a.column < b.column; });
  std::vector<Affine::Term> merged;
  for (const Affine::Term& t : sum.terms) {
    if (!merged.empty() && merged.back().column == t.column) {
      merged.back().coefficient += t.coefficient;
    } else {
      merged.push_back(t);
    }
  }
  std::erase_if(merged, [](const Affine::Term& t) { return t.coefficient.is_zero(); });
  sum.terms = std::move(merged);
  return sum;
}

class Serializer {
 public:
  explicit Serializer(std::vector<uint8_t>& out) : out_(out) {}
  void u32(uint64_t v) {
    for (unsigned i = 0; i < 4; ++i) out_.push_back(static_cast<uint8_t>(v >> (8 * i)));
  }
  void affine(const Affine& a) {
    u32(a.constant.value());
    u32(a.terms.size());
    for (const auto& t : a.terms) {
      u32(t.column);
      u32(t.coefficient.value());
    }
  }

 private:
  std::vector<uint8_t>& out_;
};

}  // namespace

Air Air::compile(std::string name, const AirBuilder& builder) {
  Air air;
  air.name_ = std::move(name);
  air.preprocessed_width_ = builder.preprocessed_width();
  air.main_width_ = builder.main_width();
  air.form_width_ = builder.form_width();
  air.challenges_ = builder.challenges();
  for (const MessageExpr& m : builder.messages()) {
    Message out{m.bus, m.local, {}, {}, m.label};
    auto multiplicity = affine_form(builder.nodes(), m.multiplicity.id());
    if (!multiplicity) chip_bug(air.name_, m.label, "multiplicity is not affine in the row");
    if (!m.send) {
      multiplicity->constant = -multiplicity->constant;
      for (auto& t : multiplicity->terms) t.coefficient = -t.coefficient;
    }
    out.multiplicity = *multiplicity;
    for (Expr e : m.fields) {
      auto f = affine_form(builder.nodes(), e.id());
      if (!f) chip_bug(air.name_, m.label, "message field is not affine in the row");
      out.fields.push_back(*f);
    }
    air.messages_.push_back(std::move(out));
  }

  const CanonicalGraph graph = canonical_graph(builder);
  const std::vector<Node>& nodes = graph.nodes;
  const std::vector<unsigned> degrees = node_degrees(nodes);
  for (size_t k = 0; k < graph.constraints.size(); ++k) {
    const ConstraintExpr& c = builder.constraints()[k];
    const unsigned d = degrees[graph.constraints[k]];
    if (d > MAX_CONSTRAINT_DEGREE) chip_bug(air.name_, c.label, "constraint degree above 3");
    air.degree_ = std::max(air.degree_, d);
    air.labels_.push_back(c.label);
  }
  for (const Node& n : nodes) {
    if (n.kind == Node::Kind::COLUMN && n.b == 1) air.uses_next_ = true;
    if (n.kind == Node::Kind::IS_FIRST || n.kind == Node::Kind::IS_LAST || n.kind == Node::Kind::IS_TRANSITION)
      air.uses_selectors_ = true;
  }

  // Fixed values: challenge coordinates, constants, then the nodes of degree 0 that rows use.
  const unsigned challenge_values = air.challenges_ * E::DEGREE;
  std::vector<uint32_t> fixed(nodes.size(), 0);  // of nodes of degree 0: index among the values of the derivation
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].kind == Node::Kind::CHALLENGE) fixed[i] = nodes[i].a;
    if (nodes[i].kind != Node::Kind::CONSTANT) continue;
    fixed[i] = challenge_values + static_cast<uint32_t>(air.constants_.size());
    air.constants_.push_back(F::from_raw(nodes[i].a));
  }
  const uint32_t first_derived = challenge_values + static_cast<uint32_t>(air.constants_.size());
  const auto is_derived = [&](uint32_t id) { return is_binary(nodes[id]) && degrees[id] == 0; };
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (!is_derived(i)) continue;
    fixed[i] = first_derived + static_cast<uint32_t>(air.derivation_.size());
    if (fixed[i] > std::numeric_limits<uint16_t>::max()) chip_bug(air.name_, "code", "too many fixed values");
    air.derivation_.push_back({operation(nodes[i].kind), static_cast<uint16_t>(fixed[i]),
                               static_cast<uint16_t>(fixed[nodes[i].a]), static_cast<uint16_t>(fixed[nodes[i].b])});
  }
  std::vector<char> used(nodes.size(), 0);
  for (uint32_t i = 0; i < nodes.size(); ++i)
    if (is_binary(nodes[i]) && degrees[i] != 0) used[nodes[i].a] = used[nodes[i].b] = 1;
  for (const uint32_t id : graph.constraints) used[id] = 1;

  std::vector<uint16_t> slot(nodes.size(), 0);
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    const Node& n = nodes[i];
    switch (n.kind) {
      case Node::Kind::CONSTANT:
      case Node::Kind::CHALLENGE:
        slot[i] = static_cast<uint16_t>(air.fixed_slot() + fixed[i]);
        break;
      case Node::Kind::COLUMN:
        slot[i] = static_cast<uint16_t>(n.a + (n.b == 1 ? air.next_slot() : 0));
        break;
      case Node::Kind::IS_FIRST:
        slot[i] = static_cast<uint16_t>(air.selector_slot());
        break;
      case Node::Kind::IS_LAST:
        slot[i] = static_cast<uint16_t>(air.selector_slot() + 1);
        break;
      case Node::Kind::IS_TRANSITION:
        slot[i] = static_cast<uint16_t>(air.selector_slot() + 2);
        break;
      default:
        if (!is_derived(i) || used[i] == 0) break;
        slot[i] = static_cast<uint16_t>(air.fixed_slot() + first_derived + air.derived_.size());
        air.derived_.push_back(static_cast<uint16_t>(fixed[i]));
        break;
    }
  }

  // The last use of each node, for slot reuse. Schedule: per constraint, its not yet computed sub-expressions in graph
  // order, then the assertion.
  std::vector<uint32_t> order;  // binary nodes, with constraints interleaved as nodes.size() + index
  std::vector<char> done(nodes.size(), 0);
  for (size_t k = 0; k < graph.constraints.size(); ++k) {
    std::vector<uint32_t> stack{graph.constraints[k]}, mine;
    while (!stack.empty()) {
      const uint32_t id = stack.back();
      stack.pop_back();
      if (done[id] != 0 || !is_binary(nodes[id]) || is_derived(id)) continue;
      done[id] = 1;
      mine.push_back(id);
      stack.push_back(nodes[id].a);
      stack.push_back(nodes[id].b);
    }
    std::sort(mine.begin(), mine.end());  // operands come before operations
    order.insert(order.end(), mine.begin(), mine.end());
    order.push_back(static_cast<uint32_t>(nodes.size() + k));
  }
  constexpr size_t NEVER = std::numeric_limits<size_t>::max();
  std::vector<size_t> last_use(nodes.size(), NEVER);
  for (size_t t = 0; t < order.size(); ++t) {
    if (order[t] >= nodes.size()) {
      last_use[graph.constraints[order[t] - nodes.size()]] = t;
    } else {
      last_use[nodes[order[t]].a] = t;
      last_use[nodes[order[t]].b] = t;
    }
  }
  const unsigned first_temp = air.fixed_slot() + first_derived + static_cast<unsigned>(air.derived_.size());
  unsigned next_temp = first_temp;
  std::vector<uint16_t> free_slots;
  const auto release = [&](uint32_t id, size_t t) {
    if (is_binary(nodes[id]) && !is_derived(id) && last_use[id] == t) {
      free_slots.push_back(slot[id]);
      last_use[id] = NEVER;  // a node used twice by one operation is released once
    }
  };
  for (size_t t = 0; t < order.size(); ++t) {
    if (order[t] >= nodes.size()) {
      const uint32_t id = graph.constraints[order[t] - nodes.size()];
      air.code_.push_back({Instruction::Op::ASSERT, 0, slot[id], 0});
      release(id, t);
      continue;
    }
    const uint32_t id = order[t];
    const Node& n = nodes[id];
    const uint16_t a = slot[n.a], b = slot[n.b];
    release(n.a, t);
    release(n.b, t);
    if (free_slots.empty()) {
      free_slots.push_back(static_cast<uint16_t>(next_temp++));
    }
    slot[id] = free_slots.back();
    free_slots.pop_back();
    air.code_.push_back({operation(n.kind), slot[id], a, b});
  }
  air.slots_ = next_temp;
  if (air.slots_ > std::numeric_limits<uint16_t>::max()) chip_bug(air.name_, "code", "too many slots");
  // Two degree-1 fingerprints times the degree-1 column: 3.
  if (!air.messages_.empty()) air.degree_ = std::max(air.degree_, 3u);
  return air;
}

std::vector<F> Air::fixed_values(const E* challenge) const {
  std::vector<F> values;
  for (unsigned i = 0; i < challenges_; ++i) values.insert(values.end(), challenge[i].c, challenge[i].c + E::DEGREE);
  values.insert(values.end(), constants_.begin(), constants_.end());
  const size_t given = values.size();
  for (const Instruction& i : derivation_) {
    const F a = values[i.a], b = values[i.b];
    values.push_back(i.op == Instruction::Op::ADD ? a + b : i.op == Instruction::Op::SUB ? a - b : a * b);
  }
  std::vector<F> out(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(given));
  for (uint16_t d : derived_) out.push_back(values[d]);
  return out;
}

unsigned Air::max_message_fields() const {
  size_t n = 0;
  for (const Message& m : messages_) n = std::max(n, m.fields.size());
  return static_cast<unsigned>(n);
}

void Air::serialize(std::vector<uint8_t>& out) const {
  Serializer s(out);
  s.u32(name_.size());
  out.insert(out.end(), name_.begin(), name_.end());
  for (unsigned v : {preprocessed_width_, main_width_, form_width_, challenges_, unsigned{uses_next_},
                     unsigned{uses_selectors_}, slots_})
    s.u32(v);
  s.u32(constants_.size());
  for (F c : constants_) s.u32(c.value());
  for (const auto* code : {&derivation_, &code_}) {
    s.u32(code->size());
    for (const Instruction& i : *code) {
      s.u32(static_cast<uint64_t>(i.op));
      s.u32(i.dst);
      s.u32(i.a);
      s.u32(i.b);
    }
  }
  s.u32(derived_.size());
  for (uint16_t d : derived_) s.u32(d);
  s.u32(messages_.size());
  for (const Message& m : messages_) {
    s.u32(m.bus);
    s.u32(m.local ? 1 : 0);
    s.affine(m.multiplicity);
    s.u32(m.fields.size());
    for (const Affine& f : m.fields) s.affine(f);
  }
}

}  // namespace zkvm::stark
