#include "vm/receipt/receipt.hpp"

#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "isa/chips/buses.hpp"
#include "isa/chips/memory_boundary/columns.hpp"
#include "precompiles/registry.hpp"
#include "stark/hash/blake3.hpp"
#include "stark/protocol/bytes.hpp"
#include "stark/security/proof_security.hpp"
#include "stark/verifier/verifier.hpp"
#include "vm/elf/program.hpp"

namespace zkvm::vm {
namespace {

using stark::F;

constexpr char MAGIC[8] = {'z', 'k', 'v', 'm', 'r', 'c', 'p', 't'};
constexpr size_t HEADER_BYTES = sizeof(MAGIC) + 4 + 8;
constexpr uint32_t MAX_CLOCK = isa::CLOCK_LIMIT;
constexpr size_t MAX_PREPROCESSED_TABLES = 16;
/// zstd level 1: the seal is random field elements, of which nothing can be saved; the rest is small.
constexpr int COMPRESSION_LEVEL = 1;

void put_preimage(const ImageIdPreimage& p, stark::ByteWriter& w) {
  w.u32(p.entry);
  w.u32(p.zero_start);
  w.u32(p.stack_start);
  w.u8(p.log_blowup);
  w.u8(p.preprocessed.size());
  for (const auto& set : p.preprocessed) {
    w.digest(set.root);
    w.u8(set.tables.size());
    for (const auto& t : set.tables) {
      w.u16(t.chip);
      w.u8(t.log_height);
    }
  }
}

VerifyError malformed(std::string message) { return {VerifyErrorKind::MALFORMED, std::move(message)}; }

bool get_preimage(stark::ByteReader& r, ImageIdPreimage& p) {
  p.entry = static_cast<uint32_t>(r.u32());
  p.zero_start = static_cast<uint32_t>(r.u32());
  p.stack_start = static_cast<uint32_t>(r.u32());
  p.log_blowup = static_cast<uint32_t>(r.u8());
  const size_t sets = r.u8();
  if (sets > MAX_PREPROCESSED_TABLES) return false;
  for (size_t i = 0; i < sets; ++i) {
    auto& set = p.preprocessed.emplace_back();
    set.root = r.digest();
    const size_t tables = r.u8();
    if (tables > MAX_PREPROCESSED_TABLES) return false;
    for (size_t t = 0; t < tables; ++t) {
      const auto chip = static_cast<uint16_t>(r.u16());
      set.tables.push_back({chip, static_cast<uint8_t>(r.u8())});
    }
  }
  return r.ok();
}

/// Limits that the statement's meaning rests on; the seal is not looked at. Empty, or what is wrong.
std::string check_claim(const Receipt& receipt) {
  const auto outside = [](const char* what, uint64_t low, uint64_t high, uint64_t found) {
    return std::string(what) + ": expected " + std::to_string(low) + " to " + std::to_string(high) + ", found " +
           std::to_string(found);
  };
  const ImageIdPreimage& p = receipt.preimage;
  if (receipt.claim.journal.size() > MAX_JOURNAL_BYTES)
    return outside("bytes of the journal", 0, MAX_JOURNAL_BYTES, receipt.claim.journal.size());
  if (p.entry % 4 != 0) return "entry point: expected a multiple of 4, found " + std::to_string(p.entry);
  if (p.stack_start % PAGE_BYTES != 0 || p.stack_start < RAM_END - MAX_STACK_BYTES || p.stack_start >= RAM_END)
    return outside("start of the stack, a multiple of a page", RAM_END - MAX_STACK_BYTES, RAM_END - PAGE_BYTES,
                   p.stack_start);
  const uint32_t heap_end = p.stack_start - STACK_GAP_BYTES;
  if (p.zero_start % PAGE_BYTES != 0 || p.zero_start < IMAGE_BEGIN || p.zero_start > heap_end)
    return outside("start of the heap, a multiple of a page", IMAGE_BEGIN, heap_end, p.zero_start);
  if (p.log_blowup != receipt.seal.parameters.log_blowup)
    return outside("the seal's log2 of the blow-up", p.log_blowup, p.log_blowup, receipt.seal.parameters.log_blowup);
  if (receipt.final_clock < isa::FIRST_CLOCK || receipt.final_clock >= MAX_CLOCK)
    return outside("final clock", isa::FIRST_CLOCK, MAX_CLOCK - 1, receipt.final_clock);
  if (receipt.heap_end_word < p.zero_start / 4 || receipt.heap_end_word > heap_end / 4)
    return outside("end of the touched heap", p.zero_start / 4, heap_end / 4, receipt.heap_end_word);
  if (receipt.stack_end_word < p.stack_start / 4 || receipt.stack_end_word > RAM_END / 4)
    return outside("end of the touched stack", p.stack_start / 4, RAM_END / 4, receipt.stack_end_word);
  if (receipt.input_bytes > MAX_INPUT_BYTES)
    return outside("bytes of the input", 0, MAX_INPUT_BYTES, receipt.input_bytes);
  return {};
}

}  // namespace

const stark::MachineDescription& machine_description() {
  static const stark::MachineDescription MACHINE = precompiles::make_machine();
  return MACHINE;
}
const stark::Digest& machine_digest() {
  static const stark::Digest DIGEST = machine_description().digest();
  return DIGEST;
}

ImageId ImageIdPreimage::image_id() const {
  std::vector<uint8_t> bytes;
  stark::ByteWriter w(bytes);
  const char label[] = "zkvm image id";
  w.bytes({reinterpret_cast<const uint8_t*>(label), sizeof(label)});
  w.u32(RECEIPT_VERSION);
  w.digest(machine_digest());
  put_preimage(*this, w);
  return stark::blake3(bytes);
}

stark::Statement make_statement(const Receipt& receipt) {
  stark::Statement s;
  stark::ByteWriter w(s.public_bytes);
  w.u32(RECEIPT_VERSION);
  w.u8(static_cast<uint8_t>(receipt.kind));
  w.digest(receipt.preimage.image_id());
  w.u32(receipt.claim.exit_code);
  w.digest(stark::blake3(receipt.claim.journal));
  w.digest(stark::Digest{});  // assumptions: none in this version
  w.u32(receipt.final_clock);
  w.u32(receipt.heap_end_word);
  w.u32(receipt.stack_end_word);
  w.u32(receipt.input_bytes);
  s.preprocessed = receipt.preimage.preprocessed;

  const auto f = [](uint32_t v) { return F::from(v); };
  const auto low = [](uint32_t v) { return F::from(v & 0xffff); };
  const auto high = [](uint32_t v) { return F::from(v >> 16); };
  const std::vector<uint8_t>& journal = receipt.claim.journal;
  const auto length = static_cast<uint32_t>(journal.size());
  s.boundary.push_back(
      stark::boundary_message(isa::STATE, true, isa::StateMessage<F>{f(receipt.preimage.entry), f(isa::FIRST_CLOCK)}));
  s.boundary.push_back(
      stark::boundary_message(isa::HALT, false,
                              isa::HaltMessage<F>{low(receipt.claim.exit_code), high(receipt.claim.exit_code),
                                                  low(length), high(length), f(receipt.final_clock)}));
  const auto chain = [&](uint32_t region, F before, F last, isa::TailBits bits) {
    s.boundary.push_back(
        stark::boundary_message(isa::CHAIN, true, isa::ChainMessage<F>{f(region), before, f(16), f(16)}));
    s.boundary.push_back(
        stark::boundary_message(isa::CHAIN, false, isa::ChainMessage<F>{f(region), last, f(bits.low), f(bits.high)}));
  };
  const auto stretch = [&](uint32_t begin, uint32_t end_word) {
    chain(isa::REGION_ZERO, f(begin / 4) - F::one(), f(end_word) - F::one(), {16, 16});
  };
  stretch(receipt.preimage.zero_start, receipt.heap_end_word);
  stretch(receipt.preimage.stack_start, receipt.stack_end_word);
  // Word 0 holds the length; the chain ends with the word that holds the input's last byte, and with nothing behind it.
  const uint32_t bytes = receipt.input_bytes;
  chain(isa::REGION_INPUT, F::zero(), f((bytes + 3) / 4), isa::tail_bits(bytes));
  const auto length_cell = [&](bool send, uint32_t value, uint32_t clock) {
    s.boundary.push_back(stark::boundary_message(
        isa::MEMORY, send,
        isa::MemoryMessage<F>{f(isa::INPUT_LENGTH_SEGMENT), F::zero(), low(value), high(value), f(clock)}));
  };
  length_cell(false, 0, 0);
  length_cell(true, bytes, isa::INPUT_LENGTH_CLOCK);
  for (uint32_t i = 0; i < (length + 3) / 4; ++i) {
    uint32_t word = 0;
    for (uint32_t b = 0; b < 4 && 4 * i + b < length; ++b) word |= uint32_t{journal[4 * i + b]} << (8 * b);
    s.boundary.push_back(
        stark::boundary_message(isa::JOURNAL, false, isa::JournalMessage<F>{f(i), low(word), high(word)}));
  }
  return s;
}

SecurityAnalysis analyze_security(std::span<const stark::ShardLayout> shards, const stark::Parameters& parameters,
                                  uint64_t boundary_messages) {
  SecurityAnalysis worst;
  for (const auto& p : security_parameters(shards, parameters, boundary_messages)) {
    stark::SecurityReport report = stark::analyze(p);
    // An impossible parameter is the worst report there is.
    if (!worst.report.rounds.empty() && report.ok() && report.bits >= worst.report.bits) continue;
    worst = {p, std::move(report)};
    if (!worst.report.ok()) break;
  }
  return worst;
}

std::vector<stark::ProtocolParameters> security_parameters(std::span<const stark::ShardLayout> shards,
                                                           const stark::Parameters& parameters,
                                                           uint64_t boundary_messages) {
  unsigned fields = 0;
  for (const stark::ChipInfo& c : machine_description().chips) fields = std::max(fields, c.air.max_message_fields());
  return stark::protocol_parameters(machine_description(), parameters, shards,
                                    {boundary_messages, fields, precompiles::FORM_DEGREE});
}

std::optional<SecurityAnalysis> analyze_security(const Receipt& receipt) {
  std::vector<stark::ShardLayout> layouts(receipt.seal.shards.size());
  for (size_t i = 0; i < layouts.size(); ++i)
    if (stark::make_layout(machine_description(), receipt.preimage.preprocessed, receipt.seal.shards[i].tables,
                           layouts[i]) != nullptr)
      return std::nullopt;
  if (layouts.empty()) return std::nullopt;
  return analyze_security(layouts, receipt.seal.parameters, boundary_messages(receipt.claim.journal.size()));
}

Result<VerifiedReceipt, VerifyError> verify_receipt(const Receipt& receipt, const ImageId& expected,
                                                    const VerifyPolicy& policy) {
  if (receipt.claim.image_id != expected)
    return VerifyError{VerifyErrorKind::WRONG_IMAGE, "the receipt is for another program: expected image ID " +
                                                         to_hex(expected.bytes) + ", found " +
                                                         to_hex(receipt.claim.image_id.bytes)};
  if (receipt.preimage.image_id() != receipt.claim.image_id)
    return VerifyError{VerifyErrorKind::INVALID_PROOF, "the receipt's program data do not hash to its image ID"};
  if (const std::string error = check_claim(receipt); !error.empty())
    return VerifyError{VerifyErrorKind::INVALID_PROOF, error};
  auto analysis = analyze_security(receipt);
  if (!analysis) return VerifyError{VerifyErrorKind::INVALID_PROOF, "the seal's tables do not fit the machine"};
  VerifiedReceipt verified{std::move(*analysis)};
  const stark::SecurityReport& security = verified.security.report;
  if (!security.ok())
    return VerifyError{VerifyErrorKind::INVALID_PROOF, "the seal's parameters are impossible: " + security.error};
  const auto bits = [](double b) {
    std::string s = std::to_string(b);
    return s.substr(0, s.find('.') + 2);
  };
  if (security.bits < policy.min_security_bits)
    return VerifyError{VerifyErrorKind::LOW_SECURITY, "the receipt is below the required security: expected at least " +
                                                          bits(policy.min_security_bits) + " bits, found " +
                                                          bits(security.bits)};
  if (security.hash_bits < policy.min_hash_bits)
    return VerifyError{VerifyErrorKind::LOW_SECURITY, "the receipt's hash is below the required collision resistance"};
  const stark::Verdict verdict =
      stark::verify(machine_description(), machine_digest(), make_statement(receipt), receipt.seal);
  if (!verdict.ok())
    return VerifyError{VerifyErrorKind::INVALID_PROOF, "the seal does not prove the claim: shard " +
                                                           std::to_string(verdict.shard) + ": " + verdict.error};
  return verified;
}

std::vector<uint8_t> encode_receipt(const Receipt& receipt) {
  std::vector<uint8_t> body;
  stark::ByteWriter w(body);
  w.u8(static_cast<uint8_t>(receipt.kind));
  w.digest(receipt.claim.image_id);
  w.u32(receipt.claim.exit_code);
  w.u32(receipt.claim.journal.size());
  w.bytes(receipt.claim.journal);
  put_preimage(receipt.preimage, w);
  w.u32(receipt.final_clock);
  w.u32(receipt.heap_end_word);
  w.u32(receipt.stack_end_word);
  w.u32(receipt.input_bytes);
  stark::serialize(receipt.seal, body);

  std::vector<uint8_t> out(MAGIC, MAGIC + sizeof(MAGIC));
  stark::ByteWriter header(out);
  header.u32(RECEIPT_VERSION);
  header.u64(body.size());
  std::vector<uint8_t> packed(ZSTD_compressBound(body.size()));
  const size_t n = ZSTD_compress(packed.data(), packed.size(), body.data(), body.size(), COMPRESSION_LEVEL);
  if (ZSTD_isError(n) != 0) throw std::bad_alloc();  // the only way to fail with a large enough buffer
  out.insert(out.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(n));
  return out;
}

Result<Receipt, VerifyError> decode_receipt(std::span<const uint8_t> bytes) {
  if (bytes.size() < HEADER_BYTES || std::memcmp(bytes.data(), MAGIC, sizeof(MAGIC)) != 0)
    return malformed("not a receipt: expected a file that starts with \"zkvmrcpt\"");
  stark::ByteReader header(bytes.subspan(sizeof(MAGIC), HEADER_BYTES - sizeof(MAGIC)));
  const auto version = header.u32();
  if (version != RECEIPT_VERSION)
    return VerifyError{VerifyErrorKind::WRONG_VERSION, "unsupported receipt version: expected " +
                                                           std::to_string(RECEIPT_VERSION) + ", found " +
                                                           std::to_string(version)};
  const uint64_t size = header.u64();
  const auto packed = bytes.subspan(HEADER_BYTES);
  // Field elements do not compress: a frame that claims to unpack to far more than its size is hostile.
  if (size > MAX_RECEIPT_BYTES || size / 64 > packed.size() + 1024)
    return malformed("the receipt claims to unpack to " + std::to_string(size) + " bytes from " +
                     std::to_string(packed.size()));
  std::vector<uint8_t> body(size);
  const size_t n = ZSTD_decompress(body.data(), body.size(), packed.data(), packed.size());
  if (ZSTD_isError(n) != 0)
    return malformed(std::string("the receipt is truncated or damaged: ") + ZSTD_getErrorName(n));
  if (n != size)
    return malformed("the receipt is damaged: expected " + std::to_string(size) + " bytes unpacked, found " +
                     std::to_string(n));
  stark::ByteReader r(body);
  Receipt receipt;
  const uint64_t kind = r.u8();
  receipt.claim.image_id = r.digest();
  receipt.claim.exit_code = static_cast<uint32_t>(r.u32());
  const uint64_t journal_bytes = r.u32();
  if (journal_bytes > MAX_JOURNAL_BYTES)
    return malformed("the receipt's journal is too long: expected at most " + std::to_string(MAX_JOURNAL_BYTES) +
                     " bytes, found " + std::to_string(journal_bytes));
  const auto journal = r.bytes(journal_bytes);
  receipt.claim.journal.assign(journal.begin(), journal.end());
  if (!get_preimage(r, receipt.preimage)) return malformed("the receipt's program data are damaged");
  receipt.final_clock = static_cast<uint32_t>(r.u32());
  receipt.heap_end_word = static_cast<uint32_t>(r.u32());
  receipt.stack_end_word = static_cast<uint32_t>(r.u32());
  receipt.input_bytes = static_cast<uint32_t>(r.u32());
  if (!r.ok()) return malformed("the receipt is truncated");
  if (kind != static_cast<uint64_t>(ReceiptKind::COMPOSITE))
    return malformed("unknown receipt kind: expected 0 (composite), found " + std::to_string(kind));
  if (const char* error = stark::deserialize(r.bytes(r.remaining()), receipt.seal)) return malformed(error);
  return receipt;
}

std::string to_hex(std::span<const uint8_t> bytes) {
  static const char DIGITS[] = "0123456789abcdef";
  std::string s;
  for (uint8_t b : bytes) {
    s += DIGITS[b >> 4];
    s += DIGITS[b & 15];
  }
  return s;
}

std::optional<ImageId> parse_image_id(const std::string& text) {
  ImageId id;
  if (text.size() != 2 * id.bytes.size()) return std::nullopt;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const int v = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
    if (v < 0) return std::nullopt;
    id.bytes[i / 2] = static_cast<uint8_t>(id.bytes[i / 2] << 4 | v);
  }
  return id;
}

}  // namespace zkvm::vm
