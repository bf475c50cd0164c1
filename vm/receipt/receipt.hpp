#pragma once
/// \file
/// Receipts: what a proof of an execution claims, the image ID, the file format, and verification. Links the verifier
/// only: no executor, no prover, no ELF.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stark/protocol/proof.hpp"
#include "stark/protocol/statement.hpp"
#include "stark/security/security.hpp"
#include "vm/elf/result.hpp"

namespace zkvm::vm {

/// Version of the receipt format and of the machine that it is about. A receipt of another version is refused.
constexpr uint32_t RECEIPT_VERSION = 3;
/// No receipt of this version is larger when unpacked; bounds what a hostile file can make a reader allocate.
constexpr size_t MAX_RECEIPT_BYTES = size_t{2} << 30;

/// The longest journal that can be proved: each word is a message of the verifier's own.
constexpr size_t MAX_JOURNAL_BYTES = size_t{16} << 20;

using ImageId = stark::Digest;

/// The machine's chips and buses, and their digest; built once.
const stark::MachineDescription& machine_description();
const stark::Digest& machine_digest();

/// What determines a program's image ID. The machine (its AIR digest) is hashed in with it.
struct ImageIdPreimage {
  uint32_t entry = 0;
  /// Zeroed memory: the heap from zero_start to a gap below the stack, which reaches from stack_start to RAM_END.
  uint32_t zero_start = 0, stack_start = 0;
  uint32_t log_blowup = 1;
  /// Preprocessed commitments: fixed tables with the program, and the memory image.
  std::vector<stark::PreprocessedCommitment> preprocessed;

  ImageId image_id() const;
};

/// "There is an input on which the program with this image ID halts with this exit code after writing this journal."
struct Claim {
  ImageId image_id;
  uint32_t exit_code = 0;
  std::vector<uint8_t> journal;
};

enum class ReceiptKind : uint8_t { COMPOSITE = 0 };

struct Receipt {
  ReceiptKind kind = ReceiptKind::COMPOSITE;
  Claim claim;
  ImageIdPreimage preimage;
  /// Clock of the halting instruction; 4 * cycles.
  uint32_t final_clock = 0;
  /// One past the last touched word (address / 4) of heap and stack; their starts if untouched.
  uint32_t heap_end_word = 0, stack_end_word = 0;
  /// The input's length. Its bytes are the prover's secret, though not a hidden one: see the README.
  uint32_t input_bytes = 0;
  stark::Proof seal;

  uint64_t cycles() const { return final_clock / 4; }
};

/// Messages of the verifier's own beside the journal's words: start and end of the execution, both ends of heap, stack
/// and input, and the write of the input's length.
constexpr uint64_t BOUNDARY_MESSAGES = 10;
/// All of a receipt's messages of the verifier's own.
inline uint64_t boundary_messages(size_t journal_bytes) { return BOUNDARY_MESSAGES + (journal_bytes + 3) / 4; }

/// The statement that the seal must prove; derived from everything else in the receipt, whose journal it reads: the
/// receipt must outlive it. The journal must not be longer than MAX_JOURNAL_BYTES.
stark::Statement make_statement(const Receipt& receipt);

/// The security bound of a proof: the worst over its shards, each taken with its own shapes.
struct SecurityAnalysis {
  stark::ProtocolParameters parameters;  ///< of the shard that gives the bound
  stark::SecurityReport report;
};
SecurityAnalysis analyze_security(std::span<const stark::ShardLayout> shards, const stark::Parameters& parameters,
                                  uint64_t boundary_messages);
/// Of a receipt's seal. Nothing if its shapes are not acceptable.
std::optional<SecurityAnalysis> analyze_security(const Receipt& receipt);
/// One entry per different shard shape.
std::vector<stark::ProtocolParameters> security_parameters(std::span<const stark::ShardLayout> shards,
                                                           const stark::Parameters& parameters,
                                                           uint64_t boundary_messages);

enum class VerifyErrorKind : uint8_t {
  MALFORMED,  ///< not a receipt, truncated, or contradicting itself
  WRONG_VERSION,
  WRONG_IMAGE,    ///< proves another program
  LOW_SECURITY,   ///< below the verifier's policy
  INVALID_PROOF,  ///< the seal does not prove the claim
};

struct VerifyError {
  VerifyErrorKind kind;
  std::string message;  ///< says what was expected and what was found
};

/// The verifier's policy. 128 provable bits, collision resistance of at least 124 bits, unless told otherwise.
struct VerifyPolicy {
  double min_security_bits = 128;
  unsigned min_hash_bits = 124;
};

struct VerifiedReceipt {
  SecurityAnalysis security;
};

/// Checks that `receipt` proves a run of the program `expected`. The caller reads exit code and journal from the claim.
Result<VerifiedReceipt, VerifyError> verify_receipt(const Receipt& receipt, const ImageId& expected,
                                                    const VerifyPolicy& policy = {});

/// File format: magic "zkvmrcpt", version, size of the body, zstd frame of the body. The body is canonical; its frame
/// is not, since zstd can pack the same bytes in several ways.
std::vector<uint8_t> encode_receipt(const Receipt& receipt);
/// Any bytes give a receipt or an error. A body is at most 1.1 times its frame and 16 MiB beside the journal, and what
/// it states about sizes is checked before memory is taken for it: reading takes the receipt itself and at most one
/// shard's bytes more.
Result<Receipt, VerifyError> decode_receipt(std::span<const uint8_t> bytes);
/// Fills `out` as far as there are bytes; returns how many there were.
using ReadBytes = std::function<size_t(std::span<uint8_t> out)>;
/// From a file of `file_bytes` that is read from its start, without all of it in memory.
Result<Receipt, VerifyError> decode_receipt(uint64_t file_bytes, const ReadBytes& read);

std::string to_hex(std::span<const uint8_t> bytes);
/// Nothing unless `text` is exactly 64 hexadecimal digits.
std::optional<ImageId> parse_image_id(const std::string& text);

}  // namespace zkvm::vm
