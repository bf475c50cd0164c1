/// \file
/// What the executor promises a program, and a prover that breaks it: the bounds of the input, of the stack and of what
/// can be written to. The list of all promises, and where each is kept, is in tests/README.md.

#include "isa/chips/memory_boundary/columns.hpp"
#include "tests/proofs/guest.hpp"
#include "tests/proofs/liar.hpp"
#include "tests/proofs/proving.hpp"
#include "vm/prove/seal.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::proofs {
namespace {

using isa::ChipId;
using isa::Op;
using stark::F;

/// A prover's attempt. What it runs may differ from what it claims to have run.
struct Attempt {
  Guest guest;
  std::vector<uint8_t> input = guest.input();     ///< that is executed
  std::function<void(vm::Program&)> change = {};  ///< of the program that is executed
  std::function<void(vm::Receipt&)> claim = {};   ///< of what is claimed
  LyingSource::Lie tell = {};                     ///< of the rows
};

vm::Receipt prove(const Attempt& attempt) {
  const vm::Program program = attempt.guest.program();
  vm::Program executed = program;
  if (attempt.change) attempt.change(executed);
  const vm::ProgramSetup setup = vm::make_setup(program);
  const vm::ProveOptions options;
  vm::ExecutionSource source(executed, setup, attempt.input, options, {});
  LyingSource liar(source, setup.table, attempt.tell);
  const auto claim = [&] {
    vm::Receipt receipt = source.claim();
    if (attempt.claim) attempt.claim(receipt);
    return receipt;
  };
  return vm::seal(setup, liar, claim, {});
}

void expect_refused(const Attempt& attempt, const char* why) {
  const vm::Receipt receipt = prove(attempt);
  const vm::ImageId id = vm::make_setup(attempt.guest.program()).preimage.image_id();
  ASSERT_EQ(receipt.claim.image_id, id);
  const auto verified = vm::verify_receipt(receipt, id);
  ASSERT_FALSE(verified.ok()) << "a false receipt was accepted";
  EXPECT_EQ(verified.error().kind, vm::VerifyErrorKind::INVALID_PROOF);
  EXPECT_NE(verified.error().message.find(why), std::string::npos) << verified.error().message;
}
constexpr const char *BUSES = "the buses do not balance", *CONSTRAINTS = "the constraints do not hold";

/// Shows the words [0, words] of the input region: 0 is the length.
Guest reading(std::vector<uint8_t> input, std::vector<uint32_t> words) {
  Guest g(0x1'0000, std::move(input));
  g.li(6, vm::INPUT_BEGIN);
  for (const uint32_t w : words) {
    g.emit({Op::LW, 5, 6, 0, 4 * w});
    g.show(5);
  }
  g.halt();
  return g;
}

TEST(promises, inputs_of_any_length_are_proved) {
  for (size_t bytes = 0; bytes <= 9; ++bytes) {
    const std::vector<uint8_t> input(bytes, 0xff);
    std::vector<uint32_t> all = {0};
    for (uint32_t w = 1; w <= (bytes + 3) / 4; ++w) all.push_back(w);
    expect_proved(reading(input, all));
    expect_proved(reading(input, {0}));
    expect_proved(reading(input, {}));
  }
}

TEST(promises, the_input_is_as_long_as_it_says) {
  const std::vector<uint8_t> input = {1, 2, 3, 4, 5, 6, 7, 8};
  // A guest that has read the length.
  for (const uint32_t bytes : {0u, 5u, 6u, 7u, 9u, 12u, vm::MAX_INPUT_BYTES})
    expect_refused({reading(input, {0, 1}), input, {}, [=](vm::Receipt& r) { r.input_bytes = bytes; }}, BUSES);
  for (const uint32_t bytes : {vm::MAX_INPUT_BYTES + 1, 0xffff'fff4u, 0xffff'ffffu})
    expect_refused({reading(input, {0, 1}), input, {}, [=](vm::Receipt& r) { r.input_bytes = bytes; }},
                   "bytes of the input");
  // One that has not: the words are not those of an input of another length.
  for (const uint32_t bytes : {0u, 4u, 9u, 12u})
    expect_refused({reading(input, {1, 2}), input, {}, [=](vm::Receipt& r) { r.input_bytes = bytes; }}, BUSES);
  expect_refused({reading(input, {}), input, {}, [](vm::Receipt& r) { r.input_bytes = 12; }}, BUSES);
}

/// ../cases/statement/tail.cpp: what lies behind the end is zeros, or nothing.
TEST(promises, nothing_lies_behind_the_end_of_the_input) {
  const std::vector<uint8_t> input = {1, 2, 3, 4, 5, 6, 7, 8};
  const Guest guest = reading({1, 2, 3, 4, 5, 6}, {1, 2});
  const auto claim = [](vm::Receipt& r) { r.input_bytes = 6; };
  // The last word as it is, or with the bits that the claim gives it.
  expect_refused({guest, input, {}, claim}, BUSES);
  expect_refused(
      {guest,
       input,
       {},
       claim,
       [](const Tables& t) { t.row<isa::InputMemoryColumns>(ChipId::INPUT_MEMORY, 1).high_bits = F::zero(); }},
      BUSES);
  // A word more, outside of the chain or in it.
  const Guest short_guest = reading({1, 2, 3, 4}, {1, 2});
  const auto short_claim = [](vm::Receipt& r) { r.input_bytes = 4; };
  expect_refused({short_guest, input, {}, short_claim}, BUSES);
  expect_refused({short_guest,
                  input,
                  {},
                  short_claim,
                  [](const Tables& t) {
                    auto& first = t.row<isa::InputMemoryColumns>(ChipId::INPUT_MEMORY, 0);
                    auto& second = t.row<isa::InputMemoryColumns>(ChipId::INPUT_MEMORY, 1);
                    // The first is the last of the chain, the second comes before all.
                    second.region.gap = {F::from(1), F::zero()};
                    first.region.gap = {F::zero(), F::zero()};
                  }},
                 BUSES);
}

/// The input is what it was at the start, and constants and code are those of the file.
TEST(promises, what_is_read_only_stays_as_it_is) {
  Guest code;
  code.li(6, 0x1'0000);
  code.li(5, 77);
  code.emit({Op::SW, 0, 6, 5, 0});
  code.emit({Op::LW, 7, 6, 0, 0});
  code.show(7);
  code.halt();
  const auto writable = [](vm::Program& p) {
    for (vm::ImageWord& w : p.image) w.read_only = false;
  };
  expect_refused({code, {}, writable}, BUSES);

  // The load alone may be turned to either space: only one of both has the word.
  Guest reads;
  reads.li(6, 0x1'0000);
  reads.emit({Op::LW, 7, 6, 0, 0});
  reads.show(7);
  reads.halt();
  expect_proved(reads);
  expect_refused({reads, {}, writable}, BUSES);
}

/// A block that is hashed may be of either kind, but of the one that it is of.
TEST(promises, precompiles_read_constants_as_what_they_are) {
  Guest g;
  const uint32_t heap = 0x60'0000;
  g.li(Guest::A0, heap);
  g.li(Guest::A1, 0x1'0000);
  g.li(Guest::A7, ZKVM_ECALL_SHA256);
  g.emit({Op::ECALL});
  g.li(Guest::A7, static_cast<uint32_t>(vm::Ecall::WRITE_JOURNAL_WORD));
  g.halt();
  g.poison(16);  // so that the code is as long as a block
  expect_proved(g);
  expect_refused({g,
                  {},
                  [](vm::Program& p) {
                    for (vm::ImageWord& w : p.image) w.read_only = false;
                    for (vm::Segment& s : p.segments) s.writable = true;
                  }},
                 BUSES);
}

TEST(promises, the_gap_below_the_stack_is_no_memory) {
  Guest g;
  const uint32_t stack = vm::RAM_END - vm::DEFAULT_STACK_BYTES;
  g.li(6, stack - 8);
  g.li(5, 77);
  g.emit({Op::SW, 0, 6, 5, 4});
  g.emit({Op::LW, 7, 6, 0, 4});
  g.show(7);
  g.halt();
  // As part of the stack, of the heap, or of neither.
  const auto deeper = [](vm::Program& p) { p.stack_start -= 1u << 20; };
  expect_refused({g, {}, deeper}, BUSES);
  expect_refused({g, {}, deeper, [=](vm::Receipt& r) { r.stack_end_word = stack / 4; }}, BUSES);
  expect_refused({g, {}, deeper, [=](vm::Receipt& r) { r.heap_end_word = stack / 4; }}, "end of the touched heap");
  // A smaller gap than the image ID has.
  expect_refused({g, {}, deeper, [](vm::Receipt& r) { r.preimage.stack_start -= 1u << 20; }}, "image ID");
}

TEST(promises, heap_and_stack_are_chains_of_their_own) {
  Guest g;
  const uint32_t stack = vm::RAM_END - vm::DEFAULT_STACK_BYTES;
  for (const uint32_t addr : {0x60'0000u, 0x60'0100u, stack, vm::RAM_END - 4}) {
    g.li(6, addr);
    g.li(5, addr);
    g.emit({Op::SW, 0, 6, 5, 0});
    g.emit({Op::LW, 7, 6, 0, 0});
    g.show(7);
  }
  g.halt();
  expect_proved(g);
  // The stack's first word behind the heap's last.
  expect_refused(
      {g,
       {},
       {},
       {},
       [](const Tables& t) {
         const uint32_t gap = (vm::RAM_END - vm::DEFAULT_STACK_BYTES) / 4 - 0x60'0100 / 4 - 1;
         t.row<isa::ZeroMemoryColumns>(ChipId::ZERO_MEMORY, 2).region.gap = {F::from(gap & 0xffff), F::from(gap >> 16)};
       }},
      BUSES);
  expect_refused({g, {}, {}, [](vm::Receipt& r) { r.stack_end_word = r.preimage.stack_start / 4; }}, BUSES);
  expect_refused({g, {}, {}, [](vm::Receipt& r) { r.heap_end_word += 4; }}, BUSES);
}

/// ../cases/statement/print.cpp: printing proves nothing and stops nothing.
TEST(promises, printing_what_is_no_memory_changes_nothing) {
  Guest g;
  g.li(Guest::A0, 0x3000'0000);
  g.li(Guest::A1, 16);
  g.li(Guest::A7, static_cast<uint32_t>(vm::Ecall::PRINT_STDOUT));
  g.emit({Op::ECALL});
  g.halt();
  expect_proved(g);
}

}  // namespace
}  // namespace zkvm::proofs
