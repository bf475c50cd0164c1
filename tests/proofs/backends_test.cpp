// Whole proofs under every backend that this processor has: the same receipt, byte for byte, and it verifies under
// each.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "stark/simd/dispatch.hpp"
#include "tests/differential/random_program.hpp"
#include "tests/proofs/instruction_guests.hpp"
#include "tests/proofs/proving.hpp"
#include "vm/elf/load.hpp"

namespace zkvm::proofs {
namespace {

using stark::Backend;
using Bytes = std::vector<uint8_t>;

std::vector<Backend> backends() {
  std::vector<Backend> supported;
  for (const Backend b : {Backend::PORTABLE, Backend::AVX2, Backend::AVX512})
    if (stark::backend_supported(b)) supported.push_back(b);
  return supported;
}

class Backends : public testing::Test {
 protected:
  ~Backends() override { stark::set_backend(before_); }

  static void expect_same_receipts(const vm::Program& program, std::span<const uint8_t> input,
                                   const vm::ProveOptions& options = {}) {
    Bytes first;
    for (const Backend backend : backends()) {
      SCOPED_TRACE(stark::backend_name(backend));
      stark::set_backend(backend);
      const vm::Receipt receipt = prove(program, input, options);
      const Bytes file = vm::encode_receipt(receipt);
      if (first.empty()) first = file;
      EXPECT_TRUE(file == first);
      for (const Backend verifier : backends()) {
        stark::set_backend(verifier);
        EXPECT_TRUE(verifies(receipt)) << "verified with " << stark::backend_name(verifier);
      }
    }
  }

 private:
  Backend before_ = stark::active_backend();
};

vm::Program load(const Bytes& elf) {
  auto program = vm::load_elf(elf);
  if (!program) throw std::runtime_error(program.error().message);
  return std::move(program).value();
}

TEST_F(Backends, agree_on_an_arithmetic_mix) {
  std::mt19937 random(2024);
  const auto source = differential::random_program(random, 1500);
  expect_same_receipts(load(source.build(differential::machine_epilogue()).build()), {});
}

TEST_F(Backends, agree_on_all_immediates) {
  const Guest g = immediate_arithmetic();
  expect_same_receipts(g.program(), g.input());
}

TEST_F(Backends, agree_on_memory_with_refreshes_in_several_shards) {
  Guest g(0x1'0000, {1, 2, 3});
  g.li(6, 0x0060'0000);
  g.emit({isa::Op::SW, 0, 6, 6, 0});
  g.wait(8300);
  g.emit({isa::Op::LW, 5, 6, 0, 0});
  g.show(5);
  g.halt();
  vm::ProveOptions options;
  options.shard_cycles = 10'000;
  expect_same_receipts(g.program(), g.input(), options);
}

#ifdef ZKVM_DIGITS
Bytes read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(Backends, agree_on_the_digits_example) {
  expect_same_receipts(load(read(ZKVM_DIGITS)), read("examples/digits/images/digit-3.bin"));
}
#endif

}  // namespace
}  // namespace zkvm::proofs
