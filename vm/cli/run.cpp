// zkvm run: execute, profile or prove a guest.
#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "precompiles/execute.hpp"
#include "vm/cli/borders.hpp"
#include "vm/cli/commands.hpp"
#include "vm/cli/files.hpp"
#include "vm/cli/format.hpp"
#include "vm/cli/json.hpp"
#include "vm/cli/memory.hpp"
#include "vm/cli/terminal.hpp"
#include "vm/exec/machine.hpp"
#include "vm/prove/prove.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::vm::cli {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double rate(uint64_t count, double seconds) { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }

std::string default_receipt_path(const std::string& elf) {
  const std::filesystem::path name = elf == STANDARD ? "guest" : std::filesystem::path(elf).filename();
  return (name.extension() == ".elf" ? name.stem() : name).string() + ".receipt";
}

/// Shows what the guest prints, its stdout on ours unless that is reserved for JSON.
class GuestOutput {
 public:
  explicit GuestOutput(bool json) : json_(json) {}
  void operator()(int stream, std::string_view text) {
    if (bar_ != nullptr) bar_->clear();
    (stream == 1 && !json_ ? out_ : err_).show(text);
  }
  void share_terminal_with(ProgressBar* bar) { bar_ = bar; }
  void finish() { out_.finish(); }

 private:
  bool json_;
  OutputStream out_{STDOUT_FILENO, "standard output"}, err_{STDERR_FILENO, "standard error"};
  ProgressBar* bar_ = nullptr;
};

/// The lines that a run ends with, on stderr: stdout is the guest's.
class Summary {
 public:
  void line(const char* name, const std::string& value) {
    std::string label = name;
    label.resize(std::max<size_t>(label.size(), 14), ' ');
    text_ += "  " + label + value + "\n";
  }
  void head(const std::string& text) { text_ += text + "\n"; }
  void show() const { std::fwrite(text_.data(), 1, text_.size(), stderr); }

 private:
  std::string text_;
};

/// What the guest reads, and how its journal is to be read if it runs a model.
struct Input {
  std::vector<uint8_t> bytes;
  std::optional<Model> model;
  std::optional<compiler::Salt> salt;

  void add_lines(Summary& s, uint32_t exit_code, std::span<const uint8_t> journal) const {
    if (!model || exit_code != 0) return;
    for (const auto& [name, value] : describe_journal(*model, journal)) s.line(name.c_str(), value);
    if (salt) s.line("salt", to_hex(*salt) + ": keep it; with the data it opens what is hidden");
  }
  void add_fields(Json& object, uint32_t exit_code, std::span<const uint8_t> journal) const {
    if (!model || exit_code != 0) return;
    object["model"] = journal_object(*model, journal);
    if (salt) object["salt_hex"] = to_hex(*salt);
  }
};

Input read_input(const Program& program, const RunOptions& options) {
  Input input;
  input.model = find_model(program, options.borders);
  if (!input.model) {
    if (options.inputs.size() > 1)
      throw Failure(Status::USAGE, "expected one --input, found " + std::to_string(options.inputs.size()));
    if (!options.inputs.empty()) input.bytes = read_file(options.inputs[0], "input", MAX_INPUT_BYTES);
    return input;
  }
  if (options.inputs.empty()) throw Failure(Status::USAGE, "expected --input with what the model reads, found none");
  compiler::PrivateInput read = read_tensors(*input.model, options.inputs, options.borders);
  input.bytes = std::move(read.tensors);
  if (input.model->info.disclosure.salt_bytes() != 0) {
    input.salt = read.salt ? *read.salt : draw_salt();
    input.bytes.insert(input.bytes.end(), input.salt->begin(), input.salt->end());
  }
  return input;
}

std::string halted(uint32_t exit_code, uint64_t cycles) {
  return "guest halted with exit code " + std::to_string(exit_code) + " after " + format_count(cycles) + " cycles";
}

/// Every field of the object that --json prints is there in every kind of run, null where it does not apply.
Json run_object() {
  Json object;
  for (const char* field : {"cycles",          "execute_seconds",
                            "prove_seconds",   "setup_seconds",
                            "verify_seconds",  "cycles_per_second",
                            "peak_rss_bytes",  "shards",
                            "committed_cells", "quotient_cells",
                            "main_cells",      "logup_cells",
                            "form_cells",      "preprocessed_cells",
                            "receipt",         "receipt_bytes",
                            "security_bits",   "exit_code",
                            "journal_hex",     "image_id",
                            "model",           "salt_hex"})
    object[field] = nullptr;
  return object;
}

/// "0x00010074 (main+0x10)"
std::string pc_name(const Program& program, uint32_t pc) {
  char address[16];
  std::snprintf(address, sizeof address, "0x%08x", pc);
  const std::string symbol = program.symbolize(pc);
  return symbol.empty() ? address : address + (" (" + symbol + ")");
}

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// A twentieth of a second for the plain machine.
constexpr uint64_t CYCLES_BETWEEN_SIGNS = 1 << 24;

/// Runs `machine` to its end and reports it; `profile` is called in between.
template <class Machine>
Status execute(Machine& machine, GuestOutput& guest, const Program& program, const Input& input,
               const RunOptions& options, const std::optional<OutputFile>& journal,
               const std::function<void(Machine&, Summary&, Json*)>& profile) {
  const Clock::time_point start = Clock::now();
  std::optional<ProgressBar> bar(std::in_place);
  guest.share_terminal_with(&*bar);
  Stop stop = Stop::SLICE_END;
  while (stop == Stop::SLICE_END) {
    stop = machine.run(CYCLES_BETWEEN_SIGNS);
    // What is done at once needs no sign of life.
    if (const double seconds = seconds_since(start); stop == Stop::SLICE_END && seconds > 0.5)
      bar->update("running: " + format_count(machine.cycles()) + " cycles, " +
                  format_rate(rate(machine.cycles(), seconds)));
  }
  const double seconds = seconds_since(start);
  guest.share_terminal_with(nullptr);
  bar.reset();
  guest.finish();
  Summary summary;
  if (profile) profile(machine, summary, nullptr);
  if (stop == Stop::TRAPPED) throw Failure(Status::GUEST_TRAP, machine.trap()->message());
  if (stop == Stop::CYCLE_LIMIT) {
    throw Failure(Status::GUEST_CYCLE_LIMIT,
                  "the guest did not halt: expected it to within " + format_count(options.max_cycles) +
                      " cycles (--max-cycles), found it at " + pc_name(program, machine.pc()));
  }
  if (journal) journal->write(machine.journal());
  if (options.json) {
    Json object = run_object();
    object["cycles"] = machine.cycles();
    object["execute_seconds"] = seconds;
    object["cycles_per_second"] = rate(machine.cycles(), seconds);
    object["exit_code"] = machine.exit_code();
    object["journal_hex"] = to_hex(machine.journal());
    object["image_id"] = to_hex(image_id_of(program).bytes);
    object["peak_rss_bytes"] = peak_rss_bytes();
    input.add_fields(object, machine.exit_code(), machine.journal());
    if (profile && options.stats) profile(machine, summary, &object);
    print_json(object);
  } else {
    Summary head;
    head.head(halted(machine.exit_code(), machine.cycles()));
    head.line("journal", format_journal(machine.journal()));
    input.add_lines(head, machine.exit_code(), machine.journal());
    if (options.stats) {
      head.line("executed in", format_duration(seconds) + ", " + format_rate(rate(machine.cycles(), seconds)));
      head.line("peak memory", format_bytes(peak_rss_bytes()));
    }
    head.show();
    summary.show();
  }
  return machine.exit_code() == 0 ? Status::SUCCESS : Status::GUEST_EXIT;
}

Status run_plain(const Program& program, const Input& input, const RunOptions& options,
                 const std::optional<OutputFile>& journal) {
  GuestOutput guest(options.json || options.output_on_stdout());
  PlainMachine machine(program, input.bytes, {options.max_cycles, std::ref(guest)});
  return execute<PlainMachine>(machine, guest, program, input, options, journal, nullptr);
}

std::string share_of(uint64_t part, uint64_t whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%5.1f%%", 100 * rate(part, static_cast<double>(whole)));
  return text;
}
/// "  12.3%      1,234  name"
std::string cost_line(uint64_t part, uint64_t whole, const std::string& rest) {
  std::string count = format_count(part);
  count.insert(0, count.size() < 14 ? 14 - count.size() : 0, ' ');
  return "  " + share_of(part, whole) + count + "  " + rest;
}

/// What rows and precompile calls cost, for the profiling machine.
MachineOptions profiling_options(const Program& program, const RunOptions& options, GuestOutput& guest) {
  MachineOptions machine;
  machine.max_cycles = options.max_cycles;
  machine.print = std::ref(guest);
  for (size_t chip = 0; chip < isa::CHIP_COUNT; ++chip)
    machine.row_cells[chip] = static_cast<uint32_t>(cells_of_row(chip));
  machine.describe_call = [&program](uint32_t number, uint32_t pointer) {
    if (const int layer = number == ZKVM_ECALL_NN ? program.rom->find(pointer) : -1; layer >= 0)
      return std::pair("[layer " + program.layer_name(pointer) + "]",
                       cells_of_call(program.rom->layers()[static_cast<size_t>(layer)]));
    return std::pair("[precompile " + std::string(precompiles::name_of(number)) + "]", cells_of_call(number));
  };
  return machine;
}

Status run_profiled(const Program& program, const Input& input, const RunOptions& options,
                    const std::optional<OutputFile>& journal, const std::optional<OutputFile>& profile) {
  GuestOutput guest(options.json || options.output_on_stdout());
  ProfilingMachine machine(program, input.bytes, profiling_options(program, options, guest));
  const CostUnit unit = options.profile_cells || !profile ? CostUnit::CELLS : CostUnit::CYCLES;
  // Written for guests that fail too: where the cost lies is then all the more of interest.
  const auto report = [&](ProfilingMachine& m, Summary& summary, Json* object) {
    m.profiler().finish(m.cost());
    if (profile && object == nullptr) {
      std::ostringstream text;
      m.profiler().write_collapsed(text, unit);
      profile->write(bytes_of(text.str()));
    }
    constexpr size_t SHOWN = 10;
    const auto functions = m.profiler().functions(unit);
    if (object != nullptr) {
      Json& list = (*object)["functions"] = Json::array();
      for (const auto& [name, cost] : functions)
        list.push_back({{"name", name}, {"cycles", cost.cycles}, {"cells", cost.cells}});
      return;
    }
    const auto table = [&](CostUnit counted, const std::string& head) {
      summary.head(head);
      const auto rows = m.profiler().functions(counted);
      for (size_t i = 0; i < std::min(rows.size(), options.stats ? 3 * SHOWN : SHOWN); ++i)
        if (in(counted, rows[i].second) != 0)
          summary.head(cost_line(in(counted, rows[i].second), in(counted, m.cost()), rows[i].first));
    };
    const std::string stacks = profile ? " (call stacks in " + profile->path() + ")" : "";
    if (unit == CostUnit::CYCLES || options.stats)
      table(CostUnit::CYCLES, "cycles by function and precompile" + (unit == CostUnit::CYCLES ? stacks : ""));
    if (unit == CostUnit::CELLS || options.stats)
      table(CostUnit::CELLS, "committed cells by function and precompile, of " + format_count(m.cost().cells) +
                                 " without padding, memory and fixed tables" + (unit == CostUnit::CELLS ? stacks : ""));
  };
  return execute<ProfilingMachine>(machine, guest, program, input, options, journal, report);
}

/// Cells by chip and by layer.
void add_cost_lines(Summary& s, const Program& program, const ProveStats& stats) {
  const stark::MachineDescription& machine = machine_description();
  std::vector<size_t> order;
  uint64_t cells = 0;
  for (size_t chip = 0; chip < stats.chips.size(); ++chip) {
    cells += stats.chips[chip].cells;
    if (stats.chips[chip].tables != 0) order.push_back(chip);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return stats.chips[a].cells > stats.chips[b].cells; });
  s.head("committed cells by chip, padding included");
  for (size_t chip : order) {
    const ChipCost& c = stats.chips[chip];
    s.head(cost_line(c.cells, cells,
                     machine.chips[chip].air.name() + "  " + format_count(c.rows) + " rows in " +
                         format_count(c.tables) + (c.tables == 1 ? " table of " : " tables of ") +
                         format_count(c.padded_rows)));
  }
  if (stats.layers.empty()) return;
  s.head("committed cells by layer, padding and fixed tables apart");
  for (const LayerCost& l : stats.layers)
    s.head(
        cost_line(l.cells, cells,
                  program.layer_name(l.address) + "  " + format_count(l.calls) + (l.calls == 1 ? " call" : " calls")));
}
Json cost_object(const Program& program, const ProveStats& stats) {
  Json object;
  object["chips"] = Json::array();
  object["layers"] = Json::array();
  for (size_t chip = 0; chip < stats.chips.size(); ++chip)
    if (const ChipCost& c = stats.chips[chip]; c.tables != 0)
      object["chips"].push_back({{"name", machine_description().chips[chip].air.name()},
                                 {"tables", c.tables},
                                 {"rows", c.rows},
                                 {"padded_rows", c.padded_rows},
                                 {"cells", c.cells}});
  for (const LayerCost& l : stats.layers)
    object["layers"].push_back({{"name", program.layer_name(l.address)}, {"calls", l.calls}, {"cells", l.cells}});
  return object;
}

void add_prover_lines(Summary& s, const ProveStats& stats) {
  const auto cells = static_cast<double>(stats.committed_cells());
  const auto per_cycle = [&](double n) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", n / static_cast<double>(std::max<uint64_t>(stats.cycles, 1)));
    return std::string(text);
  };
  s.line("shards", format_count(stats.shards));
  s.line("cells", format_count(stats.committed_cells()) + ", " + per_cycle(cells) + " a cycle; quotient " +
                      format_count(stats.quotient_cells()) + ", " +
                      per_cycle(static_cast<double>(stats.quotient_cells())) + " a cycle");
  s.line("setup", format_duration(stats.setup_seconds) + " (not part of the proving time)");
  const stark::ProverStats& p = stats.prover;
  s.line("phases", "trace " + format_duration(p.trace_seconds) + ", commit main " +
                       format_duration(p.main_commit_seconds) + ", LogUp " + format_duration(p.logup_seconds) +
                       ", commit LogUp " + format_duration(p.logup_commit_seconds));
  s.line("", "quotient " + format_duration(p.quotient_seconds) + ", commit quotient " +
                 format_duration(p.quotient_commit_seconds) + ", openings " + format_duration(p.ood_seconds));
  s.line("", "DEEP " + format_duration(p.deep_seconds) + ", FRI " + format_duration(p.fri_seconds) + ", queries " +
                 format_duration(p.query_seconds));
}

Status run_proved(const Program& program, const Input& input, const RunOptions& options,
                  const std::optional<OutputFile>& journal, const OutputFile& receipt_file) {
  GuestOutput guest(options.json || options.output_on_stdout());
  ProveOptions prove;
  prove.memory_bytes = options.memory_bytes != 0 ? options.memory_bytes : default_memory();
  prove.security_bits = options.security_bits;
  prove.max_cycles = options.max_cycles;
  prove.print = std::ref(guest);
  std::optional<ProgressBar> bar(std::in_place);
  guest.share_terminal_with(&*bar);
  prove.progress = [&bar](double fraction, const char* phase) { bar->update(fraction, phase); };
  auto proved = prove_program(program, input.bytes, prove);
  guest.share_terminal_with(nullptr);
  bar.reset();
  guest.finish();
  if (!proved) {
    const ProveError& error = proved.error();
    const std::string context =
        error.kind == ProveErrorKind::SECURITY
            ? "expected a security that proofs can have, found --security " + format_bits(options.security_bits) + ": "
            : std::string();
    throw Failure(status_of(error.kind), context + error.message);
  }
  const ProveStats& stats = proved->stats;
  const Claim& claim = proved->receipt.claim;

  // What is handed out is checked as its receiver will check it: from the bytes.
  const std::vector<uint8_t> bytes = encode_receipt(proved->receipt);
  const Clock::time_point start = Clock::now();
  auto decoded = decode_receipt(bytes);
  if (!decoded) throw Failure(Status::INTERNAL, "the new receipt cannot be read: " + decoded.error().message);
  const auto verified = verify_receipt(*decoded, claim.image_id, {.min_security_bits = options.security_bits});
  if (!verified) throw Failure(Status::INTERNAL, "the new receipt does not verify: " + verified.error().message);
  const double verify_seconds = seconds_since(start);
  receipt_file.write(bytes);
  if (journal) journal->write(claim.journal);

  const double proving_rate = rate(stats.cycles, stats.prove_seconds);
  const double bits = verified.value().security.report.bits;
  if (options.json) {
    Json object = run_object();
    object["cycles"] = stats.cycles;
    object["execute_seconds"] = stats.execute_seconds;
    object["prove_seconds"] = stats.prove_seconds;
    object["setup_seconds"] = stats.setup_seconds;
    object["verify_seconds"] = verify_seconds;
    object["cycles_per_second"] = proving_rate;
    object["peak_rss_bytes"] = peak_rss_bytes();
    object["shards"] = stats.shards;
    object["committed_cells"] = stats.committed_cells();
    object["quotient_cells"] = stats.quotient_cells();
    object["main_cells"] = stats.prover.main_cells;
    object["logup_cells"] = stats.prover.logup_cells;
    object["form_cells"] = stats.prover.form_cells;
    object["preprocessed_cells"] = stats.prover.preprocessed_cells;
    object["receipt"] = receipt_file.path();
    object["receipt_bytes"] = bytes.size();
    object["security_bits"] = bits;
    object["exit_code"] = claim.exit_code;
    object["journal_hex"] = to_hex(claim.journal);
    object["image_id"] = to_hex(claim.image_id.bytes);
    input.add_fields(object, claim.exit_code, claim.journal);
    if (options.stats) object.update(cost_object(program, stats));
    print_json(object);
  } else {
    Summary s;
    s.head(halted(claim.exit_code, stats.cycles));
    s.line("journal", format_journal(claim.journal));
    input.add_lines(s, claim.exit_code, claim.journal);
    s.line("proved in", format_duration(stats.prove_seconds) + ", " + format_rate(proving_rate) + " (execution " +
                            format_duration(stats.execute_seconds) + ")");
    s.line("peak memory", format_bytes(peak_rss_bytes()));
    s.line("security", format_bits(bits) + " bits, provable");
    if (options.stats) {
      add_prover_lines(s, stats);
      add_cost_lines(s, program, stats);
    }
    s.line("receipt", receipt_file.path() + ", " + format_bytes(bytes.size()) + ", verified in " +
                          format_duration(verify_seconds));
    s.line("image ID", to_hex(claim.image_id.bytes));
    s.show();
  }
  return claim.exit_code == 0 ? Status::SUCCESS : Status::GUEST_EXIT;
}

}  // namespace

Status run(const RunOptions& options) {
  if (options.threads != 0) omp_set_num_threads(static_cast<int>(options.threads));
  const std::string receipt_path = !options.prove            ? ""
                                   : options.receipt.empty() ? default_receipt_path(options.elf)
                                                             : options.receipt;
  std::vector<NamedPath> inputs = {{"the guest", options.elf}, {"--labels", options.borders.labels}};
  for (const std::string& path : options.inputs) inputs.push_back({"--input", path});
  const NamedPath outputs[] = {
      {"--output", receipt_path}, {"--journal", options.journal}, {"--profile", options.profile}};
  require_distinct(inputs, outputs);
  if (options.json && any_is_standard(outputs))
    throw Failure(Status::USAGE, "expected a file where --json has standard output, found '-'");

  const Program program = load_program(options.elf);
  const Input input = read_input(program, options);
  std::optional<OutputFile> journal, receipt, profile;
  if (!options.journal.empty()) journal.emplace(options.journal, "journal");
  if (!receipt_path.empty()) receipt.emplace(receipt_path, "receipt");
  if (!options.profile.empty()) profile.emplace(options.profile, "profile");

  if (receipt) return run_proved(program, input, options, journal, *receipt);
  if (profile || options.stats) return run_profiled(program, input, options, journal, profile);
  return run_plain(program, input, options, journal);
}

}  // namespace zkvm::vm::cli
