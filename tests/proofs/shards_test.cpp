// One execution, cut in many ways: every cut proves the same claim. And claims that are false of it, each with a seal
// that a prover made for just that claim, are refused.
#include <omp.h>

#include <map>

#include "guest-sdk/include/zkvm/ecall.h"
#include "precompiles/keccak/permutation.hpp"
#include "tests/proofs/liar.hpp"
#include "tests/proofs/proving.hpp"
#include "vm/exec/machine.hpp"
#include "vm/prove/seal.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::proofs {
namespace {

using isa::ChipId;
using isa::Op;
using vm::Receipt;

constexpr uint32_t ZERO = 0x0060'0000;

/// Touches `touched` words each of zeroed memory and of the input, waits for `rounds`, writes a journal of 7 bytes,
/// exits with 9.
Guest touching(uint32_t touched, uint32_t rounds) {
  std::vector<uint8_t> input(4 * touched - 3);  // words of which the last has a byte
  input[0] = 5;
  input[4] = 6;
  Guest g(0x1'0000, input);
  g.li(6, ZERO);
  g.li(7, vm::INPUT_BEGIN + 4);
  g.li(8, touched);
  // A word of each region per round: x6 and x7 walk on. The model sees one round of it.
  g.emit({Op::SW, 0, 6, 8, 0});
  g.emit({Op::LW, 5, 7, 0, 0});
  g.emit({Op::ADDI, 6, 6, 0, 4});
  g.emit({Op::ADDI, 7, 7, 0, 4});
  g.emit({Op::ADDI, 8, 8, 0, 0xffff'ffff});
  g.emit({Op::BNE, 0, 8, 0, 0u - 20});
  g.assume(5, 0);
  g.assume(6, ZERO + 4 * touched);
  g.assume(8, 0);
  if (rounds != 0) g.wait(rounds);
  g.li(9, ZERO);
  g.emit({Op::LW, 5, 9, 0, 0});
  g.show(5);
  g.emit({Op::LW, 5, 6, 0, 0xffff'fffc});
  g.assume(5, 1);
  g.show(5);
  g.halt(9, 7);
  return g;
}

struct Subject {
  Guest guest;
  vm::Program program = guest.program();
  vm::ProgramSetup setup = vm::make_setup(program);
  vm::ImageId id = setup.preimage.image_id();
};
constexpr uint32_t TOUCHED = 3000;  ///< more words than some shards have cycles
const Subject& subject() {
  static const Subject SUBJECT{touching(TOUCHED, 8300)};
  return SUBJECT;
}
const Subject& small_subject() {
  static const Subject SUBJECT{touching(20, 0)};
  return SUBJECT;
}

Receipt prove_in_shards(const Subject& s, uint64_t shard_cycles, size_t keep_bytes = 0,
                        const std::function<void(Receipt&)>& change = {}) {
  const vm::ProveOptions options;
  vm::ShardingOptions sharding;
  sharding.shard_cycles = shard_cycles;
  vm::ExecutionSource source(s.program, s.setup, s.guest.input(), options, sharding);
  vm::SealOptions seal_options;
  seal_options.keep_bytes = keep_bytes;
  return vm::seal(
      s.setup, source,
      [&] {
        Receipt claim = source.claim();
        if (change) change(claim);
        return claim;
      },
      seal_options);
}

bool has(const stark::ShardProof& shard, size_t chip) {
  for (const stark::TableShape& t : shard.tables)
    if (t.chip == chip) return true;
  return false;
}
/// Neither instructions nor the image.
bool settles_memory_only(const stark::ShardProof& shard) {
  for (const stark::TableShape& t : shard.tables)
    if (t.chip < isa::CHIP_COUNT || t.chip == ChipId::IMAGE) return false;
  return true;
}

void expect_right(const Receipt& receipt) {
  EXPECT_TRUE(verifies(receipt, subject().id));
  EXPECT_EQ(receipt.claim.exit_code, 9u);
  EXPECT_EQ(receipt.claim.journal, subject().guest.expected_journal());
  EXPECT_EQ(receipt.claim.journal.size(), 7u);
  vm::PlainMachine machine(subject().program, subject().guest.input());
  ASSERT_EQ(machine.run(), vm::Stop::HALTED);
  EXPECT_EQ(receipt.cycles(), machine.cycles());
  EXPECT_EQ(receipt.heap_end_word, ZERO / 4 + TOUCHED);
  EXPECT_EQ(receipt.stack_end_word, subject().program.stack_start / 4);
  EXPECT_EQ(receipt.input_bytes, 4 * TOUCHED - 3);
}

TEST(shards, one_proves_the_execution) {
  const Receipt receipt = prove_in_shards(subject(), 1 << 20);
  EXPECT_EQ(receipt.seal.shards.size(), 1u);
  expect_right(receipt);
}

TEST(shards, several_prove_the_same_claim) {
  for (const uint64_t shard_cycles : {20'000u, 7'001u}) {
    const Receipt receipt = prove_in_shards(subject(), shard_cycles);
    EXPECT_GE(receipt.seal.shards.size(), 2u);
    expect_right(receipt);
  }
}

TEST(shards, words_too_many_for_the_last_go_into_more) {
  const Receipt receipt = prove_in_shards(subject(), 3'000);
  size_t extra = 0, images = 0;
  for (const auto& shard : receipt.seal.shards) {
    if (settles_memory_only(shard)) ++extra;
    if (has(shard, ChipId::IMAGE)) ++images;
    EXPECT_TRUE(has(shard, ChipId::PROGRAM) && has(shard, ChipId::LOOKUP));
  }
  EXPECT_GE(extra, 1u);
  EXPECT_EQ(images, 1u);
  expect_right(receipt);
}

/// A chain of Keccak calls on one state in zeroed memory, `shard_cells` at most in a shard.
Receipt prove_keccak_chain(Subject& s, uint64_t shard_cells) {
  const vm::ProveOptions options;
  vm::ShardingOptions sharding;
  sharding.shard_cells = shard_cells;
  vm::ExecutionSource source(s.program, s.setup, {}, options, sharding);
  return vm::seal(s.setup, source, [&] { return source.claim(); }, {});
}

TEST(shards, a_chain_of_keccak_calls_goes_through_them) {
  constexpr unsigned CALLS = 5;
  precompiles::keccak::State state{};
  for (unsigned i = 0; i < CALLS; ++i) state = precompiles::keccak::permute(state);
  Guest g;
  g.li(Guest::A0, ZERO);
  g.li(Guest::A7, ZKVM_ECALL_KECCAK);
  for (unsigned i = 0; i < CALLS; ++i) g.emit({Op::ECALL});
  g.li(Guest::A7, 1);
  g.li(6, ZERO);
  for (const uint32_t lane : {0u, 24u}) {
    g.emit({Op::LW, 5, 6, 0, 8 * lane + 4});
    g.assume(5, static_cast<uint32_t>(state[lane] >> 32));
    g.show(5);
  }
  g.halt();
  Subject s{g};
  for (const auto& [shard_cells, shards] : {std::pair{UINT64_MAX, 1u}, {uint64_t{1} << 18, 2u}, {uint64_t{1}, CALLS}}) {
    const Receipt receipt = prove_keccak_chain(s, shard_cells);
    EXPECT_GE(receipt.seal.shards.size(), shards);
    EXPECT_TRUE(verifies(receipt, s.id));
    EXPECT_EQ(receipt.claim.journal, g.expected_journal());
  }
}

TEST(shards, what_is_kept_in_memory_does_not_show_in_the_receipt) {
  const auto nothing = vm::encode_receipt(prove_in_shards(subject(), 15'000, 0));
  EXPECT_TRUE(vm::encode_receipt(prove_in_shards(subject(), 15'000, size_t{8} << 20)) == nothing);
  EXPECT_TRUE(vm::encode_receipt(prove_in_shards(subject(), 15'000, size_t{1} << 30)) == nothing);
}

TEST(shards, the_number_of_threads_does_not_show_in_the_receipt) {
  const int before = omp_get_max_threads();
  std::vector<std::vector<uint8_t>> receipts;
  for (const int threads : {1, 2, 5}) {
    omp_set_num_threads(threads);
    receipts.push_back(vm::encode_receipt(prove_in_shards(small_subject(), 100)));
  }
  omp_set_num_threads(before);
  EXPECT_TRUE(receipts[1] == receipts[0]);
  EXPECT_TRUE(receipts[2] == receipts[0]);
}

TEST(shards, a_memory_budget_cuts_by_itself) {
  // With the least budget, shards of little more than 2^16 cycles.
  Guest g;
  g.wait(50'000);
  g.li(5, 7);
  g.show(5);
  g.halt();
  vm::ProveOptions options;
  const auto prove_within = [&](size_t mebibytes) {
    options.memory_bytes = mebibytes << 20;
    return vm::prove_program(g.program(), {}, options);
  };
  size_t mebibytes = 64;
  auto outcome = prove_within(mebibytes);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, vm::ProveErrorKind::BAD_INPUT);
  while (!outcome.ok() && mebibytes < 1024) outcome = prove_within(mebibytes += 16);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->receipt.seal.shards.size(), 2u);
  EXPECT_TRUE(verifies(outcome->receipt));
  EXPECT_EQ(outcome->receipt.claim.journal, g.expected_journal());
}

TEST(shards, may_have_one_instruction_each) {
  Guest g;
  g.li(5, 0x1234'5678);
  g.li(6, ZERO);
  g.emit({Op::SW, 0, 6, 5, 0});
  g.emit({Op::LW, 7, 6, 0, 0});
  g.show(7);
  g.halt();
  vm::ProveOptions options;
  options.shard_cycles = 1;
  const Receipt receipt = prove(g.program(), {}, options);
  EXPECT_EQ(receipt.seal.shards.size(), receipt.cycles() + 1);  // and one for the touched word
  EXPECT_TRUE(verifies(receipt));
  EXPECT_EQ(receipt.claim.journal, g.expected_journal());
}

TEST(shards, cannot_be_reordered_left_out_repeated_or_mixed) {
  const Receipt good = prove_in_shards(subject(), 15'000), other = prove_in_shards(subject(), 14'000);
  ASSERT_TRUE(verifies(good, subject().id));
  const size_t n = good.seal.shards.size();
  ASSERT_EQ(other.seal.shards.size(), n);
  const auto expect_refused = [&](const std::string& what, auto&& change) {
    Receipt changed = good;
    change(changed.seal.shards);
    EXPECT_FALSE(verifies(changed, subject().id)) << what;
  };
  for (size_t i = 0; i < n; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    expect_refused("without " + std::to_string(i), [&](auto& s) { s.erase(s.begin() + at); });
    expect_refused("twice " + std::to_string(i), [&](auto& s) { s.insert(s.begin() + at, s[i]); });
    expect_refused("another cut's " + std::to_string(i), [&](auto& s) { s[i] = other.seal.shards[i]; });
    if (i + 1 < n) expect_refused("swapped " + std::to_string(i), [&](auto& s) { std::swap(s[i], s[i + 1]); });
  }
}

/// The prover proves the false claim itself, with honest traces: only the verifier's own messages are against it.
TEST(shards, false_claims_are_refused_even_when_proved_as_such) {
  std::map<std::string, std::function<void(Receipt&)>> lies;
  lies["exit code"] = [](Receipt& r) { ++r.claim.exit_code; };
  lies["exit code, high limb"] = [](Receipt& r) { r.claim.exit_code ^= 0x8000'0000; };
  lies["exit code, carried into the high limb"] = [](Receipt& r) { r.claim.exit_code += 0xffff; };
  lies["journal byte"] = [](Receipt& r) { r.claim.journal[5] ^= 1; };
  lies["journal words swapped"] = [](Receipt& r) { std::swap(r.claim.journal[0], r.claim.journal[4]); };
  lies["journal with its padding byte"] = [](Receipt& r) { r.claim.journal.push_back(0); };
  lies["journal shorter by a byte"] = [](Receipt& r) { r.claim.journal.pop_back(); };
  lies["journal of one word"] = [](Receipt& r) { r.claim.journal.resize(4); };
  lies["journal with a word more"] = [](Receipt& r) { r.claim.journal.resize(12); };
  lies["no journal"] = [](Receipt& r) { r.claim.journal.clear(); };
  lies["final clock"] = [](Receipt& r) { r.final_clock += 4; };
  lies["final clock, earlier"] = [](Receipt& r) { r.final_clock -= 4; };
  lies["end of the heap"] = [](Receipt& r) { ++r.heap_end_word; };
  lies["end of the heap, before"] = [](Receipt& r) { --r.heap_end_word; };
  lies["heap untouched"] = [](Receipt& r) { r.heap_end_word = r.preimage.zero_start / 4; };
  lies["stack touched"] = [](Receipt& r) { ++r.stack_end_word; };
  lies["input longer by a byte"] = [](Receipt& r) { ++r.input_bytes; };
  lies["input longer by a word"] = [](Receipt& r) { r.input_bytes += 4; };
  lies["input shorter by a word"] = [](Receipt& r) { r.input_bytes -= 4; };
  lies["no input"] = [](Receipt& r) { r.input_bytes = 0; };
  EXPECT_TRUE(verifies(prove_in_shards(small_subject(), 100), small_subject().id));
  for (const auto& [name, lie] : lies) {
    const Receipt receipt = prove_in_shards(small_subject(), 100, size_t{1} << 30, lie);
    const auto verified = vm::verify_receipt(receipt, small_subject().id);
    ASSERT_FALSE(verified.ok()) << name;
    EXPECT_EQ(verified.error().kind, vm::VerifyErrorKind::INVALID_PROOF) << name;
    EXPECT_NE(verified.error().message.find("the buses do not balance"), std::string::npos)
        << name << ": " << verified.error().message;
  }
}

/// Other starts are other images; this execution proves nothing of those either.
TEST(shards, an_execution_proves_nothing_of_an_image_with_another_start) {
  std::map<std::string, std::function<void(vm::ImageIdPreimage&)>> others;
  others["entry"] = [](vm::ImageIdPreimage& p) { p.entry += 4; };
  others["more zeroed memory"] = [](vm::ImageIdPreimage& p) { p.zero_start -= vm::PAGE_BYTES; };
  others["less zeroed memory"] = [](vm::ImageIdPreimage& p) { p.zero_start += vm::PAGE_BYTES; };
  others["a larger stack"] = [](vm::ImageIdPreimage& p) { p.stack_start -= vm::PAGE_BYTES; };
  others["a smaller stack"] = [](vm::ImageIdPreimage& p) { p.stack_start += vm::PAGE_BYTES; };
  for (const auto& [name, change] : others) {
    const Receipt receipt = prove_in_shards(small_subject(), 100, size_t{1} << 30, [&](Receipt& r) {
      change(r.preimage);
      r.claim.image_id = r.preimage.image_id();
    });
    EXPECT_EQ(vm::verify_receipt(receipt, small_subject().id).error().kind, vm::VerifyErrorKind::WRONG_IMAGE) << name;
    const auto verified = vm::verify_receipt(receipt, receipt.claim.image_id);
    ASSERT_FALSE(verified.ok()) << name;
    EXPECT_EQ(verified.error().kind, vm::VerifyErrorKind::INVALID_PROOF) << name;
  }
}

}  // namespace
}  // namespace zkvm::proofs
