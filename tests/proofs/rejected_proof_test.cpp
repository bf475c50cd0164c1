// Whole proofs by provers that lie, at least one for each chip: complete traces in which one thing is false and
// everything else follows from it, proved at full security by the honest prover's code, and refused by the verifier for
// the expected reason.
#include <cctype>
#include <map>

#include "isa/chips/add/columns.hpp"
#include "isa/chips/addi/columns.hpp"
#include "isa/chips/beq/columns.hpp"
#include "isa/chips/beqz/columns.hpp"
#include "isa/chips/blt/columns.hpp"
#include "isa/chips/div/columns.hpp"
#include "isa/chips/ecall/columns.hpp"
#include "isa/chips/jalr/columns.hpp"
#include "isa/chips/li/columns.hpp"
#include "isa/chips/load_sub/columns.hpp"
#include "isa/chips/lookup/columns.hpp"
#include "isa/chips/lw/columns.hpp"
#include "isa/chips/memory_boundary/columns.hpp"
#include "isa/chips/mul/columns.hpp"
#include "isa/chips/program/columns.hpp"
#include "isa/chips/refresh/columns.hpp"
#include "isa/chips/slt/columns.hpp"
#include "isa/chips/sw/columns.hpp"
#include "tests/proofs/guest.hpp"
#include "tests/proofs/liar.hpp"
#include "tests/proofs/proving.hpp"
#include "vm/prove/seal.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::proofs {
namespace {

using isa::ChipId;
using isa::Instruction;
using isa::Op;
using isa::RowOp;
using stark::F;

constexpr uint32_t ZERO = 0x0060'0000;
constexpr uint32_t A = 0x8765'4321, B = 0x0000'0013;  ///< in x6 and x7
constexpr uint32_t SIGN_AND_LOW = 0x8000'8080;        ///< in memory at x8

/// A program with one instruction of every operation, by name, each with a result in x5 that the journal shows.
struct Subject {
  Guest guest{0x1'0000, {0x21, 0x43, 0x65, 0x07}};
  std::map<std::string, uint32_t> pcs;
  vm::Program program;
  vm::ProgramSetup setup;

  void add(const std::string& name, const Instruction& in) {
    pcs[name] = guest.pc();
    guest.emit(in);
  }
  /// What the branch does is in x5.
  void add_branch(RowOp op, uint8_t rs1, uint8_t rs2) {
    guest.li(5, 1);
    add(std::string(isa::info(op).name), {isa::info(op).op, 0, rs1, rs2, 8});
    guest.emit({Op::ADDI, 5, 5, 0, 1});  // none of them is taken
    guest.show(5);
  }

  Subject() : program(write()), setup(vm::make_setup(program)) {}

  vm::Program write() {
    Guest& g = guest;
    g.li(6, A);
    g.li(7, B);
    g.li(8, ZERO);
    g.li(9, vm::INPUT_BEGIN);
    g.li(11, SIGN_AND_LOW);
    g.emit({Op::SW, 0, 8, 11, 0});
    g.emit({Op::SW, 0, 8, 7, 4});
    for (const Op op : {Op::ADD, Op::SUB, Op::AND, Op::OR, Op::XOR, Op::SLL, Op::SRL, Op::SRA, Op::SLT, Op::SLTU,
                        Op::MULH, Op::MULHU, Op::MULHSU, Op::DIV, Op::DIVU, Op::REM, Op::REMU, Op::MUL}) {
      add(std::string(isa::opcode(op).name), {op, 5, 6, 7, 0});
      g.show(5);
    }
    for (const Op op : {Op::ADDI, Op::ANDI, Op::ORI, Op::XORI, Op::SLLI, Op::SRLI, Op::SRAI, Op::SLTI, Op::SLTIU}) {
      add(std::string(isa::opcode(op).name), {op, 5, 6, 0, 19});
      g.show(5);
    }
    for (const auto& [name, op] : {std::pair{"addi same", Op::ADDI}, {"add same", Op::ADD}, {"sub same", Op::SUB}}) {
      g.li(5, A);
      add(name, {op, 5, 5, op == Op::ADDI ? uint8_t{0} : uint8_t{7}, op == Op::ADDI ? 19u : 0});
      g.show(5);
    }
    add("lui", {Op::LUI, 5, 0, 0, 0x7'7000});
    g.show(5);
    for (const Op op : {Op::LW, Op::LB, Op::LBU, Op::LH, Op::LHU}) {
      add(std::string(isa::opcode(op).name), {op, 5, 8, 0, 0});
      g.show(5);
    }
    for (const auto& [op, offset] : {std::pair{Op::SW, 8u}, {Op::SB, 12u}, {Op::SH, 16u}}) {
      add(std::string(isa::opcode(op).name), {op, 0, 8, 6, offset});
      g.emit({Op::LW, 5, 8, 0, offset});
      g.show(5);
    }
    add_branch(RowOp::BEQ, 6, 7);
    add_branch(RowOp::BEQZ, 6, 0);
    add_branch(RowOp::BLT, 7, 6);
    // Forward by 12: over an addition that a jump to 4 before the target would execute.
    g.li(5, 1);
    g.li(12, g.pc() + 16);
    add("jalr", {Op::JALR, 0, 12, 0, 0});
    g.emit({Op::ADDI, 5, 5, 0, 7});
    g.assume(5, 1);
    g.show(5);
    g.emit({Op::JAL, 0, 0, 0, 4});
    // What is loaded goes where nobody looks.
    add("input lw", {Op::LW, 0, 9, 0, 4});
    add("after input lw", {Op::LUI, 0, 0, 0, 0});
    // A word left alone until it must be refreshed.
    g.wait(8200);
    add("old lw", {Op::LW, 0, 8, 0, 4});
    add("divu away", {Op::DIVU, 0, 6, 7, 0});
    add("mul away", {Op::MUL, 0, 6, 7, 0});
    pcs["write"] = g.pc() + 4;
    g.show(6);
    g.halt(77);
    pcs["halt"] = g.pc() - 4;
    return g.program();
  }
};

enum class Fault { NONE, CONSTRAINTS, BUSES };
constexpr const char* REASONS[] = {"", "the constraints do not hold", "the buses do not balance"};

struct Lie {
  std::string name;
  std::vector<size_t> chips;  ///< that the lie is about
  Fault fault;
  /// The instruction of this name is executed as `executed` instead, and everything that follows from its result is
  /// consistent.
  std::string instruction = {};
  Instruction executed = {};
  LyingSource::Lie tell = {};  ///< then rows are changed
  std::function<void(vm::Receipt&)> claim = {};
  LyingSource::Lie after = {};  ///< and look-up tables, after look-ups were counted
};
void PrintTo(const Lie& lie, std::ostream* out) { *out << lie.name; }

const Subject& subject() {
  static const Subject SUBJECT;
  return SUBJECT;
}
uint32_t pc(const std::string& name) { return subject().pcs.at(name); }

vm::Receipt prove(const Lie& lie) {
  vm::Program executed = subject().program;
  if (!lie.instruction.empty()) {
    const uint32_t at = pc(lie.instruction);
    isa::Row& row = executed.rows[static_cast<size_t>(executed.row_index(at))];
    const isa::Row before = row;
    row = isa::classify(at, lie.executed);
    EXPECT_EQ(row.chip, before.chip) << "the events would be another chip's";
    EXPECT_NE(row, before);
  }
  const vm::ProveOptions options;
  vm::ExecutionSource source(executed, subject().setup, subject().guest.input(), options, {});
  LyingSource liar(source, subject().setup.table, lie.tell, lie.after);
  const auto claim = [&] {
    vm::Receipt receipt = source.claim();
    if (lie.claim) lie.claim(receipt);
    return receipt;
  };
  return vm::seal(subject().setup, liar, claim, {});
}

/// What makes the other tests mean something: the same path without a lie.
TEST(rejected_proofs, without_a_lie_it_is_accepted) {
  const vm::Receipt honest = prove({});
  EXPECT_TRUE(verifies(honest, subject().setup.preimage.image_id()));
  EXPECT_EQ(honest.claim.journal, subject().guest.expected_journal());
}

class RejectedProof : public testing::TestWithParam<Lie> {};

TEST_P(RejectedProof, is_refused) {
  const Lie& lie = GetParam();
  const vm::Receipt receipt = prove(lie);
  if (!lie.instruction.empty()) {
    EXPECT_NE(receipt.claim.journal, subject().guest.expected_journal());
  }
  const auto verified = vm::verify_receipt(receipt, subject().setup.preimage.image_id());
  if (lie.fault == Fault::NONE) {
    EXPECT_TRUE(verified.ok()) << verified.error().message;
    return;
  }
  ASSERT_FALSE(verified.ok()) << "a false receipt was accepted";
  EXPECT_EQ(verified.error().kind, vm::VerifyErrorKind::INVALID_PROOF);
  EXPECT_NE(verified.error().message.find(REASONS[static_cast<size_t>(lie.fault)]), std::string::npos)
      << verified.error().message;
}

const F ONE = F::one();
F number(uint32_t x) { return F::from(x); }

/// Instructions executed as others of their chip: the result, and all that was computed from it, is false.
std::vector<Lie> wrong_results() {
  const auto swap = [](Op op, Op other, size_t chip, uint32_t imm = 0, uint8_t rs2 = 7) {
    const std::string name(isa::opcode(op).name);
    return Lie{name + " as " + std::string(isa::opcode(other).name),
               {chip},
               Fault::CONSTRAINTS,
               name,
               {other, 5, 6, rs2, imm}};
  };
  std::vector<Lie> all = {
      swap(Op::ADD, Op::SUB, ChipId::ADD),
      swap(Op::SUB, Op::ADD, ChipId::ADD),
      swap(Op::AND, Op::OR, ChipId::LOGIC),
      swap(Op::OR, Op::XOR, ChipId::LOGIC),
      swap(Op::XOR, Op::AND, ChipId::LOGIC),
      swap(Op::SLL, Op::SRL, ChipId::SHIFT_R),
      swap(Op::SRL, Op::SRA, ChipId::SHIFT_R),
      swap(Op::SRA, Op::SRL, ChipId::SHIFT_R),
      swap(Op::MULH, Op::MULHU, ChipId::MULH),
      swap(Op::MULHU, Op::MULHSU, ChipId::MULH),
      swap(Op::MULHSU, Op::MULHU, ChipId::MULH),
      swap(Op::DIV, Op::DIVU, ChipId::DIV),
      swap(Op::DIVU, Op::REMU, ChipId::DIV),
      swap(Op::REM, Op::REMU, ChipId::DIV),
      swap(Op::REMU, Op::DIV, ChipId::DIV),
      swap(Op::ANDI, Op::ORI, ChipId::LOGIC_I, 19, 0),
      swap(Op::ORI, Op::XORI, ChipId::LOGIC_I, 19, 0),
      swap(Op::XORI, Op::ANDI, ChipId::LOGIC_I, 19, 0),
      swap(Op::SLLI, Op::SRLI, ChipId::SHIFT_I, 19, 0),
      swap(Op::SRLI, Op::SRAI, ChipId::SHIFT_I, 19, 0),
      swap(Op::SRAI, Op::SRLI, ChipId::SHIFT_I, 19, 0),
      swap(Op::ADDI, Op::ADDI, ChipId::ADDI, 20, 0),
      {"addi same with 20", {ChipId::ADDI_SAME}, Fault::CONSTRAINTS, "addi same", {Op::ADDI, 5, 5, 0, 20}},
      {"add same as sub", {ChipId::ADD_SAME}, Fault::CONSTRAINTS, "add same", {Op::SUB, 5, 5, 7, 0}},
      {"sub same as add", {ChipId::ADD_SAME}, Fault::CONSTRAINTS, "sub same", {Op::ADD, 5, 5, 7, 0}},
      {"sh as sb", {ChipId::STORE_SUB}, Fault::CONSTRAINTS, "sh", {Op::SB, 0, 8, 6, 16}},
      {"sb as sh", {ChipId::STORE_SUB}, Fault::CONSTRAINTS, "sb", {Op::SH, 0, 8, 6, 12}},
  };
  return all;
}

std::vector<Lie> lies() {
  std::vector<Lie> all = wrong_results();

  // The comparison's outcome, with the value or the next pc that goes with it.
  const auto slt = [&](const std::string& name, Op executed, uint8_t rs2, uint32_t imm) {
    all.push_back({name + " turned round",
                   {ChipId::SLT},
                   Fault::CONSTRAINTS,
                   name,
                   {executed, 5, 6, rs2, imm},
                   [name](const Tables& t) {
                     auto& less = t.at<isa::SltColumns>(ChipId::SLT, pc(name)).compare.less;
                     less = ONE - less;
                   }});
  };
  slt("slt", Op::SLTU, 7, 0);
  slt("sltu", Op::SLT, 7, 0);
  slt("slti", Op::SLTIU, 0, 19);
  slt("sltiu", Op::SLTI, 0, 19);
  all.push_back({"beq taken", {ChipId::BEQ}, Fault::CONSTRAINTS, "BEQ", {Op::BNE, 0, 6, 7, 8}, [](const Tables& t) {
                   auto& row = t.at<isa::BeqColumns>(ChipId::BEQ, pc("BEQ"));
                   row.low_differs = F::zero();
                   row.is_equal = ONE;
                   row.next_pc = row.at.pc + number(8);
                   row.inverse = F::zero();
                 }});
  all.push_back({"beqz taken", {ChipId::BEQZ}, Fault::CONSTRAINTS, "BEQZ", {Op::BNE, 0, 6, 0, 8}, [](const Tables& t) {
                   auto& row = t.at<isa::BeqzColumns>(ChipId::BEQZ, pc("BEQZ"));
                   row.is_nonzero = F::zero();
                   row.is_zero = ONE;
                   row.next_pc = row.at.pc + number(8);
                   row.inverse = F::zero();
                 }});
  all.push_back({"blt taken", {ChipId::BLT}, Fault::CONSTRAINTS, "BLT", {Op::BGE, 0, 7, 6, 8}, [](const Tables& t) {
                   auto& row = t.at<isa::BltColumns>(ChipId::BLT, pc("BLT"));
                   row.compare.less = ONE;
                   row.next_pc = row.at.pc + number(8);
                 }});
  all.push_back(
      {"beq not taken to a chosen pc", {ChipId::BEQ}, Fault::BUSES, "BEQ", {Op::BNE, 0, 6, 7, 8}, [](const Tables& t) {
         auto& row = t.at<isa::BeqColumns>(ChipId::BEQ, pc("BEQ"));
         row.next_pc = row.at.pc + number(8);
       }});
  all.push_back({"jalr to before its target",
                 {ChipId::JALR},
                 Fault::CONSTRAINTS,
                 "jalr",
                 {Op::JALR, 0, 12, 0, 0xffff'fffc},
                 [](const Tables& t) { t.at<isa::JalrColumns>(ChipId::JALR, pc("jalr")).bit0 = number(4); }});
  all.push_back({"jalr with another offset",
                 {ChipId::JALR},
                 Fault::BUSES,
                 "jalr",
                 {Op::JALR, 0, 12, 0, 0xffff'fffc},
                 [](const Tables& t) { t.at<isa::JalrColumns>(ChipId::JALR, pc("jalr")).immediate = -number(4); }});

  // Constants that are not the program's: nothing but the program look-up is against them.
  all.push_back({"lui with another constant",
                 {ChipId::LI, ChipId::PROGRAM},
                 Fault::BUSES,
                 "lui",
                 {Op::LUI, 5, 0, 0, 0x7'8000},
                 [](const Tables& t) { t.at<isa::LiColumns>(ChipId::LI, pc("lui")).constant.lo = number(0x8000); }});
  all.push_back({"addi with another constant",
                 {ChipId::ADDI, ChipId::PROGRAM},
                 Fault::BUSES,
                 "addi",
                 {Op::ADDI, 5, 6, 0, 20},
                 [](const Tables& t) { t.at<isa::AddiColumns>(ChipId::ADDI, pc("addi")).immediate = number(20); }});
  all.push_back({"lw from another address",
                 {ChipId::LW, ChipId::PROGRAM},
                 Fault::BUSES,
                 "lw",
                 {Op::LW, 5, 8, 0, 4},
                 [](const Tables& t) { t.at<isa::LwColumns>(ChipId::LW, pc("lw")).address.immediate = number(4); }});
  all.push_back({"sw of another register",
                 {ChipId::SW, ChipId::PROGRAM},
                 Fault::BUSES,
                 "sw",
                 {Op::SW, 0, 8, 7, 8},
                 [](const Tables& t) { t.at<isa::SwColumns>(ChipId::SW, pc("sw")).rs2.reg = number(7); }});
  all.push_back({"add as sub throughout",
                 {ChipId::ADD, ChipId::PROGRAM},
                 Fault::BUSES,
                 "add",
                 {Op::SUB, 5, 6, 7, 0},
                 [](const Tables& t) {
                   auto& row = t.at<isa::AddColumns>(ChipId::ADD, pc("add"));
                   std::swap(row.is_add, row.is_sub);
                 }});

  // Loads: the sign, and which byte.
  all.push_back(
      {"lb without its sign", {ChipId::LOAD_SUB}, Fault::BUSES, "lb", {Op::LBU, 5, 8, 0, 0}, [](const Tables& t) {
         t.at<isa::LoadSubColumns>(ChipId::LOAD_SUB, pc("lb")).sign_byte = F::zero();
       }});
  all.push_back(
      {"lbu with a sign", {ChipId::LOAD_SUB}, Fault::CONSTRAINTS, "lbu", {Op::LB, 5, 8, 0, 0}, [](const Tables& t) {
         t.at<isa::LoadSubColumns>(ChipId::LOAD_SUB, pc("lbu")).sign_byte = ONE;
       }});
  all.push_back(
      {"lhu with a sign", {ChipId::LOAD_SUB}, Fault::CONSTRAINTS, "lhu", {Op::LH, 5, 8, 0, 0}, [](const Tables& t) {
         t.at<isa::LoadSubColumns>(ChipId::LOAD_SUB, pc("lhu")).sign_half = ONE;
       }});
  all.push_back(
      {"lhu of the other half", {ChipId::LOAD_SUB}, Fault::BUSES, "lhu", {Op::LHU, 5, 8, 0, 2}, [](const Tables& t) {
         auto& row = t.at<isa::LoadSubColumns>(ChipId::LOAD_SUB, pc("lhu"));
         row.bit1 = ONE;
         row.part = row.memory.hi;
       }});
  all.push_back({"lw out of date", {ChipId::LW}, Fault::BUSES, "", {}, [](const Tables& t) {
                   auto& row = t.at<isa::LwColumns>(ChipId::LW, pc("lw"));
                   row.memory_prev -= number(4);
                 }});

  // Products and quotients that nobody looks at: what is false is in the sink register, to its end.
  all.push_back({"mul off by one", {ChipId::MUL}, Fault::CONSTRAINTS, "", {}, [](const Tables& t) {
                   t.at<isa::MulColumns>(ChipId::MUL, pc("mul away")).result.lo += ONE;
                   t.final_register(isa::SINK_REGISTER).final_lo += ONE;
                 }});
  all.push_back({"mul by a carry that wraps", {ChipId::MUL}, Fault::BUSES, "", {}, [](const Tables& t) {
                   auto& row = t.at<isa::MulColumns>(ChipId::MUL, pc("mul away"));
                   row.result.lo += ONE;
                   row.carry0 -= number(65536).inverse();
                   row.result.hi -= number(65536).inverse();
                   t.final_register(isa::SINK_REGISTER).final_lo = row.result.lo;
                   t.final_register(isa::SINK_REGISTER).final_hi = row.result.hi;
                 }});
  all.push_back({"remainder as large as the divisor", {ChipId::DIV}, Fault::BUSES, "", {}, [](const Tables& t) {
                   auto& row = t.at<isa::DivColumns>(ChipId::DIV, pc("divu away"));
                   constexpr uint32_t QUOTIENT = A / B - 1, REMAINDER = A % B + B;
                   row.quotient = isa::bytes(QUOTIENT);
                   row.remainder = isa::word(REMAINDER);
                   row.result = isa::word(QUOTIENT);
                   row.borrow = ONE;
                   const auto carry = (isa::product_columns(QUOTIENT, B)[0] + REMAINDER) >> 16;
                   row.carry = F::from_i64(carry);
                   t.at<isa::MulColumns>(ChipId::MUL, pc("mul away")).rd.old = row.result;
                 }});

  // The system's side.
  all.push_back({"another exit code",
                 {ChipId::ECALL},
                 Fault::BUSES,
                 "",
                 {},
                 [](const Tables& t) { t.at<isa::EcallColumns>(ChipId::ECALL, pc("halt")).a0.lo += ONE; },
                 [](vm::Receipt& r) { ++r.claim.exit_code; }});
  all.push_back({"a journal word out of order", {ChipId::ECALL}, Fault::BUSES, "", {}, [](const Tables& t) {
                   t.at<isa::EcallColumns>(ChipId::ECALL, pc("write")).index += ONE;
                 }});
  all.push_back({"a journal index without a write", {ChipId::ECALL}, Fault::CONSTRAINTS, "", {}, [](const Tables& t) {
                   t.at<isa::EcallColumns>(ChipId::ECALL, pc("halt")).index = number(5);
                 }});
  all.push_back({"flags that are not boolean", {ChipId::ECALL}, Fault::CONSTRAINTS, "", {}, [](const Tables& t) {
                   // In a padding row, so that neither their sum nor any message is more than 0.
                   auto& row =
                       t.find<isa::EcallColumns>(ChipId::ECALL, [](const auto& r) { return r.at.pc.is_zero(); });
                   row.is_stdout = ONE;
                   row.is_stderr = -ONE;
                 }});
  all.push_back(
      {"the halt's clock", {ChipId::ECALL}, Fault::BUSES, "", {}, {}, [](vm::Receipt& r) { r.final_clock += 4; }});

  // Memory at both ends, and in between. The word's value 19 becomes 20 from the refresh on.
  all.push_back({"refresh to another value", {ChipId::REFRESH}, Fault::BUSES, "", {}, [](const Tables& t) {
                   constexpr uint32_t OFFSET = ZERO % 65536 + 4;
                   t.find<isa::RefreshColumns>(ChipId::REFRESH, [](const auto& row) {
                      return row.segment == number(ZERO >> 16) && row.offset == number(OFFSET);
                    }).value.lo += ONE;
                   t.at<isa::LwColumns>(ChipId::LW, pc("old lw")).value.lo += ONE;
                   t.at<isa::DivColumns>(ChipId::DIV, pc("divu away")).rd.old.lo += ONE;
                   t.find<isa::ZeroMemoryColumns>(ChipId::ZERO_MEMORY, [](const auto& row) {
                      return row.region.low == number(OFFSET / 4);
                    }).final_value.lo += ONE;
                 }});
  all.push_back({"refresh twice", {ChipId::REFRESH}, Fault::BUSES, "", {}, [](const Tables& t) {
                   t.row<isa::RefreshColumns>(ChipId::REFRESH, 0).is_real = number(2);
                 }});
  all.push_back({"refresh at another time, which is no lie", {}, Fault::NONE, "", {}, [](const Tables& t) {
                   auto& load = t.at<isa::LwColumns>(ChipId::LW, pc("old lw"));
                   auto& refresh = t.find<isa::RefreshColumns>(ChipId::REFRESH, [&](const auto& row) {
                     return row.new_clk.lo + row.new_clk.hi * number(65536) == load.memory_prev;
                   });
                   const uint32_t earlier = load.memory_prev.value() - 7;
                   load.memory_prev = number(earlier);
                   refresh.new_clk = isa::word(earlier);
                   refresh.gap_lo = number((earlier - refresh.old_clk.value() - 1) & 0xffff);
                 }});
  all.push_back({"zeroed memory holds something else in the end",
                 {ChipId::ZERO_MEMORY},
                 Fault::BUSES,
                 "",
                 {},
                 [](const Tables& t) { t.row<isa::ZeroMemoryColumns>(ChipId::ZERO_MEMORY, 0).final_value.hi += ONE; }});
  all.push_back(
      {"zeroed memory's chain skips a word", {ChipId::ZERO_MEMORY}, Fault::BUSES, "", {}, [](const Tables& t) {
         t.row<isa::ZeroMemoryColumns>(ChipId::ZERO_MEMORY, 1).region.gap.lo += ONE;
       }});
  all.push_back(
      {"input beyond 16 bits", {ChipId::INPUT_MEMORY, ChipId::LOOKUP}, Fault::BUSES, "", {}, [](const Tables& t) {
         auto& row =
             t.find<isa::InputMemoryColumns>(ChipId::INPUT_MEMORY, [](const auto& r) { return r.region.low == ONE; });
         row.initial.lo += number(65536);
         t.at<isa::LwColumns>(ChipId::LW, pc("input lw")).value.lo += number(65536);
         t.at<isa::LiColumns>(ChipId::LI, pc("after input lw")).rd.old.lo += number(65536);
       }});
  all.push_back({"other input, which is no lie", {}, Fault::NONE, "", {}, [](const Tables& t) {
                   auto& row = t.find<isa::InputMemoryColumns>(ChipId::INPUT_MEMORY,
                                                               [](const auto& r) { return r.region.low == ONE; });
                   row.initial.lo += ONE;
                   t.at<isa::LwColumns>(ChipId::LW, pc("input lw")).value.lo += ONE;
                   t.at<isa::LiColumns>(ChipId::LI, pc("after input lw")).rd.old.lo += ONE;
                 }});
  all.push_back({"image holds something else in the end", {ChipId::IMAGE}, Fault::BUSES, "", {}, [](const Tables& t) {
                   t.final_register(3).final_lo = ONE;
                 }});
  all.push_back({"image in the past", {ChipId::IMAGE}, Fault::BUSES, "", {}, [](const Tables& t) {
                   t.final_register(6).final_clk -= number(4);
                 }});

  // Tables of look-ups.
  all.push_back(
      {"an instruction executed once more", {ChipId::PROGRAM}, Fault::BUSES, "", {}, {}, {}, [](const Tables& t) {
         t.row<isa::ProgramColumns>(ChipId::PROGRAM, 3).multiplicity += ONE;
       }});
  for (const size_t column : {size_t{0}, size_t{1}, size_t{2}, size_t{3}})
    all.push_back({"look-up " + std::to_string(column) + " once more",
                   {ChipId::LOOKUP},
                   Fault::BUSES,
                   "",
                   {},
                   {},
                   {},
                   [column](const Tables& t) {
                     reinterpret_cast<F*>(&t.row<isa::LookupColumns>(ChipId::LOOKUP, 4711))[column] += ONE;
                   }});
  return all;
}

INSTANTIATE_TEST_SUITE_P(lies, RejectedProof, testing::ValuesIn(lies()), [](const auto& info) {
  std::string name = info.param.name;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
});

/// Everything is consistent with fixed tables that are not those of the image ID.
TEST(rejected_proofs, fixed_tables_of_another_program_do_not_open) {
  vm::Program other_code = subject().program, other_image = subject().program;
  const auto index = static_cast<size_t>(other_code.row_index(pc("add")));
  other_code.rows[index] = isa::classify(pc("add"), {Op::SUB, 5, 6, 7, 0});
  other_image.image[index].word ^= 1;
  for (const vm::Program& other : {other_code, other_image}) {
    vm::ProgramSetup setup = vm::make_setup(other);
    const vm::ImageId other_id = setup.preimage.image_id();
    const auto prove_as = [&](const vm::ImageIdPreimage& preimage) {
      setup.preimage = preimage;
      const vm::ProveOptions options;
      vm::ExecutionSource source(other, setup, subject().guest.input(), options, {});
      return vm::seal(setup, source, [&] { return source.claim(); }, {});
    };
    EXPECT_TRUE(verifies(prove_as(setup.preimage), other_id));
    const vm::Receipt receipt = prove_as(subject().setup.preimage);
    const auto verified = vm::verify_receipt(receipt, subject().setup.preimage.image_id());
    ASSERT_FALSE(verified.ok());
    EXPECT_NE(verified.error().message.find("does not belong to its commitment"), std::string::npos)
        << verified.error().message;
  }
}

TEST(rejected_proofs, there_is_a_lie_about_every_chip) {
  std::vector<int> told(ChipId::COUNT);
  for (const Lie& lie : lies())
    for (const size_t chip : lie.chips) ++told[chip];
  for (size_t c = 0; c < told.size(); ++c) EXPECT_GT(told[c], 0) << vm::machine_description().chips[c].air.name();
}

}  // namespace
}  // namespace zkvm::proofs
