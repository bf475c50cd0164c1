#include "tests/differential/random_program.hpp"

#include <array>

#include "isa/decode.hpp"

namespace zkvm::differential {
namespace {

using isa::encode;
using isa::Format;
using isa::Instruction;
using isa::Op;

// Registers and immediates are drawn so that coincidences (rd == rs1, x0) and extreme values are common.
class Generator {
 public:
  Generator(std::mt19937& random, uint8_t scratch) : random_(random), scratch_(scratch) {}

  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

  uint32_t value() {
    static constexpr std::array<uint32_t, 10> EDGES = {0,          1,          2,          31,         0x7fffffff,
                                                       0x80000000, 0xffffffff, 0xfffffffe, 0x0000ffff, 0xffff0000};
    return below(2) == 0 ? EDGES[below(EDGES.size())] : static_cast<uint32_t>(random_());
  }

  // Any register but the scratch; half of the draws from a few, so that they meet.
  uint8_t reg() {
    for (;;) {
      const uint8_t r = static_cast<uint8_t>(below(2) == 0 ? below(32) : below(4) * 3);
      if (r != scratch_) return r;
    }
  }
  uint8_t nonzero_reg() {
    for (;;) {
      if (const uint8_t r = reg(); r != 0) return r;
    }
  }
  uint32_t imm12() {
    static constexpr std::array<int, 6> EDGES = {0, 1, -1, 2047, -2048, 31};
    return static_cast<uint32_t>(below(3) == 0 ? EDGES[below(EDGES.size())] : static_cast<int>(below(4096)) - 2048);
  }

  static void load_constant(std::vector<uint32_t>& out, uint8_t rd, uint32_t value) {
    out.push_back(encode({Op::LUI, rd, 0, 0, (value + 0x800) & 0xfffff000u}));
    out.push_back(encode({Op::ADDI, rd, rd, 0, static_cast<uint32_t>(static_cast<int32_t>(value << 20) >> 20)}));
  }

  std::vector<uint32_t> unit() {
    std::vector<uint32_t> out;
    switch (below(8)) {
      case 0: {  // memory access
        static constexpr std::array<Op, 8> ACCESSES = {Op::LB, Op::LBU, Op::LH, Op::LHU,
                                                       Op::LW, Op::SB,  Op::SH, Op::SW};
        const Op op = ACCESSES[below(8)];
        const uint32_t size = op == Op::LW || op == Op::SW ? 4 : op == Op::LH || op == Op::LHU || op == Op::SH ? 2 : 1;
        const uint32_t addr = DATA + DUMP_BYTES + below((DATA_BYTES - DUMP_BYTES) / size) * size;
        const uint32_t imm = imm12();
        const uint8_t base = nonzero_reg();
        load_constant(out, base, addr - imm);
        const bool store = isa::opcode(op).format == Format::S;
        out.push_back(encode({op, store ? uint8_t{0} : reg(), base, store ? reg() : uint8_t{0}, imm}));
        break;
      }
      case 1: {  // jalr over a few words that must not be executed, target bit 0 sometimes set
        const uint8_t base = nonzero_reg();
        const uint32_t skipped = below(3);
        const uint32_t imm = imm12() & ~3u;
        out.push_back(encode({Op::AUIPC, base, 0, 0, 0}));
        out.push_back(encode({Op::ADDI, base, base, 0, 12 + 4 * skipped + below(2)}));
        // Sometimes the offset does the rest of the work.
        if (below(2) == 0) {
          out.push_back(encode({Op::JALR, reg(), base, 0, 0}));
        } else {
          out.back() = encode({Op::ADDI, base, base, 0, 16 + 4 * skipped - (imm & 0x3fc) + below(2)});
          out.push_back(encode({Op::FENCE, 0, 0, 0, 0xff}));
          out.push_back(encode({Op::JALR, reg(), base, 0, imm & 0x3fc}));
        }
        for (uint32_t i = 0; i < skipped; ++i) out.push_back(0);
        break;
      }
      case 2: {  // jal or branch, forward over poison or over real instructions
        const uint32_t skipped = 1 + below(3);
        const uint32_t kind = below(7);
        static constexpr std::array<Op, 6> BRANCHES = {Op::BEQ, Op::BNE, Op::BLT, Op::BGE, Op::BLTU, Op::BGEU};
        if (kind == 6) {
          out.push_back(encode({Op::JAL, reg(), 0, 0, 4 + 4 * skipped}));
          for (uint32_t i = 0; i < skipped; ++i) out.push_back(0);
        } else {
          out.push_back(encode({BRANCHES[kind], 0, reg(), reg(), 4 + 4 * skipped}));
          for (uint32_t i = 0; i < skipped; ++i) out.push_back(arithmetic());
        }
        break;
      }
      case 3: {  // a register gets an interesting value
        load_constant(out, nonzero_reg(), value());
        break;
      }
      default:
        out.push_back(arithmetic());
    }
    return out;
  }

  // A counted loop around some arithmetic that leaves its counter alone. Backward branches come from here.
  std::vector<uint32_t> loop() {
    const uint8_t counter = nonzero_reg();
    std::vector<uint32_t> out = {encode({Op::ADDI, counter, 0, 0, 1 + below(20)})};
    const uint32_t length = 1 + below(6);
    for (uint32_t i = 0; i < length;) {
      const uint32_t word = arithmetic();
      if (isa::decode(word)->rd == counter) continue;
      out.push_back(word);
      ++i;
    }
    out.push_back(encode({Op::ADDI, counter, counter, 0, static_cast<uint32_t>(-1)}));
    out.push_back(encode({Op::BNE, 0, counter, 0, static_cast<uint32_t>(-4) * (length + 1)}));
    return out;
  }

 private:
  // Any instruction without memory access or jump.
  uint32_t arithmetic() {
    for (;;) {
      const Op op = static_cast<Op>(below(isa::OP_COUNT));
      const Format format = isa::opcode(op).format;
      Instruction in{.op = op, .rd = reg()};
      if (below(4) == 0 && op == Op::FENCE) return encode({Op::FENCE, 0, 0, 0, 0xff});
      switch (format) {
        case Format::R:
          in.rs1 = reg();
          in.rs2 = reg();
          if (below(4) == 0) in.rd = in.rs1;
          if (below(8) == 0) in.rd = in.rs2;
          return encode(in);
        case Format::SHIFT:
          in.rs1 = reg();
          in.imm = below(32);
          return encode(in);
        case Format::U:
          in.imm = static_cast<uint32_t>(random_()) & 0xfffff000u;
          return encode(in);
        case Format::I:
          if (op < Op::ADDI || op > Op::ANDI) continue;
          in.rs1 = reg();
          if (below(4) == 0) in.rd = in.rs1;
          in.imm = imm12();
          return encode(in);
        default:
          continue;
      }
    }
  }

  std::mt19937& random_;
  uint8_t scratch_;
};

}  // namespace

RandomProgram random_program(std::mt19937& random, size_t units) {
  RandomProgram program;
  program.scratch = static_cast<uint8_t>(1 + random() % 31);
  Generator generator(random, program.scratch);
  for (uint8_t r = 1; r < 32; ++r) Generator::load_constant(program.code, r, generator.value());
  for (size_t i = 0; i < units; ++i) {
    const auto words = generator.below(16) == 0 ? generator.loop() : generator.unit();
    program.code.insert(program.code.end(), words.begin(), words.end());
  }
  program.code.push_back(encode({Op::LUI, program.scratch, 0, 0, DUMP}));
  for (uint8_t r = 1; r < 32; ++r) {
    program.code.push_back(encode({Op::SW, 0, program.scratch, r, uint32_t{4} * r}));
  }
  program.data.resize(DATA_BYTES);
  for (uint8_t& byte : program.data) byte = static_cast<uint8_t>(random());
  return program;
}

vm::ElfBuilder RandomProgram::build(const std::vector<uint32_t>& epilogue) const {
  vm::ElfBuilder builder;
  builder.entry = CODE;
  std::vector<uint32_t> words = code;
  words.insert(words.end(), epilogue.begin(), epilogue.end());
  builder.add_code(CODE, words);
  builder.loads.push_back({.addr = DATA, .bytes = data});
  return builder;
}

std::vector<uint32_t> linux_epilogue() {
  constexpr uint32_t WRITE = 64, EXIT = 93;
  std::vector<uint32_t> out = {encode({Op::ADDI, 10, 0, 0, 1})};
  Generator::load_constant(out, 11, DATA);
  Generator::load_constant(out, 12, DATA_BYTES);
  out.push_back(encode({Op::ADDI, 17, 0, 0, WRITE}));
  out.push_back(encode({Op::ECALL}));
  out.push_back(encode({Op::ADDI, 10, 0, 0, 0}));
  out.push_back(encode({Op::ADDI, 17, 0, 0, EXIT}));
  out.push_back(encode({Op::ECALL}));
  return out;
}

std::vector<uint32_t> machine_epilogue() {
  std::vector<uint32_t> out;
  for (uint8_t r : {uint8_t{10}, uint8_t{11}, uint8_t{17}}) out.push_back(encode({Op::ADDI, r, 0, 0, 0}));
  out.push_back(encode({Op::ECALL}));
  return out;
}

}  // namespace zkvm::differential
