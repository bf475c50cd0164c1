// A campaign against the whole machine: an executor that lies once and goes on from there, over programs, hash
// functions and networks, in one shard and in several. What it did is laid out as the prover does, look-ups are counted
// as it needs them, and the constraints and buses must refuse it.
//
// ZKVM_FAULT_COUNT lies are told (short by default), from ZKVM_FAULT_SEED on; ZKVM_FAULT_PROOFS of them are proved and
// given to the verifier. tests/campaign.sh faults runs the long form.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "isa/chips/registry.hpp"
#include "isa/chips/store_sub/columns.hpp"
#include "isa/chips/sw/columns.hpp"
#include "tests/faults/checker.hpp"
#include "tests/faults/subjects.hpp"
#include "vm/prove/seal.hpp"

namespace zkvm::tests {
namespace {

using isa::Chip;
using isa::RowOp;
using stark::F;
using vm::Fault;
using vm::FaultKind;

constexpr std::array<const char*, vm::FAULT_KINDS> NAMES = {"wrong result",
                                                            "wrong operand",
                                                            "other operation, register or immediate",
                                                            "instruction skipped",
                                                            "instruction repeated",
                                                            "wrong branch or jump target",
                                                            "stale memory",
                                                            "misplaced memory access",
                                                            "early halt",
                                                            "altered journal",
                                                            "register, memory or input altered",
                                                            "call skipped, or without writing",
                                                            "call doubled",
                                                            "call of another layer: weights or table",
                                                            "call with a shifted pointer",
                                                            "call with one wrong output",
                                                            "call with one wrong input"};

uint64_t number_of(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// An instruction that was executed honestly.
struct Site {
  uint32_t clk;
  RowOp op;
  bool journal;
};

struct Claim {
  uint32_t exit_code;
  std::vector<uint8_t> journal;
  friend bool operator==(const Claim&, const Claim&) = default;
};

/// A subject with all that does not depend on the lie.
class Target {
 public:
  explicit Target(Subject s) : subject(std::move(s)), setup(vm::make_setup(subject.program)), checker(setup) {
    vm::TracingMachine machine(subject.program, subject.input);
    if (machine.run() != vm::Stop::HALTED) throw std::runtime_error(subject.name + " does not halt");
    cycles = machine.cycles();
    claim = {machine.exit_code(), machine.journal()};
    for (const auto& events : machine.trace().chips)
      for (const isa::Event& e : events) {
        const auto row = static_cast<size_t>(subject.program.row_index(e.pc));
        const RowOp op = subject.program.rows[row].op;
        sites[op].push_back({e.clk, op, op == RowOp::ECALL && e.a == 1});
      }
    const auto& calls = machine.trace().precompiles;
    for (const auto& c : calls.nn.order) call_clocks.push_back(calls.nn.event(c).clk);
    for (const auto& e : calls.sha256.events) call_clocks.push_back(e.call.clk);
    for (const auto& e : calls.keccak.events) call_clocks.push_back(e.call.clk);
    is_network = !calls.nn.order.empty();
    for (const auto& cells :
         {machine.memory().image_cells(), machine.memory().zero_cells(), machine.memory().input_cells()})
      for (const vm::FinalCell& c : cells)
        if (c.clk != 0) touched.push_back(c.addr);
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  Subject subject;
  vm::ProgramSetup setup;
  LieChecker checker;
  uint64_t cycles = 0;
  Claim claim;
  std::map<RowOp, std::vector<Site>> sites;
  std::vector<uint32_t> call_clocks, touched;
  bool is_network = false;
};

/// A lie of this kind about the target, if there is one.
std::optional<Fault> draw(const Target& t, FaultKind kind, std::mt19937& random) {
  const auto pick = [&](const auto& list) -> const auto& { return list[random() % list.size()]; };
  // Any operation that fits is as likely as any other.
  const auto site = [&](const std::function<bool(RowOp)>& fits) -> std::optional<Site> {
    std::vector<const std::vector<Site>*> lists;
    for (const auto& [op, list] : t.sites)
      if (fits(op)) lists.push_back(&list);
    if (lists.empty()) return std::nullopt;
    return pick(*pick(lists));
  };
  Fault fault{kind, 0, static_cast<uint32_t>(random() & 0xffff), 0};
  switch (random() % 3) {
    case 0:
      fault.value = 1u << random() % 32;
      break;
    case 1:
      fault.value = 1 + static_cast<uint32_t>(random() % 255);
      break;
    default:
      fault.value = 1 + static_cast<uint32_t>(random() % 0xffff'ffff);
      break;
  }
  std::optional<Site> at;
  switch (kind) {
    case FaultKind::RESULT:
      at = site([](RowOp op) {
        const Chip chip = isa::info(op).chip;
        return isa::info(op).writes_rd || chip == Chip::SW || chip == Chip::STORE_SUB;
      });
      break;
    case FaultKind::OPERAND:
      at = site([](RowOp op) { return isa::info(op).reads_rs1 || isa::info(op).reads_rs2 || isa::info(op).merged; });
      break;
    case FaultKind::OTHER_ROW:
    case FaultKind::TARGET:
      at = site([](RowOp op) { return op != RowOp::ECALL; });
      break;
    case FaultKind::STALE:
    case FaultKind::MISPLACED:
      at = site([&](RowOp op) {
        const Chip chip = isa::info(op).chip;
        return chip == Chip::LW || chip == Chip::LOAD_SUB ||
               (kind == FaultKind::MISPLACED && (chip == Chip::SW || chip == Chip::STORE_SUB));
      });
      break;
    case FaultKind::JOURNAL:
      at = site([](RowOp op) { return op == RowOp::ECALL; });
      if (at && !at->journal) at.reset();
      break;
    case FaultKind::SKIP:
    case FaultKind::REPEAT:
    case FaultKind::HALT:
    case FaultKind::CELL:
      at = site([](RowOp) { return true; });
      fault.address = pick(t.touched);
      break;
    default:
      if (t.call_clocks.empty() || (kind == FaultKind::CALL_LAYER && !t.is_network)) return std::nullopt;
      at = Site{pick(t.call_clocks), RowOp::ECALL, false};
      break;
  }
  if (!at) return std::nullopt;
  fault.clk = at->clk;
  return fault;
}

/// What a prover can do about a stale load beyond what the executor recorded: the store comes after it.
void turn_time_back(DebugExecution& execution, const Fault& fault) {
  const auto fix = [&]<template <class> class Columns>(stark::DebugTable& t) {
    const size_t width = sizeof(Columns<F>) / sizeof(F);
    for (size_t row = 0; row < size_t{1} << t.log_height; ++row) {
      auto& c = *reinterpret_cast<Columns<F>*>(&t.main[row * width]);
      if (c.at.clk == F::from(fault.store_clk)) c.memory_prev = F::from(fault.clk + 2);
    }
  };
  for (stark::DebugShard& shard : execution.shards)
    for (stark::DebugTable& t : shard) {
      if (t.chip == isa::ChipId::SW) fix.operator()<isa::SwColumns>(t);
      if (t.chip == isa::ChipId::STORE_SUB) fix.operator()<isa::StoreSubColumns>(t);
    }
}

/// The same for a jump: its row says that it goes there, by a column of its own if it has one, else by its own pc.
void say_where_it_went(DebugExecution& execution, const Fault& fault) {
  for (stark::DebugShard& shard : execution.shards)
    for (stark::DebugTable& t : shard) {
      if (t.chip >= isa::CHIP_COUNT) continue;
      const stark::Air& air = vm::machine_description().chips[t.chip].air;
      const stark::Message *in = nullptr, *out = nullptr;
      for (const stark::Message& m : air.messages()) {
        if (m.label == "state in") in = &m;
        if (m.label == "state out") out = &m;
      }
      if (in == nullptr || out == nullptr) continue;
      const uint32_t pc = in->fields[0].terms[0].column, clk = in->fields[1].terms[0].column;
      for (size_t row = 0; row < size_t{1} << t.log_height; ++row) {
        F* c = &t.main[row * air.main_width()];
        if (c[clk] != F::from(fault.clk)) continue;
        const stark::Affine& next = out->fields[0];
        const stark::Affine::Term* term = &next.terms[0];
        for (const stark::Affine::Term& other : next.terms)
          if (other.column != pc) term = &other;
        const F is = next.evaluate<F>([&](uint32_t i) { return c[i]; });
        c[term->column] += (F::from(fault.went_to) - is) * term->coefficient.inverse();
      }
    }
}

/// What became of the lies of a kind.
struct Counts {
  uint64_t told = 0;       ///< lies whose execution ends with a claim
  uint64_t changed = 0;    ///< with another claim
  uint64_t in_shards = 0;  ///< over several shards
  uint64_t stopped = 0;    ///< no claim: the execution traps, or never halts
  uint64_t nothing = 0;    ///< the execution is the honest one
  std::map<std::string, uint64_t> refused_by;
};

class Campaign {
 public:
  Campaign(uint32_t seed, uint64_t proofs) : random_(seed), proofs_(proofs) {
    for (uint32_t i = 0; i < 4; ++i) add(random_subject(seed * 100 + i));
    for (uint32_t i = 0; i < 2; ++i) add(memory_subject(seed * 100 + i));
    add(hashing_subject());
    for (uint32_t i = 0; i < 2; ++i) add(network_subject(seed * 100 + i));
  }

  void run(uint64_t lies) {
    while (told_ < lies) {
      const auto kind = static_cast<FaultKind>(random_() % vm::FAULT_KINDS);
      const Target& target = *targets_[random_() % targets_.size()];
      const std::optional<Fault> fault = draw(target, kind, random_);
      if (fault) tell(target, *fault);
    }
  }

  /// Whether one of some lies of this kind is accepted where this bus is not looked at.
  bool is_accepted_without(uint16_t bus, FaultKind kind) {
    for (int i = 0; i < 50; ++i) {
      const Target& t = *targets_[random_() % targets_.size()];
      std::optional<Fault> fault = draw(t, kind, random_);
      if (!fault) continue;
      Claim claim;
      try {
        const DebugExecution told = execution(t, &*fault, UINT64_MAX, &claim);
        if (fault->told && claim != t.claim && t.checker.refusal(told, bus).empty()) return true;
      } catch (const vm::ExecutionFailure&) {
      }
    }
    return false;
  }

  const std::array<Counts, vm::FAULT_KINDS>& counts() const { return counts_; }
  const std::set<RowOp>& operations() const { return operations_; }

 private:
  void add(Subject subject) {
    targets_.push_back(std::make_unique<Target>(std::move(subject)));
    const Target& t = *targets_.back();
    // The honest execution is accepted, or refusing proves nothing.
    ASSERT_EQ(t.checker.refusal(execution(t, nullptr, UINT64_MAX, nullptr)), "") << t.subject.name;
    ASSERT_EQ(t.checker.refusal(execution(t, nullptr, t.cycles / 3, nullptr)), "") << t.subject.name;
  }

  static DebugExecution execution(const Target& t, Fault* fault, uint64_t shard_cycles, Claim* claim) {
    vm::ProveOptions options;
    options.max_cycles = 2 * t.cycles + 1000;
    vm::ShardingOptions sharding;
    sharding.shard_cycles = std::min<uint64_t>(shard_cycles, sharding.shard_cycles);
    sharding.fault = fault;
    vm::ExecutionSource source(t.subject.program, t.setup, t.subject.input, options, sharding);
    DebugExecution out =
        debug_execution(source, t.setup, 1, [](size_t chip) { return !LieChecker::is_computed(chip); });
    if (claim != nullptr) *claim = {source.exit_code(), source.journal()};
    return out;
  }

  void tell(const Target& t, Fault fault) {
    Counts& counts = counts_[static_cast<size_t>(fault.kind)];
    const bool shards = random_() % 3 == 0;
    const uint64_t shard_cycles = shards ? 100 + random_() % (t.cycles / 2) : UINT64_MAX;
    Claim claim;
    DebugExecution told;
    try {
      told = execution(t, &fault, shard_cycles, &claim);
    } catch (const vm::ExecutionFailure&) {
      ++counts.stopped;
      return;
    }
    if (!fault.told) return;
    if (fault.kind == FaultKind::STALE && fault.variant % 2 != 0) turn_time_back(told, fault);
    if (fault.kind == FaultKind::TARGET && fault.variant / 2 % 2 != 0) say_where_it_went(told, fault);
    const std::string refusal = t.checker.refusal(told);
    if (refusal.empty() && claim == t.claim) {
      // Then it was no lie: every row must be the honest one.
      const DebugExecution honest = execution(t, nullptr, shard_cycles, nullptr);
      bool same = honest.shards.size() == told.shards.size();
      for (size_t s = 0; same && s < honest.shards.size(); ++s) {
        same = honest.shards[s].size() == told.shards[s].size();
        for (size_t i = 0; same && i < honest.shards[s].size(); ++i)
          same = honest.shards[s][i].main == told.shards[s][i].main;
      }
      ASSERT_TRUE(same) << "accepted, with the same claim by another execution: " << describe(t, fault);
      ++counts.nothing;
      return;
    }
    ASSERT_NE(refusal, "") << "A LIE IS ACCEPTED: " << describe(t, fault);
    ++told_;
    ++counts.told;
    if (proofs_ != 0 && told.shards.size() <= 2 && random_() % 8 == 0) {
      --proofs_;
      expect_proof_refused(t, fault, shard_cycles);
    }
    counts.changed += claim != t.claim;
    counts.in_shards += told.shards.size() > 1;
    ++counts.refused_by[refusal];
    if (fault.kind == FaultKind::RESULT)
      for (const auto& [op, list] : t.sites)
        for (const Site& s : list)
          if (s.clk == fault.clk) operations_.insert(op);
  }

  static void expect_proof_refused(const Target& t, Fault fault, uint64_t shard_cycles) {
    const vm::ProveOptions options;
    vm::ShardingOptions sharding;
    sharding.shard_cycles = std::min<uint64_t>(shard_cycles, sharding.shard_cycles);
    sharding.fault = &fault;
    vm::ExecutionSource source(t.subject.program, t.setup, t.subject.input, options, sharding);
    const vm::Receipt receipt = vm::seal(t.setup, source, [&] { return source.claim(); }, {});
    const auto verified = vm::verify_receipt(receipt, t.setup.preimage.image_id());
    ASSERT_FALSE(verified.ok()) << "A PROOF OF A LIE IS ACCEPTED: " << describe(t, fault);
    EXPECT_EQ(verified.error().kind, vm::VerifyErrorKind::INVALID_PROOF) << verified.error().message;
  }

  static std::string describe(const Target& t, const Fault& f) {
    return t.subject.name + ", " + NAMES[static_cast<size_t>(f.kind)] + ", clk " + std::to_string(f.clk) +
           ", variant " + std::to_string(f.variant) + ", value " + std::to_string(f.value) + ", address " +
           std::to_string(f.address);
  }

  std::mt19937 random_;
  std::vector<std::unique_ptr<Target>> targets_;
  std::array<Counts, vm::FAULT_KINDS> counts_{};
  std::set<RowOp> operations_;
  uint64_t told_ = 0, proofs_;
};

TEST(Faults, every_lie_of_the_executor_is_refused) {
  const uint64_t count = number_of("ZKVM_FAULT_COUNT", 600), proofs = number_of("ZKVM_FAULT_PROOFS", 2);
  auto seed = static_cast<uint32_t>(number_of("ZKVM_FAULT_SEED", 1));
  std::array<Counts, vm::FAULT_KINDS> all{};
  std::set<RowOp> operations;
  // New programs now and then.
  constexpr uint64_t LIES = 2000;
  for (uint64_t done = 0; done < count && !HasFatalFailure(); done += LIES, ++seed) {
    const uint64_t lies = std::min(LIES, count - done);
    Campaign campaign(seed, proofs * lies / count);
    campaign.run(lies);
    for (size_t k = 0; k < all.size(); ++k) {
      const Counts& c = campaign.counts()[k];
      all[k].told += c.told;
      all[k].changed += c.changed;
      all[k].in_shards += c.in_shards;
      all[k].stopped += c.stopped;
      all[k].nothing += c.nothing;
      for (const auto& [why, n] : c.refused_by) all[k].refused_by[why] += n;
    }
    operations.insert(campaign.operations().begin(), campaign.operations().end());
  }
  std::printf("%-45s %8s %8s %8s %8s %8s\n", "lie", "refused", "claim", "shards", "stopped", "no lie");
  uint64_t told = 0, changed = 0;
  for (size_t k = 0; k < all.size(); ++k) {
    const Counts& c = all[k];
    const auto u = [](uint64_t v) { return static_cast<unsigned long long>(v); };
    std::printf("%-45s %8llu %8llu %8llu %8llu %8llu\n", NAMES[k], u(c.told), u(c.changed), u(c.in_shards),
                u(c.stopped), u(c.nothing));
    if (std::getenv("ZKVM_FAULT_REASONS") != nullptr)
      for (const auto& [why, n] : c.refused_by) std::printf("    %8llu %s\n", u(n), why.c_str());
    EXPECT_GT(c.told, 0u) << NAMES[k];
    told += c.told;
    changed += c.changed;
  }
  std::printf("%llu lies refused, %llu of them with another claim\n", static_cast<unsigned long long>(told),
              static_cast<unsigned long long>(changed));
  if (count >= 20'000) {
    // A wrong result of each instruction.
    for (unsigned op = 0; op < static_cast<unsigned>(RowOp::COUNT); ++op) {
      const auto& info = isa::info(static_cast<RowOp>(op));
      EXPECT_TRUE(!info.writes_rd || operations.count(static_cast<RowOp>(op)) == 1) << op;
    }
  }
}

/// The lies are good ones: where a bus is not looked at, they are accepted.
TEST(Faults, lies_are_accepted_where_a_bus_is_not_looked_at) {
  Campaign campaign(7, 0);
  EXPECT_TRUE(campaign.is_accepted_without(isa::MEMORY.id, FaultKind::OPERAND));
  EXPECT_TRUE(campaign.is_accepted_without(isa::MEMORY.id, FaultKind::MISPLACED));
  EXPECT_TRUE(campaign.is_accepted_without(isa::MEMORY.id, FaultKind::CELL));
  EXPECT_TRUE(campaign.is_accepted_without(isa::MEMORY.id, FaultKind::CALL_INPUT));
  EXPECT_TRUE(campaign.is_accepted_without(isa::MEMORY.id, FaultKind::CALL_LAYER));
  EXPECT_TRUE(campaign.is_accepted_without(isa::STATE.id, FaultKind::SKIP));
  EXPECT_TRUE(campaign.is_accepted_without(isa::STATE.id, FaultKind::TARGET));
  EXPECT_TRUE(campaign.is_accepted_without(isa::STATE.id, FaultKind::CALL_DOUBLED));
  EXPECT_TRUE(campaign.is_accepted_without(isa::JOURNAL.id, FaultKind::JOURNAL));
}

}  // namespace
}  // namespace zkvm::tests
