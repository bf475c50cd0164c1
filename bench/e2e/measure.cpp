#include "bench/e2e/measure.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

namespace zkvm::bench {
namespace {

using Json = nlohmann::json;

constexpr unsigned VERIFICATIONS = 5;
constexpr int ROOFLINE_NEEDS_AVX512 = 3;
constexpr long ROOFLINE_MIN_LOG_ROWS = 12, ROOFLINE_MAX_LOG_ROWS = 20, ROOFLINE_MAX_COLUMNS = 1024;
/// Two chunks of an extension element each.
constexpr unsigned QUOTIENT_COLUMNS = 12;

Json parse(const ChildOutcome& outcome, const std::string& command) {
  Json object = Json::parse(outcome.out, nullptr, false);
  if (!object.is_object()) throw BenchError(command + ": expected a JSON object, found '" + outcome.out + "'");
  return object;
}

template <class T>
T field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null())
    throw BenchError(std::string("zkvm --json: expected the field ") + name + ", found none");
  return found->get<T>();
}

template <class T>
std::optional<T> optional_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

void write_parameter(const std::string& path, uint32_t parameter) {
  std::ofstream file(path, std::ios::binary);
  for (unsigned shift = 0; shift < 32; shift += 8) file.put(static_cast<char>(parameter >> shift));
  if (!file.flush()) throw BenchError("cannot write " + path);
}

/// A guest, its input, and the options that all its runs have.
class Bench {
 public:
  Bench(const Settings& settings, std::string elf, std::string input)
      : settings_(settings),
        zkvm_((settings.build / "zkvm").string()),
        elf_(std::move(elf)),
        input_(std::move(input)) {}

  const WorkFolder& folder() const { return folder_; }
  void set_input(std::string input) { input_ = std::move(input); }

  /// Executes without proving: what a proof of the same run has to agree with.
  Json execute() const {
    const std::vector<std::string> command = {zkvm_, "run", "--json", elf_, "--input", input_};
    return parse(require_child(folder_, command), shell_text(command));
  }

  /// All repetitions, then the verifications of the last receipt.
  Measurement run(const std::string& name, bool verify_in_wall_time) {
    const Json plain = execute();
    Measurement m;
    m.workload = name;
    m.memory = settings_.memory;
    const std::vector<std::string> command = prove_command();
    m.prove_command = without_folders(command);
    for (unsigned i = 0; i < settings_.repetitions; ++i) {
      const ChildOutcome outcome = require_child(folder_, command);
      read(m, parse(outcome, m.prove_command), outcome, plain);
      if (verify_in_wall_time) m.samples.back().wall_seconds += verify(m, plain).wall_seconds;
      if (settings_.roofline) m.samples.back().roofline_khz = roofline(m);
    }
    std::vector<double> seconds;
    for (unsigned i = 0; i < VERIFICATIONS; ++i) {
      const ChildOutcome outcome = verify(m, plain);
      const auto inside = optional_field<double>(parse(outcome, "zkvm verify"), "verify_seconds");
      m.verify_inside = inside.has_value();
      seconds.push_back(inside.value_or(outcome.wall_seconds));
    }
    m.verify_seconds = median(seconds);
    return m;
  }

 private:
  std::string receipt() const { return folder_.path("receipt"); }

  std::vector<std::string> prove_command() const {
    std::vector<std::string> command = {zkvm_, "run", "--prove", "--json", elf_, "--input", input_, "-o", receipt()};
    const auto add = [&](const char* name, const std::string& value) { command.insert(command.end(), {name, value}); };
    if (settings_.threads != 0) add("--threads", std::to_string(settings_.threads));
    if (!settings_.memory.empty()) add("--memory", settings_.memory);
    if (settings_.security_bits != 128) add("--security", std::to_string(settings_.security_bits));
    return command;
  }

  /// One proof's figures. All repetitions are of the same run, so all but times agree.
  void read(Measurement& m, const Json& json, const ChildOutcome& outcome, const Json& plain) const {
    for (const char* name : {"cycles", "exit_code", "journal_hex", "image_id"}) {
      if (json.at(name) != plain.at(name)) {
        throw BenchError(m.prove_command + ": expected the plain run's " + name + " " + plain.at(name).dump() +
                         ", found " + json.at(name).dump());
      }
    }
    m.cycles = field<uint64_t>(json, "cycles");
    m.shards = field<uint64_t>(json, "shards");
    m.committed_cells = field<uint64_t>(json, "committed_cells");
    m.quotient_cells = field<uint64_t>(json, "quotient_cells");
    m.main_cells = optional_field<uint64_t>(json, "main_cells");
    m.logup_cells = optional_field<uint64_t>(json, "logup_cells");
    m.receipt_bytes = field<uint64_t>(json, "receipt_bytes");
    m.security_bits = field<double>(json, "security_bits");
    m.samples.push_back({field<double>(json, "execute_seconds"), field<double>(json, "prove_seconds"),
                         field<double>(json, "setup_seconds"), outcome.wall_seconds, outcome.peak_rss_bytes,
                         outcome.page_faults, std::nullopt});
  }

  ChildOutcome verify(const Measurement& m, const Json& plain) const {
    std::vector<std::string> command = {zkvm_,    "verify",     receipt(),
                                        "--json", "--image-id", plain.at("image_id").get<std::string>()};
    if (settings_.security_bits != 128) {
      command.insert(command.end(), {"--min-security", std::to_string(settings_.security_bits)});
    }
    ChildOutcome outcome = require_child(folder_, command);
    if (field<uint64_t>(parse(outcome, "zkvm verify"), "cycles") != m.cycles)
      throw BenchError("zkvm verify states another number of cycles than the proof");
    return outcome;
  }

  /// The model's rate in cycles; nothing where it cannot run or widths are unknown. A row of the model is a row of the
  /// quotient, which is one matrix of QUOTIENT_COLUMNS over the greatest height: it stands for several cycles and is as
  /// wide as all their cells. Rows of one cycle would hold less than the model's granularity of sixteen columns.
  std::optional<double> roofline(const Measurement& m) const {
    if (!m.main_cells || !m.logup_cells) return std::nullopt;
    const double rows = static_cast<double>(m.quotient_cells) / QUOTIENT_COLUMNS;
    const auto width = [&](uint64_t cells, unsigned multiple) {
      const double columns = static_cast<double>(cells) / rows;
      return std::to_string(multiple *
                            std::clamp(std::lround(columns / multiple), 1L, ROOFLINE_MAX_COLUMNS / multiple));
    };
    const long log_rows = std::lround(std::log2(rows / static_cast<double>(m.shards)));
    const unsigned threads = settings_.threads != 0 ? settings_.threads : std::thread::hardware_concurrency();
    // The better of two rounds: the first also warms the memory up.
    const std::vector<std::string> command = {
        (settings_.build / "bench" / "roofline" / "roofline").string(),
        "--csv",
        "--repeats",
        "2",
        "--log-rows",
        std::to_string(std::clamp(log_rows, ROOFLINE_MIN_LOG_ROWS, ROOFLINE_MAX_LOG_ROWS)),
        "--main",
        width(*m.main_cells, 1),
        "--aux",
        width(*m.logup_cells, 6),
        "--quotient",
        std::to_string(QUOTIENT_COLUMNS),
        "--threads",
        std::to_string(threads)};
    const ChildOutcome outcome = run_child(folder_, command);
    if (outcome.status == ROOFLINE_NEEDS_AVX512) return std::nullopt;
    if (outcome.status != 0)
      throw BenchError(shell_text(command) + ": exit code " + std::to_string(outcome.status) + "\n" + outcome.err);
    return roofline_rate(outcome.out) * static_cast<double>(m.cycles) / rows;
  }

  const Settings& settings_;
  WorkFolder folder_;
  std::string zkvm_, elf_, input_;
};

template <class Get>
double median_of(const std::vector<Sample>& samples, Get get) {
  std::vector<double> values;
  for (const Sample& sample : samples) values.push_back(static_cast<double>(get(sample)));
  return median(values);
}

}  // namespace

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double roofline_rate(const std::string& csv) {
  // Columns: log_rows,main,aux,quotient,threads,phase,wall_ns_per_row,core_ns_per_row,khz
  const size_t total = csv.find(",total,");
  const size_t end = total == std::string::npos ? total : csv.find('\n', total);
  const size_t last = end == std::string::npos ? end : csv.rfind(',', end);
  const double rate = last == std::string::npos ? 0 : std::strtod(csv.c_str() + last + 1, nullptr);
  if (!(rate > 0)) throw BenchError("roofline --csv: expected a total with a rate, found '" + csv + "'");
  return rate;
}

double Measurement::khz() const { return static_cast<double>(cycles) / prove_seconds() / 1e3; }
double Measurement::execute_seconds() const {
  return median_of(samples, [](const Sample& s) { return s.execute_seconds; });
}
double Measurement::prove_seconds() const {
  return median_of(samples, [](const Sample& s) { return s.prove_seconds; });
}
double Measurement::setup_seconds() const {
  return median_of(samples, [](const Sample& s) { return s.setup_seconds; });
}
double Measurement::wall_seconds() const {
  return median_of(samples, [](const Sample& s) { return s.wall_seconds; });
}
double Measurement::page_faults() const {
  return median_of(samples, [](const Sample& s) { return s.page_faults; });
}
uint64_t Measurement::peak_rss_bytes() const {
  uint64_t peak = 0;
  for (const Sample& s : samples) peak = std::max(peak, s.peak_rss_bytes);
  return peak;
}
std::optional<double> Measurement::roofline_khz() const {
  if (!samples.front().roofline_khz) return std::nullopt;
  return median_of(samples, [](const Sample& s) { return *s.roofline_khz; });
}
std::optional<double> Measurement::roofline_ratio() const {
  if (!samples.front().roofline_khz) return std::nullopt;
  return median_of(samples, [this](const Sample& s) {
    return static_cast<double>(cycles) / s.prove_seconds / 1e3 / *s.roofline_khz;
  });
}

Measurement measure(const Settings& settings, const Workload& workload) {
  const std::string elf = (settings.build / "guests" / "bench" / (std::string(workload.name) + ".elf")).string();
  Bench bench(settings, elf, "");
  const std::string input = bench.folder().path("input");
  bench.set_input(input);
  const Calibration found = calibrate(settings.cycles, workload.cycles_per_unit, [&](uint32_t parameter) {
    write_parameter(input, parameter);
    return field<uint64_t>(bench.execute(), "cycles");
  });
  write_parameter(input, found.parameter);
  Measurement m = bench.run(workload.name, false);
  m.parameter = found.parameter;
  return m;
}

Measurement measure_guest(const Settings& settings, const std::string& name, const std::string& elf,
                          const std::string& input) {
  return Bench(settings, elf, input).run(name, false);
}

Measurement measure_quickstart(const Settings& settings) {
  Bench bench(settings, (settings.build / "guests" / "digits.elf").string(),
              (settings.source / "examples" / "digits" / "images" / "digit-3.bin").string());
  return bench.run("quickstart", true);
}

}  // namespace zkvm::bench
