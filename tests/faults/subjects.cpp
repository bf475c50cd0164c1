#include "tests/faults/subjects.hpp"

#include <random>
#include <stdexcept>

#include "guest-sdk/include/zkvm/ecall.h"
#include "isa/decode.hpp"
#include "isa/semantics.hpp"
#include "tests/differential/random_program.hpp"
#include "tests/nn/linear_layer.hpp"
#include "tests/support/small_guests.hpp"
#include "vm/elf/load.hpp"

namespace zkvm::tests {
namespace {

using isa::encode;
using isa::Op;

using Code = std::vector<uint32_t>;

constexpr uint8_t HERE = 5, END = 6, HASH = 7, WORD = 8, TIMES_32 = 9;

void load(Code& out, uint8_t reg, uint32_t value) {
  out.push_back(lui(reg, value + 0x800));
  out.push_back(addi(reg, reg, static_cast<int32_t>(value << 20) >> 20));
}

/// HASH = 33 HASH ^ word for `words` from `address` on, and that into the journal.
void journal_hash(Code& out, uint32_t address, uint32_t words) {
  load(out, HERE, address);
  load(out, END, address + 4 * words);
  out.push_back(lw(WORD, HERE, 0));
  out.push_back(encode({Op::SLLI, TIMES_32, HASH, 0, 5}));
  out.push_back(encode({Op::ADD, HASH, HASH, TIMES_32, 0}));
  out.push_back(encode({Op::XOR, HASH, HASH, WORD, 0}));
  out.push_back(addi(HERE, HERE, 4));
  out.push_back(bne(HERE, END, -20));
  out.push_back(addi(A0, HASH, 0));
  for (const uint32_t word : ecall(vm::Ecall::WRITE_JOURNAL_WORD)) out.push_back(word);
}

/// Exits with the low bits of the hash.
void halt_with_hash(Code& out, int32_t journal_words) {
  out.push_back(encode({Op::ANDI, static_cast<uint8_t>(A0), HASH, 0, 127}));
  out.push_back(addi(A1, 0, 4 * journal_words));
  out.push_back(addi(A7, 0, 0));
  out.push_back(ECALL);
}

vm::Program loaded(const vm::ElfBuilder& elf) {
  auto program = vm::load_elf(elf.build());
  if (!program.ok()) throw std::runtime_error(program.error().message);
  return std::move(program).value();
}

constexpr uint32_t INPUT_WORDS = 4;
std::vector<uint8_t> random_input(std::mt19937& random) {
  std::vector<uint8_t> input(4 * INPUT_WORDS);
  for (uint8_t& byte : input) byte = static_cast<uint8_t>(random());
  return input;
}

/// What a program with data at DATA ends with.
Code ending() {
  Code out = {addi(HASH, 0, 1)};
  journal_hash(out, differential::DATA, 64);
  journal_hash(out, vm::INPUT_BEGIN, 1 + INPUT_WORDS);
  halt_with_hash(out, 2);
  return out;
}

}  // namespace

Subject random_subject(uint32_t seed) {
  std::mt19937 random(seed);
  const differential::RandomProgram program = differential::random_program(random, 120);
  return {"random program " + std::to_string(seed), loaded(program.build(ending())), random_input(random)};
}

Subject memory_subject(uint32_t seed) {
  std::mt19937 random(seed);
  constexpr uint8_t BASE = 20, ROUNDS = 21, FIRST = 10;
  constexpr Op ACCESSES[] = {Op::LB, Op::LBU, Op::LH, Op::LHU, Op::LW, Op::LW, Op::SB, Op::SH, Op::SW, Op::SW};
  constexpr Op BRANCHES[] = {Op::BEQ, Op::BNE, Op::BLT, Op::BGE, Op::BLTU, Op::BGEU};
  const auto reg = [&] { return static_cast<uint8_t>(FIRST + random() % 6); };
  Code code;
  load(code, BASE, differential::DATA);
  code.push_back(addi(ROUNDS, 0, 3));
  for (uint8_t r = FIRST; r < FIRST + 6; ++r) load(code, r, static_cast<uint32_t>(random()));
  Code body;
  for (int i = 0; i < 80; ++i) {
    if (random() % 6 == 0) {
      body.push_back(encode({BRANCHES[random() % 6], 0, reg(), reg(), 8}));
      body.push_back(encode({Op::ADD, reg(), reg(), reg(), 0}));
      continue;
    }
    if (random() % 8 == 0) {
      body.push_back(encode({Op::AUIPC, 22, 0, 0, 0}));
      body.push_back(encode({Op::JALR, reg(), 22, 0, 12}));
      body.push_back(encode({Op::JAL, reg(), 0, 0, 4}));
      continue;
    }
    const Op op = ACCESSES[random() % std::size(ACCESSES)];
    const uint32_t size = isa::access_size(op), offset = static_cast<uint32_t>(random()) % 32 / size * size;
    const bool store = isa::opcode(op).format == isa::Format::S;
    body.push_back(encode({op, store ? uint8_t{0} : reg(), BASE, store ? reg() : uint8_t{0}, offset}));
  }
  code = code + body;
  code.push_back(addi(ROUNDS, ROUNDS, -1));
  code.push_back(bne(ROUNDS, 0, -4 * static_cast<int32_t>(body.size() + 1)));
  vm::ElfBuilder elf;
  elf.entry = differential::CODE;
  elf.add_code(elf.entry, code + ending());
  std::vector<uint8_t> data(differential::DATA_BYTES);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(random());
  elf.loads.push_back({.addr = differential::DATA, .bytes = std::move(data)});
  return {"memory program " + std::to_string(seed), loaded(elf), random_input(random)};
}

Subject hashing_subject() {
  std::mt19937 random(1);
  constexpr uint32_t AT = differential::DATA;
  Code code;
  const auto call = [&](uint32_t number, uint32_t first, uint32_t second) {
    load(code, A0, first);
    load(code, A1, second);
    code.push_back(addi(A7, 0, static_cast<int32_t>(number)));
    code.push_back(ECALL);
  };
  call(ZKVM_ECALL_SHA256, AT, AT + 64);
  call(ZKVM_ECALL_KECCAK, AT, 0);
  call(ZKVM_ECALL_SHA256, AT + 256, AT + 32);
  call(ZKVM_ECALL_SHA256, AT, vm::INPUT_BEGIN + 4);
  code.push_back(addi(HASH, 0, 1));
  journal_hash(code, AT, 100);
  journal_hash(code, vm::INPUT_BEGIN, 1 + INPUT_WORDS);
  halt_with_hash(code, 2);
  vm::ElfBuilder elf;
  elf.entry = differential::CODE;
  elf.add_code(elf.entry, code);
  std::vector<uint8_t> data(differential::DATA_BYTES), input(64);
  for (std::vector<uint8_t>* bytes : {&data, &input})
    for (uint8_t& byte : *bytes) byte = static_cast<uint8_t>(random());
  elf.loads.push_back({.addr = AT, .bytes = std::move(data)});
  return {"hashing", loaded(elf), input};
}

Subject network_subject(uint32_t seed) {
  Random random(seed + 1);
  LinearLayer conv = plain_convolution(3, 4, 4, 2);
  for (zkvm_nn_channel& c : conv.channels) c.shift = -5;
  conv.header.pad_top = conv.header.pad_left = 1;
  LinearLayer depthwise = plain_convolution(3, 4, 4, 2);
  depthwise.header.operand = ZKVM_NN_DEPTHWISE;
  depthwise.weights.resize(depthwise.weight_count());
  const LinearLayer nk = plain_product(ZKVM_NN_RAM_NK, 3, 4, 4), kn = plain_product(ZKVM_NN_RAM_KN, 2, 8, 4);
  LinearLayer stepped = plain_convolution(2, 4, 4, 1);
  stepped.use_thresholds(300);
  std::vector<TestLayer> layers;
  for (LinearLayer l : {conv, depthwise, stepped}) {
    for (int8_t& w : l.weights) w = static_cast<int8_t>(random(-20, 20));
    layers.push_back(l.made());
    l.weights[0] = static_cast<int8_t>(l.weights[0] + 7);
    l.weights[5] = static_cast<int8_t>(-l.weights[5]);
    layers.push_back(l.made());
  }
  layers.push_back(nk.made());
  layers.push_back(kn.made());
  for (const uint32_t kind :
       {ZKVM_NN_TABLE, ZKVM_NN_ADD, ZKVM_NN_POOL, ZKVM_NN_POOL, ZKVM_NN_SOFTMAX, ZKVM_NN_LAYER_NORM}) {
    for (;;) {
      TestLayer l = random_layer(random, kind, 1);
      if (l.output_bytes > 48 || l.input_bytes > 200 || !precompiles::nn::Rom().load(l.record).empty()) continue;
      layers.push_back(l);
      if (kind == ZKVM_NN_TABLE) {
        for (unsigned i = 0; i < 256; i += 3) l.record[ZKVM_NN_HEADER_BYTES + i] ^= 1;
        layers.push_back(std::move(l));
      }
      break;
    }
  }
  constexpr uint32_t OUT = 0x200'0000, STRIDE = 0x40;
  std::vector<TestCall> calls;
  for (uint32_t i = 0; i < layers.size(); ++i) {
    // Some take what the first one made.
    const uint32_t input = i % 3 == 1 ? OUT : TENSORS + 0x20 * i;
    calls.push_back({i, input, layers[i].second_bytes == 0 ? 0 : TENSORS + 0x300, OUT + STRIDE * i});
  }
  Code end = {addi(HASH, 0, 1)};
  journal_hash(end, OUT, static_cast<uint32_t>(layers.size()) * STRIDE / 4);
  halt_with_hash(end, 1);
  std::vector<uint8_t> memory(0x600);
  for (uint8_t& b : memory) b = random.byte();
  return {"network " + std::to_string(seed), layer_program(layers, calls, memory, end), {}};
}

}  // namespace zkvm::tests
