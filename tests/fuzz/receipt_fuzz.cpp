// libFuzzer target: whatever bytes come as a receipt, reading and verifying them ends in an answer, and nothing is
// accepted but the golden receipt. The first byte of the input says what the rest is:
//   0  a receipt file
//   1  the body of one, unpacked
//   2  edits of the golden receipt's body, five bytes each: what to do, where (24 bits, little-endian), a value
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>

#include "tests/receipts/packing.hpp"
#include "vm/receipt/receipt.hpp"

namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t EDIT_BYTES = 5;
constexpr size_t MAX_INSERTED = 1 << 16;

const Bytes& golden_body() {
  static const Bytes BODY = [] {
    std::ifstream in(ZKVM_GOLDEN_RECEIPT, std::ios::binary);
    return zkvm::tests::unpack(Bytes{std::istreambuf_iterator<char>(in), {}});
  }();
  if (BODY.empty()) std::abort();
  return BODY;
}

Bytes edit(std::span<const uint8_t> edits) {
  Bytes body = golden_body();
  size_t inserted = 0;
  for (; edits.size() >= EDIT_BYTES && !body.empty(); edits = edits.subspan(EDIT_BYTES)) {
    const size_t at = (edits[1] | size_t{edits[2]} << 8 | size_t{edits[3]} << 16) % body.size();
    const uint8_t value = edits[4];
    const auto place = body.begin() + static_cast<std::ptrdiff_t>(at);
    switch (edits[0] % 6) {
      case 0:
        body[at] = value;
        break;
      case 1:
        body[at] ^= value;
        break;
      case 2:
        body[at] = static_cast<uint8_t>(body[at] + value);
        break;
      case 3:
        body.resize(at);
        break;
      case 4:
        body.erase(place, place + std::min<std::ptrdiff_t>(value, body.end() - place));
        break;
      default:
        if (inserted + value > MAX_INSERTED) break;
        inserted += value;
        body.insert(place, value, 0);
    }
  }
  return body;
}

void check(std::span<const uint8_t> file) {
  const auto receipt = zkvm::vm::decode_receipt(file);
  if (!receipt) {
    if (receipt.error().message.empty()) std::abort();
    return;
  }
  // What was read is written back as the same bytes: there is one encoding of each receipt.
  const Bytes body = zkvm::tests::unpack(zkvm::vm::encode_receipt(receipt.value()));
  if (body != zkvm::tests::unpack(file)) std::abort();
  (void)zkvm::vm::analyze_security(receipt.value());
  const zkvm::vm::VerifyPolicy policy{.min_security_bits = 0, .min_hash_bits = 0};
  const bool accepted = zkvm::vm::verify_receipt(receipt.value(), receipt.value().claim.image_id, policy).ok();
  if (accepted != (body == golden_body())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> rest(data + 1, size - 1);
  switch (data[0]) {
    case 0:
      check(rest);
      break;
    case 1:
      check(zkvm::tests::pack(rest));
      break;
    case 2:
      check(zkvm::tests::pack(edit(rest)));
      break;
    default:
      break;
  }
  return 0;
}
