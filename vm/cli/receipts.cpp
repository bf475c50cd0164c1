// zkvm verify, inspect, security: everything about receipts that needs no guest.
#include <algorithm>
#include <cstdio>
#include <map>

#include "isa/chips/registry.hpp"
#include "stark/security/security.hpp"
#include "vm/cli/borders.hpp"
#include "vm/cli/commands.hpp"
#include "vm/cli/files.hpp"
#include "vm/cli/format.hpp"
#include "vm/cli/json.hpp"
#include "vm/prove/prove.hpp"

namespace zkvm::vm::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* kind_name(ReceiptKind kind) {
  switch (kind) {
    case ReceiptKind::COMPOSITE:
      return "composite";
  }
  return "unknown";
}

std::string field(const char* name, const std::string& value) {
  std::string label = name;
  label.resize(std::max<size_t>(label.size(), 12), ' ');
  return "  " + label + value + "\n";
}

void print(const std::string& text, int stream = STDOUT_FILENO) {
  OutputStream out(stream, stream == STDOUT_FILENO ? "standard output" : "standard error");
  out.put(text);
  out.finish();
}

Json claim_object(const Receipt& receipt, size_t file_bytes) {
  Json object;
  object["image_id"] = to_hex(receipt.claim.image_id.bytes);
  object["exit_code"] = receipt.claim.exit_code;
  object["journal_hex"] = to_hex(receipt.claim.journal);
  object["cycles"] = receipt.cycles();
  object["shards"] = receipt.seal.shards.size();
  object["receipt_bytes"] = file_bytes;
  return object;
}

ImageId expected_image_id(const VerifyOptions& options, const std::optional<Program>& program) {
  if (program) return image_id_of(*program);
  const auto id = parse_image_id(options.image_id);
  if (!id) {
    throw Failure(Status::USAGE, "--image-id: expected 64 hexadecimal digits, found " +
                                     std::to_string(options.image_id.size()) + " characters: '" + options.image_id +
                                     "'");
  }
  return *id;
}

std::string quoted(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "'" : ", '") + name + "'";
  return out;
}

/// What --open names, with the salt if one is needed.
compiler::PrivateInput input_to_open(const VerifyOptions& options, const std::optional<Model>& model) {
  if (!model)
    throw Failure(Status::USAGE,
                  "--open: expected --elf with a guest that describes its model, as zkvm compile makes them, found "
                  "none");
  compiler::PrivateInput input = read_tensors(*model, options.opened, options.borders);
  if (!model->info.disclosure.input && !input.salt)
    throw Failure(Status::USAGE,
                  "--open: expected --salt, because the journal has SHA-256(salt, input), or raw bytes with the salt "
                  "behind them, found neither");
  return input;
}

/// A proof of usual size on this machine's terms: 2^21 rows, 1500 DEEP terms, folding by 8.
stark::ProtocolParameters typical_proof(unsigned log_blowup) {
  constexpr unsigned LOG_HEIGHT = 21;
  stark::ProtocolParameters p;
  p.log_blowup = log_blowup;
  p.grinding_bits = 20;
  p.log_max_height = p.anchor_log_height = LOG_HEIGHT;
  for (unsigned height = LOG_HEIGHT; height > stark::MIN_LOG_HEIGHT;) {
    const unsigned log_arity = std::min(stark::MAX_LOG_FOLD, height - stark::MIN_LOG_HEIGHT);
    p.folds.push_back({height + log_blowup, 1u << log_arity, true});
    height -= log_arity;
  }
  p.deep_terms = 1500;
  p.constraints = 1000;
  p.max_columns_per_table = 400;
  p.tables = 64;
  p.shards = 64;
  p.logup_messages = uint64_t{1} << 32;
  p.max_message_fields = 12;
  return p;
}

std::string general_security() {
  std::string out =
      "Queries that prove a level of security, for a shard of 2^21 rows with 1500 DEEP terms in a proof of 64 shards,\n"
      "with 20 bits of grinding (no conjecture; computed in exact arithmetic):\n\n"
      "  blow-up   100 bits   128 bits\n";
  for (const unsigned log_blowup : {1u, 2u, 3u, 4u, 6u}) {
    char line[64];
    const auto queries = [&](double bits) { return stark::queries_for(typical_proof(log_blowup), bits).queries; };
    std::snprintf(line, sizeof line, "  %7u   %8u   %8u\n", 1u << log_blowup, queries(100), queries(128));
    out += line;
  }
  stark::ProtocolParameters p = typical_proof(1);
  p.queries = stark::queries_for(p, 128).queries;
  out += "\nBlow-up 2, which receipts use, with " + std::to_string(p.queries) + " queries:\n\n";
  return out + describe(p, stark::analyze(p));
}

SecurityAnalysis analyze_or_fail(const Receipt& receipt, const std::string& path) {
  auto analysis = analyze_security(receipt);
  if (!analysis) {
    throw Failure(Status::RECEIPT_INVALID,
                  "'" + path + "': expected the tables of this machine in the seal, found others");
  }
  return std::move(*analysis);
}

}  // namespace

Status verify(const VerifyOptions& options) {
  std::vector<NamedPath> inputs = {
      {"the receipt", options.receipt}, {"--elf", options.elf}, {"--labels", options.borders.labels}};
  for (const std::string& path : options.opened) inputs.push_back({"--open", path});
  const NamedPath outputs[] = {{"--journal", options.journal}};
  require_distinct(inputs, outputs);
  if (options.json && any_is_standard(outputs))
    throw Failure(Status::USAGE, "expected a file where --json has standard output, found '-'");
  std::optional<Program> program;
  if (!options.elf.empty()) program = load_program(options.elf);
  const ImageId expected = expected_image_id(options, program);
  const std::optional<Model> model = program ? find_model(*program, options.borders) : std::nullopt;
  std::optional<compiler::PrivateInput> opened;
  if (!options.opened.empty()) opened = input_to_open(options, model);
  size_t file_bytes = 0;
  const Receipt receipt = load_receipt(options.receipt, file_bytes);
  std::optional<OutputFile> journal;
  if (!options.journal.empty()) journal.emplace(options.journal, "journal");
  const auto verified = verify_receipt(receipt, expected, {.min_security_bits = options.min_security_bits});
  if (!verified) throw refused(options.receipt, verified.error());
  const std::span<const uint8_t> shown = receipt.claim.journal;
  std::string opening;
  if (opened) opening = require_opening(*model, shown, *opened, quoted(options.opened));
  if (journal) journal->write(receipt.claim.journal);

  const stark::SecurityReport& security = verified.value().security.report;
  if (options.json) {
    Json object;
    object["verified"] = true;
    object.update(claim_object(receipt, file_bytes));
    object["security_bits"] = security.bits;
    object["hash_bits"] = security.hash_bits;
    object["model"] = model && receipt.claim.exit_code == 0 ? journal_object(*model, shown) : Json(nullptr);
    object["opened"] = opened ? Json(true) : Json(nullptr);
    print_json(object);
    return Status::SUCCESS;
  }
  std::string out = "verified: there is an input on which this program halts with exit code " +
                    std::to_string(receipt.claim.exit_code) + " and this journal\n";
  if (receipt.claim.exit_code != 0) {
    out += "  note: a nonzero exit code is the guest's way to say that it failed\n";
  }
  out += field("image ID", to_hex(receipt.claim.image_id.bytes));
  out += field("journal", format_journal(receipt.claim.journal));
  if (model && receipt.claim.exit_code == 0)
    for (const auto& [name, value] : describe_journal(*model, shown)) out += field(name.c_str(), value);
  if (opened) out += field("opened", opening);
  out += field("cycles", format_count(receipt.cycles()));
  out += field("security", format_bits(security.bits) + " bits, provable; hash collisions " +
                               std::to_string(security.hash_bits) + " bits");
  print(out, options.journal == STANDARD ? STDERR_FILENO : STDOUT_FILENO);
  return Status::SUCCESS;
}

Status inspect(const std::string& path, bool json) {
  size_t file_bytes = 0;
  const Receipt receipt = load_receipt(path, file_bytes);
  const stark::MachineDescription& machine = machine_description();
  const auto chip_name = [&](size_t chip) {
    return chip < machine.chips.size() ? machine.chips[chip].air.name() : "unknown chip " + std::to_string(chip);
  };
  const auto analysis = analyze_security(receipt);
  const bool known = analysis && analysis->report.ok();
  const stark::Parameters& parameters = receipt.seal.parameters;
  if (json) {
    Json object;
    object["verified"] = false;
    object["format_version"] = RECEIPT_VERSION;
    object["kind"] = kind_name(receipt.kind);
    object.update(claim_object(receipt, file_bytes));
    object["entry"] = receipt.preimage.entry;
    object["zero_start"] = receipt.preimage.zero_start;
    object["stack_start"] = receipt.preimage.stack_start;
    object["input_bytes"] = receipt.input_bytes;
    object["final_clock"] = receipt.final_clock;
    object["parameters"] = {{"log_blowup", parameters.log_blowup},
                            {"queries", parameters.queries},
                            {"grinding_bits", parameters.grinding_bits}};
    object["security_bits"] = known ? Json(analysis->report.bits) : Json(nullptr);
    object["hash_bits"] = known ? Json(analysis->report.hash_bits) : Json(nullptr);
    object["shard_tables"] = Json::array();
    for (const stark::ShardProof& shard : receipt.seal.shards) {
      Json tables = Json::array();
      for (const stark::TableShape& t : shard.tables)
        tables.push_back({{"chip", chip_name(t.chip)}, {"log_height", t.log_height}});
      object["shard_tables"].push_back(std::move(tables));
    }
    print_json(object);
    return Status::SUCCESS;
  }
  char address[48];
  std::snprintf(address, sizeof address, "0x%08x", receipt.preimage.entry);
  std::string out = "receipt as it states itself; nothing is verified (see zkvm verify)\n";
  out += field("format", "version " + std::to_string(RECEIPT_VERSION) + ", " + kind_name(receipt.kind) + ", " +
                             format_bytes(file_bytes));
  out += field("image ID", to_hex(receipt.claim.image_id.bytes));
  out += field("entry", address);
  out += field("exit code", std::to_string(receipt.claim.exit_code));
  out += field("journal", format_journal(receipt.claim.journal));
  out += field("cycles", format_count(receipt.cycles()));
  out += field("parameters", "blow-up " + std::to_string(uint64_t{1} << std::min(parameters.log_blowup, 32u)) + ", " +
                                 std::to_string(parameters.queries) + " queries, " +
                                 std::to_string(parameters.grinding_bits) + " bits of grinding");
  out += field("security", known ? format_bits(analysis->report.bits) + " bits, if it verifies"
                                 : std::string("unknown: the tables do not fit this machine"));
  out += field("shards", std::to_string(receipt.seal.shards.size()));
  for (size_t i = 0; i < receipt.seal.shards.size(); ++i) {
    out += "shard " + std::to_string(i) + ": table and rows\n";
    for (const stark::TableShape& t : receipt.seal.shards[i].tables)
      out += field(chip_name(t.chip).c_str(), t.log_height < 64 ? "  " + format_count(uint64_t{1} << t.log_height)
                                                                : "  2^" + std::to_string(t.log_height));
  }
  print(out);
  return Status::SUCCESS;
}

Status security(const std::string& path) {
  if (path.empty()) {
    print(general_security());
    return Status::SUCCESS;
  }
  size_t file_bytes = 0;
  const Receipt receipt = load_receipt(path, file_bytes);
  const SecurityAnalysis analysis = analyze_or_fail(receipt, path);
  if (!analysis.report.ok()) {
    throw Failure(Status::RECEIPT_INVALID,
                  "'" + path + "': expected possible parameters in the seal, found: " + analysis.report.error);
  }
  print("of this receipt, if it verifies:\n\n" + describe(analysis.parameters, analysis.report));
  return Status::SUCCESS;
}

}  // namespace zkvm::vm::cli
