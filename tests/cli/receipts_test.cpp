// zkvm verify, inspect and security on good, damaged and foreign receipts.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"
#include "tests/support/small_guests.hpp"
#include "vm/cli/status.hpp"

namespace zkvm::tests {
namespace {

using vm::cli::Status;
using Json = nlohmann::json;
using Bytes = std::vector<uint8_t>;

/// One receipt of full security, proved once for all tests here.
class Receipts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    place_ = std::make_unique<Workplace>();
    w().put("guest.elf", counting_guest().build());
    w().put("other.elf", counting_guest(1).build());
    w().put("input", COUNTING_INPUT);
    const Outcome proved = w().zkvm("run --prove guest.elf --input input -o receipt");
    ASSERT_EQ(proved.status, 0) << proved.err;
    image_id_ = w().zkvm("image-id guest.elf").out.substr(0, 64);
  }
  static void TearDownTestSuite() { place_.reset(); }
  static Workplace& w() { return *place_; }
  static const std::string& image_id() { return image_id_; }

  /// The damaged receipt is refused, by a message with both words, and no journal appears.
  static void expect_refused(const Bytes& receipt, Status status, const std::string& extra = "") {
    w().put("bad", receipt);
    const auto before = w().listing();
    const Outcome outcome = w().zkvm("verify bad --image-id " + image_id() + " --journal journal.out " + extra);
    EXPECT_EQ(outcome.status, static_cast<int>(status)) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find("expected"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("found"), std::string::npos) << outcome.err;
    EXPECT_EQ(w().listing(), before);
  }

 private:
  static inline std::unique_ptr<Workplace> place_;
  static inline std::string image_id_;
};

TEST_F(Receipts, verify_by_image_id_and_by_program) {
  for (const std::string& program : {"--image-id " + image_id(), std::string("--elf guest.elf")}) {
    const Outcome outcome = w().zkvm("verify receipt " + program + " --journal verified");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(outcome.out.starts_with("verified")) << outcome.out;
    EXPECT_NE(outcome.out.find("exit code 0"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find(image_id()), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("2a000000"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("128."), std::string::npos) << outcome.out;
    EXPECT_EQ(w().get("verified"), COUNTING_JOURNAL);
    ASSERT_EQ(unlink(w().path("verified").c_str()), 0);
  }
  const Json object = Json::parse(w().zkvm("verify receipt --json --elf guest.elf").out);
  EXPECT_EQ(object["verified"], true);
  EXPECT_GE(object["security_bits"], 128);
  EXPECT_EQ(object["exit_code"], 0);
}

TEST_F(Receipts, the_program_needs_no_symbols_and_the_receipt_no_program) {
  EXPECT_EQ(w().zkvm("verify receipt --image-id " + image_id()).status, 0);
  std::string upper = image_id();
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(w().zkvm("verify receipt --image-id " + upper).status, 0);
}

TEST_F(Receipts, another_program_is_refused_with_both_ids) {
  const std::string other = w().zkvm("image-id other.elf").out.substr(0, 64);
  for (const std::string& program : {std::string("--elf other.elf"), "--image-id " + other}) {
    const Outcome outcome = w().zkvm("verify receipt --journal none " + program);
    EXPECT_EQ(outcome.status, static_cast<int>(Status::RECEIPT_IMAGE));
    EXPECT_NE(outcome.err.find("expected image ID " + other), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("found " + image_id()), std::string::npos) << outcome.err;
    EXPECT_FALSE(w().has("none"));
  }
}

TEST_F(Receipts, security_below_what_is_asked_is_refused) {
  expect_refused(w().get("receipt"), Status::RECEIPT_SECURITY, "--min-security 150");
  ASSERT_EQ(w().zkvm("run --prove --security 60 guest.elf --input input -o weak").status, 0);
  expect_refused(w().get("weak"), Status::RECEIPT_SECURITY);
  EXPECT_EQ(w().zkvm("verify weak --elf guest.elf --min-security 60").status, 0);
}

TEST_F(Receipts, other_files_truncation_and_versions_are_told_apart) {
  const Bytes good = w().get("receipt");
  expect_refused({}, Status::RECEIPT_MALFORMED);
  expect_refused({'h', 'e', 'l', 'l', 'o'}, Status::RECEIPT_MALFORMED);
  expect_refused(w().get("guest.elf"), Status::RECEIPT_MALFORMED);
  for (const size_t size :
       {size_t{4}, size_t{10}, size_t{19}, size_t{20}, size_t{40}, good.size() / 2, good.size() - 1})
    expect_refused(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)), Status::RECEIPT_MALFORMED);
  Bytes version = good;
  version[8] = 1;
  expect_refused(version, Status::RECEIPT_VERSION);
  Bytes magic = good;
  magic[0] ^= 1;
  expect_refused(magic, Status::RECEIPT_MALFORMED);
  Bytes longer = good;
  longer.push_back(0);
  expect_refused(longer, Status::RECEIPT_MALFORMED);
}

TEST_F(Receipts, a_flipped_bit_anywhere_is_refused) {
  const Bytes good = w().get("receipt");
  for (size_t i = 0; i < 12; ++i) {
    Bytes bad = good;
    bad[good.size() * (2 * i + 1) / 24] ^= 0x10;
    w().put("bad", bad);
    const Outcome outcome = w().zkvm("verify bad --image-id " + image_id());
    EXPECT_GE(outcome.status, 40) << i;
    EXPECT_LT(outcome.status, 50) << i << outcome.err;
  }
}

TEST_F(Receipts, an_unwritable_journal_is_found_before_verifying) {
  const Outcome outcome = w().zkvm("verify receipt --elf guest.elf --journal none/journal");
  EXPECT_EQ(outcome.status, static_cast<int>(Status::FILE));
  EXPECT_EQ(outcome.out, "");
}

TEST_F(Receipts, inspect_shows_the_claim_and_says_that_it_is_unverified) {
  const Outcome outcome = w().zkvm("inspect receipt");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const std::string& text : {std::string("nothing is verified"), image_id(), std::string("composite"),
                                  std::string("queries"), std::string("shard 0"), std::string("2a000000")})
    EXPECT_NE(outcome.out.find(text), std::string::npos) << text << "\n" << outcome.out;
  const Json object = Json::parse(w().zkvm("inspect --json receipt").out);
  EXPECT_EQ(object["verified"], false);
  EXPECT_EQ(object["image_id"], image_id());
  EXPECT_EQ(object["journal_hex"], "2a000000");
  EXPECT_EQ(object["exit_code"], 0);
  EXPECT_EQ(object["cycles"], 15);
  EXPECT_EQ(object["shard_tables"].size(), 1u);
  EXPECT_EQ(object["receipt_bytes"], w().get("receipt").size());
  w().put("bad", "zkvm");
  EXPECT_EQ(w().zkvm("inspect bad").status, static_cast<int>(Status::RECEIPT_MALFORMED));
}

TEST_F(Receipts, security_explains_the_bound) {
  const Outcome general = w().zkvm("security"), own = w().zkvm("security receipt");
  EXPECT_EQ(general.status, 0) << general.err;
  EXPECT_NE(general.out.find("       2        161        228\n"), std::string::npos) << general.out;
  EXPECT_EQ(own.status, 0) << own.err;
  for (const Outcome& outcome : {general, own}) {
    EXPECT_NE(outcome.out.find("provable security  128."), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("BLAKE3"), std::string::npos);
    EXPECT_NE(outcome.out.find("\n* "), std::string::npos) << "the weakest round is marked";
  }
}

}  // namespace
}  // namespace zkvm::tests
