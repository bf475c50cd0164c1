#include "tests/proofs/proving.hpp"

#include <stdexcept>

namespace zkvm::proofs {

vm::Receipt prove(const vm::Program& program, std::span<const uint8_t> input, const vm::ProveOptions& options) {
  auto outcome = vm::prove_program(program, input, options);
  if (!outcome) throw std::runtime_error(outcome.error().message);
  return std::move(outcome->receipt);
}

testing::AssertionResult verifies(const vm::Receipt& receipt, const vm::ImageId& expected) {
  const auto verified = vm::verify_receipt(receipt, expected);
  if (!verified) return testing::AssertionFailure() << verified.error().message;
  return testing::AssertionSuccess();
}

void expect_proved(const Guest& guest) {
  const vm::Program program = guest.program();
  const vm::Receipt receipt = prove(program, guest.input());
  EXPECT_TRUE(verifies(receipt, vm::make_setup(program).preimage.image_id()));
  EXPECT_EQ(receipt.claim.exit_code, guest.expected_exit_code());
  const std::vector<uint8_t> expected = guest.expected_journal();
  ASSERT_EQ(receipt.claim.journal.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ(receipt.claim.journal[i], expected[i]) << "journal byte " << i << ", word " << i / 4;
}

}  // namespace zkvm::proofs
