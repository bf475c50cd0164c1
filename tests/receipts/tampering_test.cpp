// A receipt says exactly one thing: change any field or byte of it and it is refused.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>

#include "tests/receipts/receipt_maker.hpp"

namespace zkvm::tests {
namespace {

using stark::Digest;
using stark::E;
using stark::F;
using stark::ShardProof;
using vm::Receipt;
using vm::VerifyErrorKind;
using Bytes = std::vector<uint8_t>;
using Change = std::function<void(Receipt&)>;

/// Two shards, so that there are shards to swap.
class Tampering : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    good_ = std::make_unique<Receipt>(make_receipt(GOLDEN_BITS, 8));
    body_ = unpack(vm::encode_receipt(*good_));
    ASSERT_FALSE(body_.empty());
    ASSERT_GE(good_->seal.shards.size(), 2u);
    const auto verified = vm::verify_receipt(*good_, good_->claim.image_id, LOW_POLICY);
    ASSERT_TRUE(verified.ok()) << verified.error().message;
  }
  static void TearDownTestSuite() { good_.reset(); }
  static const Receipt& good() { return *good_; }
  static const Bytes& body() { return body_; }

  /// The verifier knows the image ID from elsewhere: it is not read off the changed receipt.
  static bool accepts(const Receipt& receipt) {
    return vm::verify_receipt(receipt, good_->claim.image_id, LOW_POLICY).ok();
  }
  static void expect_refused(const std::string& name, const Change& change) {
    Receipt changed = good();
    change(changed);
    EXPECT_FALSE(accepts(changed)) << name;
    // And as a file: what cannot be encoded differently is refused by the reader already.
    const auto decoded = vm::decode_receipt(vm::encode_receipt(changed));
    if (decoded) {
      EXPECT_FALSE(accepts(decoded.value())) << name << ", through a file";
    }
  }

 private:
  static inline std::unique_ptr<Receipt> good_;
  static inline Bytes body_;
};

void flip(Digest& d) { d.bytes[17] ^= 4; }
void bump(F& f) { f = f + F::one(); }
void bump(E& e) { bump(e.c[3]); }

/// All three ways to damage a list: an element, one too few, one too many.
template <class T>
void damage_list(std::map<std::string, Change>& changes, const std::string& name,
                 const std::function<std::vector<T>&(Receipt&)>& list, size_t size,
                 const std::function<void(T&)>& change) {
  if (size != 0) {
    for (const size_t at : {size_t{0}, size / 2, size - 1})
      changes[name + "[" + std::to_string(at) + "]"] = [=](Receipt& r) { change(list(r)[at]); };
    changes[name + " without its last"] = [=](Receipt& r) { list(r).pop_back(); };
    changes[name + " empty"] = [=](Receipt& r) { list(r).clear(); };
  }
  changes[name + " with one more"] = [=](Receipt& r) { list(r).push_back(size != 0 ? list(r).back() : T{}); };
}

/// Every field of one shard's proof.
std::map<std::string, Change> changes_of_shard(const Receipt& good, size_t shard) {
  std::map<std::string, Change> all;
  const std::string prefix = "shard " + std::to_string(shard) + " ";
  const ShardProof& proof = good.seal.shards[shard];
  const auto at = [shard](Receipt& r) -> ShardProof& { return r.seal.shards[shard]; };
  const auto elements = [&](const std::string& name, auto&& member, size_t size) {
    damage_list<E>(
        all, prefix + name, [=](Receipt& r) -> std::vector<E>& { return member(at(r)); }, size, [](E& e) { bump(e); });
  };
  const auto digests = [&](const std::string& name, auto&& member, size_t size) {
    damage_list<Digest>(
        all, prefix + name, [=](Receipt& r) -> std::vector<Digest>& { return member(at(r)); }, size, flip);
  };

  for (size_t t = 0; t < proof.tables.size(); ++t) {
    const std::string name = prefix + "table " + std::to_string(t);
    all[name + " chip"] = [=](Receipt& r) { ++at(r).tables[t].chip; };
    all[name + " taller"] = [=](Receipt& r) { ++at(r).tables[t].log_height; };
    all[name + " lower"] = [=](Receipt& r) { --at(r).tables[t].log_height; };
    all[name + " missing"] = [=](Receipt& r) {
      at(r).tables.erase(at(r).tables.begin() + static_cast<std::ptrdiff_t>(t));
    };
    all[name + " twice"] = [=](Receipt& r) {
      at(r).tables.insert(at(r).tables.begin() + static_cast<std::ptrdiff_t>(t), at(r).tables[t]);
    };
  }
  all[prefix + "main root"] = [=](Receipt& r) { flip(at(r).main_root); };
  all[prefix + "form root"] = [=](Receipt& r) { flip(at(r).form_root); };
  all[prefix + "LogUp root"] = [=](Receipt& r) { flip(at(r).logup_root); };
  all[prefix + "quotient root"] = [=](Receipt& r) { flip(at(r).quotient_root); };
  all[prefix + "nonce"] = [=](Receipt& r) { ++at(r).grinding_nonce; };
  elements(
      "main anchors", [](ShardProof & s) -> auto& { return s.main_anchors; }, proof.main_anchors.size());
  elements(
      "form anchors", [](ShardProof & s) -> auto& { return s.form_anchors; }, proof.form_anchors.size());
  elements(
      "bus sums", [](ShardProof & s) -> auto& { return s.bus_sums; }, proof.bus_sums.size());
  elements(
      "final polynomial", [](ShardProof & s) -> auto& { return s.final_polynomial; }, proof.final_polynomial.size());
  digests(
      "FRI roots", [](ShardProof & s) -> auto& { return s.fri_roots; }, proof.fri_roots.size());
  for (size_t t = 0; t < proof.at_z.size(); ++t)
    for (size_t g = 0; g < proof.at_z[t].size(); ++g)
      elements(
          "at_z " + std::to_string(t) + " " + std::to_string(g), [=](ShardProof & s) -> auto& { return s.at_z[t][g]; },
          proof.at_z[t][g].size());
  for (size_t t = 0; t < proof.at_next.size(); ++t)
    elements(
        "at_next " + std::to_string(t), [=](ShardProof & s) -> auto& { return s.at_next[t]; }, proof.at_next[t].size());
  for (size_t t = 0; t < proof.trees.size(); ++t) {
    const std::string name = "tree " + std::to_string(t);
    digests(
        name + " siblings", [=](ShardProof & s) -> auto& { return s.trees[t].siblings; },
        proof.trees[t].siblings.size());
    for (size_t g = 0; g < proof.trees[t].rows.size(); ++g)
      damage_list<F>(
          all, prefix + name + " rows " + std::to_string(g),
          [=](Receipt& r) -> std::vector<F>& { return at(r).trees[t].rows[g]; }, proof.trees[t].rows[g].size(),
          [](F& f) { bump(f); });
    all[prefix + name + " without a group"] = [=](Receipt& r) { at(r).trees[t].rows.pop_back(); };
    all[prefix + "at_z " + std::to_string(t) + " without a group"] = [=](Receipt& r) { at(r).at_z[t].pop_back(); };
  }
  for (size_t f = 0; f < proof.fri.size(); ++f) {
    const std::string name = "FRI layer " + std::to_string(f);
    elements(
        name + " values", [=](ShardProof & s) -> auto& { return s.fri[f].values; }, proof.fri[f].values.size());
    digests(
        name + " siblings", [=](ShardProof & s) -> auto& { return s.fri[f].siblings; }, proof.fri[f].siblings.size());
  }
  all[prefix + "without a tree"] = [=](Receipt& r) { at(r).trees.pop_back(); };
  all[prefix + "without a tree's openings"] = [=](Receipt& r) { at(r).at_z.pop_back(); };
  all[prefix + "without next-row openings"] = [=](Receipt& r) { at(r).at_next.clear(); };
  all[prefix + "without a FRI layer"] = [=](Receipt& r) { at(r).fri.pop_back(); };
  all[prefix + "empty"] = [=](Receipt& r) { at(r) = ShardProof{}; };
  return all;
}

TEST_F(Tampering, every_field_of_the_claim_and_the_program_is_bound) {
  std::map<std::string, Change> all;
  all["exit code"] = [](Receipt& r) { ++r.claim.exit_code; };
  all["exit code, high limb"] = [](Receipt& r) { r.claim.exit_code += 0x10000; };
  all["image ID"] = [](Receipt& r) { flip(r.claim.image_id); };
  all["journal byte"] = [](Receipt& r) { r.claim.journal[0] ^= 1; };
  all["journal shorter by a zero"] = [](Receipt& r) { r.claim.journal.pop_back(); };
  all["journal longer by a zero"] = [](Receipt& r) { r.claim.journal.push_back(0); };
  all["journal empty"] = [](Receipt& r) { r.claim.journal.clear(); };
  all["journal beyond the limit"] = [](Receipt& r) { r.claim.journal.resize(zkvm::vm::MAX_JOURNAL_BYTES + 1); };
  all["final clock"] = [](Receipt& r) { r.final_clock += 4; };
  all["final clock 0"] = [](Receipt& r) { r.final_clock = 0; };
  all["final clock at the limit"] = [](Receipt& r) { r.final_clock = 1u << 29; };
  all["heap longer"] = [](Receipt& r) { ++r.heap_end_word; };
  all["heap beyond its end"] = [](Receipt& r) { r.heap_end_word = r.preimage.stack_start / 4; };
  all["heap before its start"] = [](Receipt& r) { r.heap_end_word = 0; };
  all["stack longer"] = [](Receipt& r) { ++r.stack_end_word; };
  all["stack beyond memory"] = [](Receipt& r) { r.stack_end_word = 0xffff'ffff; };
  all["stack before its start"] = [](Receipt& r) { r.stack_end_word = 0; };
  all["input longer"] = [](Receipt& r) { ++r.input_bytes; };
  all["input shorter"] = [](Receipt& r) { --r.input_bytes; };
  all["input beyond memory"] = [](Receipt& r) { r.input_bytes = 0xffff'ffff; };
  all["stack start"] = [](Receipt& r) { r.preimage.stack_start -= 4096; };
  all["entry"] = [](Receipt& r) { r.preimage.entry += 4; };
  all["zero start"] = [](Receipt& r) { r.preimage.zero_start += 4096; };
  all["blow-up of the program"] = [](Receipt& r) { ++r.preimage.log_blowup; };
  for (size_t i = 0; i < good().preimage.preprocessed.size(); ++i) {
    const std::string name = "fixed tables " + std::to_string(i);
    all[name + " root"] = [=](Receipt& r) { flip(r.preimage.preprocessed[i].root); };
    all[name + " height"] = [=](Receipt& r) { ++r.preimage.preprocessed[i].tables[0].log_height; };
    all[name + " chip"] = [=](Receipt& r) { ++r.preimage.preprocessed[i].tables[0].chip; };
    all[name + " list"] = [=](Receipt& r) { r.preimage.preprocessed[i].tables.pop_back(); };
  }
  all["fixed tables missing"] = [](Receipt& r) { r.preimage.preprocessed.pop_back(); };
  all["blow-up of the seal"] = [](Receipt& r) { ++r.seal.parameters.log_blowup; };
  all["more queries"] = [](Receipt& r) { ++r.seal.parameters.queries; };
  all["fewer queries"] = [](Receipt& r) { --r.seal.parameters.queries; };
  all["no queries"] = [](Receipt& r) { r.seal.parameters.queries = 0; };
  all["more grinding"] = [](Receipt& r) { ++r.seal.parameters.grinding_bits; };
  all["less grinding"] = [](Receipt& r) { --r.seal.parameters.grinding_bits; };
  all["no shards"] = [](Receipt& r) { r.seal.shards.clear(); };
  all["last shard missing"] = [](Receipt& r) { r.seal.shards.pop_back(); };
  all["first shard missing"] = [](Receipt& r) { r.seal.shards.erase(r.seal.shards.begin()); };
  all["last shard twice"] = [](Receipt& r) { r.seal.shards.push_back(r.seal.shards.back()); };
  all["shards swapped"] = [](Receipt& r) { std::swap(r.seal.shards[0], r.seal.shards[1]); };
  for (const auto& [name, change] : all) expect_refused(name, change);
}

/// The program data may not be exchanged together with the image ID either: the verifier knows the ID from elsewhere.
TEST_F(Tampering, a_consistent_lie_about_the_program_is_another_image) {
  Receipt changed = good();
  changed.preimage.entry += 4;
  changed.claim.image_id = changed.preimage.image_id();
  const auto verified = vm::verify_receipt(changed, good().claim.image_id, LOW_POLICY);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().kind, VerifyErrorKind::WRONG_IMAGE);
  // Nor does the seal prove anything about that other program.
  EXPECT_FALSE(vm::verify_receipt(changed, changed.claim.image_id, LOW_POLICY).ok());
}

TEST_F(Tampering, every_field_of_every_shard_is_bound) {
  for (size_t shard = 0; shard < good().seal.shards.size(); ++shard)
    for (const auto& [name, change] : changes_of_shard(good(), shard)) expect_refused(name, change);
}

TEST_F(Tampering, every_byte_region_of_the_unpacked_body_is_bound) {
  // All bytes of the claim, the program data and the first messages, then one in every stride of the openings.
  constexpr size_t DENSE = 768, SAMPLES = 3000;
  const size_t stride = std::max<size_t>(1, (body().size() - DENSE) / SAMPLES);
  size_t tried = 0;
  for (size_t at = 0; at < body().size(); at += at < DENSE ? 1 : stride, ++tried) {
    Bytes changed = body();
    changed[at] ^= static_cast<uint8_t>(1u << (at % 8));
    const auto decoded = vm::decode_receipt(pack(changed));
    ASSERT_TRUE(!decoded || !accepts(decoded.value())) << "byte " << at << " of " << body().size();
  }
  EXPECT_GT(tried, DENSE);
}

/// The packing itself has redundant bits; what counts is that no other receipt comes out.
TEST_F(Tampering, no_changed_byte_of_the_file_gives_another_receipt) {
  const Bytes file = vm::encode_receipt(good());
  constexpr size_t DENSE = 64, SAMPLES = 1000;
  const size_t stride = std::max<size_t>(1, (file.size() - DENSE) / SAMPLES);
  for (size_t at = 0; at < file.size(); at += at < DENSE ? 1 : stride) {
    Bytes changed = file;
    changed[at] ^= 0x20;
    const auto decoded = vm::decode_receipt(changed);
    if (!decoded || !accepts(decoded.value())) continue;
    ASSERT_EQ(unpack(vm::encode_receipt(decoded.value())), body()) << "byte " << at;
  }
}

TEST_F(Tampering, every_truncation_is_refused) {
  const Bytes file = vm::encode_receipt(good());
  for (size_t size = 0; size < file.size(); size += size < 512 ? 1 : 97) {
    const auto decoded = vm::decode_receipt(std::span(file).first(size));
    ASSERT_FALSE(decoded.ok()) << size;
    ASSERT_EQ(decoded.error().kind, VerifyErrorKind::MALFORMED) << size;
  }
  for (size_t size = 0; size < body().size(); size += size < 512 ? 1 : 97)
    ASSERT_FALSE(vm::decode_receipt(pack(std::span(body()).first(size))).ok()) << size;
  Bytes longer = body();
  longer.push_back(0);
  EXPECT_FALSE(vm::decode_receipt(pack(longer)).ok());
}

TEST_F(Tampering, other_versions_are_refused_as_such) {
  Bytes file = vm::encode_receipt(good());
  for (const uint8_t version : {uint8_t{0}, uint8_t{1}, uint8_t{255}}) {
    file[8] = version;
    const auto decoded = vm::decode_receipt(file);
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().kind, VerifyErrorKind::WRONG_VERSION);
    EXPECT_NE(decoded.error().message.find("expected " + std::to_string(vm::RECEIPT_VERSION)), std::string::npos)
        << decoded.error().message;
    EXPECT_NE(decoded.error().message.find("found " + std::to_string(version)), std::string::npos);
  }
}

TEST_F(Tampering, another_receipt_kind_is_refused) {
  Bytes changed = body();
  changed[0] = 1;
  EXPECT_FALSE(vm::decode_receipt(pack(changed)).ok());
}

/// A size that the file cannot hold must not be allocated; 64 times the packed size is the reader's bound.
TEST_F(Tampering, a_stated_size_without_content_is_refused) {
  Bytes file = vm::encode_receipt(good());
  for (size_t i = 12; i < 20; ++i) {
    Bytes changed = file;
    changed[i] = 0xff;
    EXPECT_FALSE(vm::decode_receipt(changed).ok()) << i;
  }
}

TEST_F(Tampering, security_below_the_policy_is_named) {
  const auto verified = vm::verify_receipt(good(), good().claim.image_id);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().kind, VerifyErrorKind::LOW_SECURITY);
  EXPECT_NE(verified.error().message.find("expected at least 128"), std::string::npos) << verified.error().message;
  vm::VerifyPolicy strict = LOW_POLICY;
  strict.min_hash_bits = 129;
  EXPECT_EQ(vm::verify_receipt(good(), good().claim.image_id, strict).error().kind, VerifyErrorKind::LOW_SECURITY);
}

}  // namespace
}  // namespace zkvm::tests
