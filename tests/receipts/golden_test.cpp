// A receipt written once and kept: readers of today must accept it, and its bytes must mean the same.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/receipts/receipt_maker.hpp"
#include "tests/support/small_guests.hpp"
#include "vm/elf/load.hpp"

namespace zkvm::tests {
namespace {

// If a test here fails after a change to the AIR, the receipt format or the protocol, the change breaks every receipt
// in the world: raise vm::RECEIPT_VERSION, rewrite the file with the target `golden_receipt`, and paste the image ID
// that it prints.
constexpr const char* IMAGE_ID = "8996b845d8f10af7fb138ca5135a1dd8802cd9c5a0285207bec3ce5cad4d4180";

// The machine that every build must have, whatever compiler and options make it: its constraints are C++ code, and a
// miscompiled machine would agree with itself. Changed by the same acts.
constexpr const char* MACHINE_DIGEST = "135d58a9e94440c0744d7d917a51d5dbd1bbc1d3e2f8dc5862e8c1fbd33ccb52";

std::vector<uint8_t> golden_file() {
  std::ifstream in(ZKVM_GOLDEN_RECEIPT, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Golden, is_accepted_and_states_what_it_always_did) {
  const std::vector<uint8_t> file = golden_file();
  ASSERT_FALSE(file.empty()) << "missing " ZKVM_GOLDEN_RECEIPT;
  const auto receipt = vm::decode_receipt(file);
  ASSERT_TRUE(receipt.ok()) << receipt.error().message;
  const auto id = vm::parse_image_id(IMAGE_ID);
  ASSERT_TRUE(id.has_value());
  const auto verified = vm::verify_receipt(receipt.value(), *id, LOW_POLICY);
  ASSERT_TRUE(verified.ok()) << verified.error().message;
  EXPECT_EQ(receipt.value().claim.exit_code, 0u);
  EXPECT_EQ(receipt.value().claim.journal, COUNTING_JOURNAL);
  EXPECT_EQ(receipt.value().cycles(), 15u);
}

TEST(Golden, is_written_as_it_was_read) {
  const std::vector<uint8_t> file = golden_file();
  const auto receipt = vm::decode_receipt(file);
  ASSERT_TRUE(receipt.ok()) << receipt.error().message;
  // Unpacked: another release of zstd may pack differently.
  EXPECT_EQ(unpack(vm::encode_receipt(receipt.value())), unpack(file));
}

TEST(Golden, the_program_still_has_its_image_id) {
  const auto program = vm::load_elf(counting_guest().build());
  ASSERT_TRUE(program.ok());
  EXPECT_EQ(vm::to_hex(vm::make_setup(program.value()).preimage.image_id().bytes), IMAGE_ID);
}

TEST(Golden, the_machine_is_that_of_every_build) { EXPECT_EQ(vm::to_hex(vm::machine_digest().bytes), MACHINE_DIGEST); }

TEST(Golden, is_small) { EXPECT_LT(golden_file().size(), 300'000u); }

}  // namespace
}  // namespace zkvm::tests
