// Receipts made to cost their reader memory or time: refused, within 64 MB beyond the file.
#include <gtest/gtest.h>
#include <zstd.h>

#include <chrono>
#include <cstring>
#include <random>

#include "tests/cli/command.hpp"
#include "tests/receipts/receipt_maker.hpp"

namespace zkvm::tests {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t BEYOND = 64'000'000;
constexpr size_t HEADER_BYTES = 20;

class HostileReceipts : public testing::Test {
 protected:
  static const vm::Receipt& good() {
    static const vm::Receipt RECEIPT = make_receipt(GOLDEN_BITS);
    return RECEIPT;
  }

  /// Verifies the file, which must be refused, in little memory and time.
  std::string refusal(const Bytes& file) {
    w_.put("hostile.receipt", file);
    const auto start = std::chrono::steady_clock::now();
    // From a small process: what one has had before exec counts as its own.
    const Outcome outcome = w_.shell(
        "python3 -c 'import resource, subprocess, sys\n"
        "status = subprocess.call(sys.argv[1:])\n"
        "open(\"peak\", \"w\").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024))\n"
        "sys.exit(status)' \"$ZKVM\" verify hostile.receipt --min-security 1 --image-id " +
        vm::to_hex(good().claim.image_id.bytes));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_GE(outcome.status, 40) << outcome.err;
    EXPECT_LE(outcome.status, 49) << outcome.err;
    EXPECT_EQ(outcome.err.find("--memory"), std::string::npos) << outcome.err;
    const Bytes peak = w_.get("peak");
    const uint64_t bytes = std::stoull(std::string(peak.begin(), peak.end()));
    RecordProperty("peak_bytes_of_" + std::to_string(file.size()), std::to_string(bytes));
    EXPECT_LE(bytes, file.size() + BEYOND) << "file of " << file.size() << " bytes";
    EXPECT_LE(seconds.count(), 10) << "file of " << file.size() << " bytes";
    return outcome.err;
  }

  Workplace w_;
};

TEST_F(HostileReceipts, a_long_journal_of_zeros) {
  vm::Receipt receipt = good();
  receipt.claim.journal.assign(vm::MAX_JOURNAL_BYTES, 0);
  const Bytes file = vm::encode_receipt(receipt);
  EXPECT_LT(file.size(), 1'000'000u);
  EXPECT_NE(refusal(file).find("the seal does not prove the claim"), std::string::npos);
  receipt.claim.journal.push_back(0);
  EXPECT_NE(refusal(vm::encode_receipt(receipt)).find("expected at most 16777216 bytes"), std::string::npos);
}

/// 16 MB of shards that are as a verifier wants them but for their values.
TEST_F(HostileReceipts, many_shards_of_noise) {
  vm::Receipt receipt = good();
  std::minstd_rand random(1);
  const auto noise = [&](auto& values) {
    for (auto& v : values) {
      auto* f = reinterpret_cast<stark::F*>(&v);
      for (size_t i = 0; i < sizeof(v) / sizeof(stark::F); ++i)
        f[i] = stark::F::from(static_cast<uint32_t>(random() % stark::F::P));
    }
  };
  const stark::ShardProof shard = receipt.seal.shards[0];
  while (receipt.seal.shards.size() < 450) {
    stark::ShardProof s = shard;
    for (auto& tree : s.at_z)
      for (auto& group : tree) noise(group);
    for (auto& table : s.at_next) noise(table);
    for (auto& tree : s.trees) {
      for (auto& rows : tree.rows) noise(rows);
      for (auto& d : tree.siblings)
        for (uint8_t& b : d.bytes) b = static_cast<uint8_t>(random());
    }
    receipt.seal.shards.push_back(std::move(s));
  }
  const Bytes file = vm::encode_receipt(receipt);
  EXPECT_GT(file.size(), 12'000'000u);
  refusal(file);
}

/// What is stated is far more than what is there.
TEST_F(HostileReceipts, a_body_that_unpacks_to_more_than_its_file) {
  Bytes body = unpack(vm::encode_receipt(good()));
  body.resize(body.size() + 40'000'000);
  EXPECT_NE(refusal(pack(body)).find("claims to unpack to"), std::string::npos);
  // The header says less than the frame.
  Bytes file = pack(body);
  const uint64_t size = body.size() - 40'000'000;
  std::memcpy(file.data() + 12, &size, sizeof size);
  EXPECT_NE(refusal(file).find("bytes after its end"), std::string::npos);
}

TEST_F(HostileReceipts, bytes_that_mean_nothing) {
  const Bytes file = vm::encode_receipt(good());
  // A skippable frame of four bytes, before and behind the receipt's own (RFC 8878, 3.1.2).
  const Bytes skippable = {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
  Bytes before = file, behind = file, empty = file, byte = file;
  before.insert(before.begin() + HEADER_BYTES, skippable.begin(), skippable.end());
  behind.insert(behind.end(), skippable.begin(), skippable.end());
  EXPECT_NE(refusal(before).find("zstd frame"), std::string::npos);
  EXPECT_NE(refusal(behind).find("bytes after its end"), std::string::npos);
  // A second frame without content.
  Bytes frame(ZSTD_compressBound(0));
  frame.resize(ZSTD_compress(frame.data(), frame.size(), nullptr, 0, 1));
  empty.insert(empty.end(), frame.begin(), frame.end());
  EXPECT_NE(refusal(empty).find("bytes after its end"), std::string::npos);
  byte.push_back(0);
  EXPECT_NE(refusal(byte).find("bytes after its end"), std::string::npos);
}

/// Sizes that the tables do not imply are refused, wherever they stand: the body's four-byte words become huge, one
/// after the other.
TEST_F(HostileReceipts, sizes_within_the_body) {
  const Bytes body = unpack(vm::encode_receipt(good()));
  for (size_t at = 0; at + 4 <= std::min<size_t>(body.size(), 4000); at += 137) {
    Bytes changed = body;
    std::memset(&changed[at], 0xff, 3);
    refusal(pack(changed));
  }
}

}  // namespace
}  // namespace zkvm::tests
