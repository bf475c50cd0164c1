#include "vm/receipt/receipt.hpp"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

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
constexpr size_t CLAIM_BYTES = 1 + sizeof(stark::Digest) + 4 + 4;  ///< kind, image ID, exit code, bytes of the journal
constexpr size_t MAX_PROGRAM_BYTES = 4096;
/// A shard has one to five megabytes at 128 bits.
constexpr size_t MAX_SHARD_BYTES = size_t{32} << 20;
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
  s.more_boundary.count = (length + 3) / 4;
  s.more_boundary.message = [bytes = std::span<const uint8_t>(journal)](uint64_t i) {
    uint32_t word = 0;
    for (uint64_t b = 4 * i; b < std::min<uint64_t>(4 * i + 4, bytes.size()); ++b)
      word |= uint32_t{bytes[b]} << (8 * (b % 4));
    return stark::boundary_message(
        isa::JOURNAL, false,
        isa::JournalMessage<F>{F::from(static_cast<uint32_t>(i)), F::from(word & 0xffff), F::from(word >> 16)});
  };
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
  std::vector<uint8_t> program;
  stark::ByteWriter p(program);
  put_preimage(receipt.preimage, p);
  p.u32(receipt.final_clock);
  p.u32(receipt.heap_end_word);
  p.u32(receipt.stack_end_word);
  p.u32(receipt.input_bytes);
  w.u32(program.size());
  w.bytes(program);
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

namespace {

/// The body of a receipt, unpacked piece by piece: memory is that of zstd's window, whatever the frame claims.
class Unpacker {
 public:
  /// `read(out)` fills out as far as there are bytes and returns how many there were.
  explicit Unpacker(const ReadBytes& read) : read_(read), stream_(ZSTD_createDStream()), in_(1 << 16) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, WINDOW_LOG);
  }
  /// False if there are fewer bytes, or damaged ones: then error() says why.
  bool get(std::span<uint8_t> out) {
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (to.pos < to.size && error_.empty()) {
      if (ended_) {
        error_ = "it ends too early";
      } else if (from_.pos == from_.size && !refill()) {
        error_ = "it ends within its zstd frame";
      } else {
        step(to);
      }
    }
    return error_.empty();
  }
  /// Whether nothing is left: the frame ends here, and the file with it.
  bool at_end() {
    uint8_t none = 0;
    ZSTD_outBuffer to{&none, 0, 0};
    while (!ended_ && error_.empty() && (from_.pos < from_.size || refill())) {
      const size_t before = from_.pos;
      step(to);
      if (!ended_ && from_.pos == before) break;  // it wants to give more
    }
    return error_.empty() && ended_ && from_.pos == from_.size && !refill();
  }
  const std::string& error() const { return error_; }

 private:
  static constexpr int WINDOW_LOG = 22;

  bool refill() {
    from_ = {in_.data(), read_(in_), 0};
    if (first_ && from_.size >= 4) {
      // Not a skippable frame: those would be bytes that mean nothing.
      first_ = false;
      uint32_t magic = 0;
      std::memcpy(&magic, in_.data(), sizeof magic);
      if (magic != ZSTD_MAGICNUMBER) error_ = "expected a zstd frame behind the header";
    }
    return from_.size != 0;
  }
  void step(ZSTD_outBuffer& to) {
    if (!error_.empty()) return;
    const size_t n = ZSTD_decompressStream(stream_.get(), &to, &from_);
    if (ZSTD_isError(n) != 0) error_ = ZSTD_getErrorName(n);
    ended_ = n == 0;
  }
  struct Free {
    void operator()(ZSTD_DStream* s) const { ZSTD_freeDStream(s); }
  };
  const ReadBytes& read_;
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  std::vector<uint8_t> in_;
  ZSTD_inBuffer from_{nullptr, 0, 0};
  bool first_ = true, ended_ = false;
  std::string error_;
};

/// Field elements do not compress (measured at 128 bits: 2 to 5%), the journal may. The constant is for seals of few
/// queries, in which what is opened of constant columns counts for more.
uint64_t most_unpacked(uint64_t packed, uint64_t journal) {
  return packed + packed / 10 + journal + (uint64_t{16} << 20);
}

}  // namespace

Result<Receipt, VerifyError> decode_receipt(uint64_t file_bytes, const ReadBytes& read) {
  std::array<uint8_t, HEADER_BYTES> head{};
  if (read(head) != head.size() || std::memcmp(head.data(), MAGIC, sizeof(MAGIC)) != 0)
    return malformed("not a receipt: expected a file that starts with \"zkvmrcpt\"");
  stark::ByteReader header(std::span<const uint8_t>(head).subspan(sizeof(MAGIC)));
  const auto version = header.u32();
  if (version != RECEIPT_VERSION)
    return VerifyError{VerifyErrorKind::WRONG_VERSION, "unsupported receipt version: expected " +
                                                           std::to_string(RECEIPT_VERSION) + ", found " +
                                                           std::to_string(version)};
  const uint64_t size = header.u64(), packed = file_bytes - HEADER_BYTES;  // it has read a header, so it is as long
  const auto too_large = [&](uint64_t most) {
    return malformed("the receipt claims to unpack to " + std::to_string(size) + " bytes from " +
                     std::to_string(packed) + ": expected at most " + std::to_string(most));
  };
  if (const uint64_t most = std::min<uint64_t>(MAX_RECEIPT_BYTES, most_unpacked(packed, MAX_JOURNAL_BYTES));
      size > most)
    return too_large(most);

  Unpacker body(read);
  uint64_t left = size;
  const auto damaged = [&] { return malformed("the receipt is truncated or damaged: " + body.error()); };
  // `bytes` of the body; empty if there are not so many.
  std::vector<uint8_t> piece;
  const auto next = [&](uint64_t bytes) -> std::span<const uint8_t> {
    if (bytes > left) return {};
    left -= bytes;
    piece.resize(bytes);
    return body.get(piece) ? std::span<const uint8_t>(piece) : std::span<const uint8_t>();
  };

  Receipt receipt;
  stark::ByteReader start(next(CLAIM_BYTES));
  const uint64_t kind = start.u8();
  receipt.claim.image_id = start.digest();
  receipt.claim.exit_code = static_cast<uint32_t>(start.u32());
  const uint64_t journal_bytes = start.u32();
  if (!start.ok()) return damaged();
  if (kind != static_cast<uint64_t>(ReceiptKind::COMPOSITE))
    return malformed("unknown receipt kind: expected 0 (composite), found " + std::to_string(kind));
  if (journal_bytes > MAX_JOURNAL_BYTES)
    return malformed("the receipt's journal is too long: expected at most " + std::to_string(MAX_JOURNAL_BYTES) +
                     " bytes, found " + std::to_string(journal_bytes));
  if (const uint64_t most = most_unpacked(packed, journal_bytes); size > most) return too_large(most);
  const auto missing = [&] { return body.error().empty() ? malformed("the receipt is truncated") : damaged(); };
  if (journal_bytes > left) return missing();
  left -= journal_bytes;
  receipt.claim.journal.resize(journal_bytes);
  if (!body.get(receipt.claim.journal)) return damaged();

  const auto program_bytes = next(4);
  if (program_bytes.empty()) return missing();
  stark::ByteReader length(program_bytes);
  const uint64_t bytes = length.u32();
  if (bytes > MAX_PROGRAM_BYTES)
    return malformed("the receipt's program data are damaged: expected at most " + std::to_string(MAX_PROGRAM_BYTES) +
                     " bytes, found " + std::to_string(bytes));
  stark::ByteReader program(next(bytes));
  const bool good = get_preimage(program, receipt.preimage);
  receipt.final_clock = static_cast<uint32_t>(program.u32());
  receipt.heap_end_word = static_cast<uint32_t>(program.u32());
  receipt.stack_end_word = static_cast<uint32_t>(program.u32());
  receipt.input_bytes = static_cast<uint32_t>(program.u32());
  if (!body.error().empty()) return damaged();
  if (!good || !program.at_end()) return malformed("the receipt's program data are damaged");

  constexpr size_t SEAL_HEADER = stark::Deserializer::HEADER_BYTES;
  const auto seal = next(SEAL_HEADER);
  if (seal.empty()) return missing();
  stark::Deserializer shards(seal.first<SEAL_HEADER>(), receipt.seal);
  for (size_t i = 0; i < shards.shards(); ++i) {
    const auto prefix = next(4);
    if (prefix.empty()) return missing();
    stark::ByteReader prefix_reader(prefix);
    const uint64_t shard_bytes = prefix_reader.u32();
    if (shard_bytes > left) return malformed("the receipt is truncated");
    if (shard_bytes > MAX_SHARD_BYTES)
      return malformed("a shard of the seal is too large: expected at most " + std::to_string(MAX_SHARD_BYTES) +
                       " bytes, found " + std::to_string(shard_bytes));
    const auto shard = next(shard_bytes);
    if (!body.error().empty()) return damaged();
    if (const char* error = shards.add_shard(shard, machine_description(), receipt.preimage.preprocessed))
      return malformed(error);
  }
  if (left != 0 || !body.at_end())
    return body.error().empty() ? malformed("the receipt has bytes after its end") : damaged();
  return receipt;
}

Result<Receipt, VerifyError> decode_receipt(std::span<const uint8_t> bytes) {
  if (bytes.size() < HEADER_BYTES) return malformed("not a receipt: expected a file that starts with \"zkvmrcpt\"");
  size_t at = 0;
  return decode_receipt(bytes.size(), [&](std::span<uint8_t> out) {
    const size_t n = std::min(out.size(), bytes.size() - at);
    if (n != 0) std::memcpy(out.data(), bytes.data() + at, n);
    at += n;
    return n;
  });
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
