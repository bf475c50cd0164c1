#include "bench/e2e/report.hpp"

#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <utility>

namespace zkvm::bench {
namespace {

using Columns = std::vector<std::pair<const char*, std::string>>;

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

unsigned available_cores() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 0;
}

std::string commit_of(const Settings& settings) {
  const WorkFolder folder;
  try {
    const ChildOutcome git = run_child(folder, {"git", "-C", settings.source.string(), "describe", "--always",
                                                "--dirty", "--abbrev=12", "--exclude=*"});
    if (git.status == 0) return git.out.substr(0, git.out.find('\n'));
  } catch (const BenchError&) {
    // no git
  }
  return "unknown";
}

double per(uint64_t amount, uint64_t count) { return static_cast<double>(amount) / static_cast<double>(count); }

std::string optional_text(const std::optional<double>& value, const char* text_format) {
  return value ? format(text_format, *value) : "";
}

void write_rows(std::ofstream& file, const std::string& path, const std::string& rows) {
  if (!(file << rows).flush()) throw BenchError("cannot write " + path);
}

std::string joined(const Columns& columns, bool names) {
  std::string row;
  for (const auto& [name, value] : columns) {
    if (!row.empty()) row += ',';
    row += names ? name : csv_field(value);
  }
  return row + '\n';
}

Columns environment_columns(const Environment& e) {
  return {{"date", e.date},
          {"commit", e.commit},
          {"cpu", e.cpu},
          {"cores", std::to_string(e.cores)},
          {"load", format("%.2f", e.load)}};
}

Columns measurement_columns(const Environment& environment, const Settings& settings, const Measurement& m) {
  auto columns = environment_columns(environment);
  const auto shards = static_cast<double>(m.shards);
  double slowest = 0, fastest = m.samples.front().prove_seconds;
  for (const Sample& s : m.samples) {
    slowest = std::max(slowest, s.prove_seconds);
    fastest = std::min(fastest, s.prove_seconds);
  }
  const auto rate = [&](double seconds) { return format("%.2f", static_cast<double>(m.cycles) / seconds / 1e3); };
  const Columns measured = {
      {"threads", std::to_string(settings.threads != 0 ? settings.threads : environment.cores)},
      {"memory", m.memory.empty() ? "default" : m.memory},
      {"workload", m.workload},
      {"parameter", std::to_string(m.parameter)},
      {"cycles", std::to_string(m.cycles)},
      {"repetitions", std::to_string(m.samples.size())},
      {"khz", rate(m.prove_seconds())},
      {"khz_min", rate(slowest)},
      {"khz_max", rate(fastest)},
      {"execute_seconds", format("%.4f", m.execute_seconds())},
      {"prove_seconds", format("%.4f", m.prove_seconds())},
      {"setup_seconds", format("%.4f", m.setup_seconds())},
      {"wall_seconds", format("%.4f", m.wall_seconds())},
      {"cells_per_cycle", format("%.2f", per(m.committed_cells, m.cycles))},
      {"main_cells_per_cycle", m.main_cells ? format("%.2f", per(*m.main_cells, m.cycles)) : ""},
      {"logup_cells_per_cycle", m.logup_cells ? format("%.2f", per(*m.logup_cells, m.cycles)) : ""},
      {"quotient_cells_per_cycle", format("%.2f", per(m.quotient_cells, m.cycles))},
      {"peak_rss_bytes", std::to_string(m.peak_rss_bytes())},
      {"page_faults", format("%.0f", m.page_faults())},
      {"shards", std::to_string(m.shards)},
      {"receipt_bytes_per_shard", format("%.0f", static_cast<double>(m.receipt_bytes) / shards)},
      {"verify_ms_per_shard", format("%.3f", m.verify_seconds * 1e3 / shards)},
      {"verify_time", m.verify_inside ? "inside" : "process"},
      {"security_bits", format("%.2f", m.security_bits)},
      {"roofline_khz", optional_text(m.roofline_khz(), "%.1f")},
      {"roofline_ratio", optional_text(m.roofline_ratio(), "%.3f")},
      {"proof", m.prove_command},
      {"command", environment.command},
  };
  columns.insert(columns.end(), measured.begin(), measured.end());
  return columns;
}

}  // namespace

std::string format(const char* text_format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, text_format, value);
  return text;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

Environment describe_environment(const Settings& settings, const std::vector<std::string>& arguments) {
  Environment e;
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
  e.date = date;
  e.commit = commit_of(settings);
  e.cpu = processor_name();
  e.cores = available_cores();
  double load[1] = {0};
  if (getloadavg(load, 1) == 1) e.load = load[0];
  e.command = without_folders(arguments);
  return e;
}

void print_header(std::FILE* out) {
  std::fprintf(out, "%-11s %11s %8s %7s %9s %9s %9s %6s %11s %10s %7s %9s %6s\n", "workload", "cycles", "kHz", "cells",
               "quotient", "peak RSS", "execute", "shards", "receipt/sh.", "verify/sh.", "secure", "roofline", "ratio");
  std::fprintf(out, "%-11s %11s %8s %7s %9s %9s %9s %6s %11s %10s %7s %9s %6s\n", "", "", "", "/cycle", "/cycle", "GB",
               "s", "", "MB", "ms", "bits", "kHz", "");
}

void print_row(std::FILE* out, const Measurement& m) {
  std::fprintf(out, "%-11s %11llu %8.1f %7.1f %9.1f %9.2f %9.3f %6llu %11.2f %10.1f %7.1f %9s %6s\n",
               m.workload.c_str(), static_cast<unsigned long long>(m.cycles), m.khz(), per(m.committed_cells, m.cycles),
               per(m.quotient_cells, m.cycles), static_cast<double>(m.peak_rss_bytes()) / 1e9, m.execute_seconds(),
               static_cast<unsigned long long>(m.shards), per(m.receipt_bytes, m.shards) / 1e6,
               m.verify_seconds * 1e3 / static_cast<double>(m.shards), m.security_bits,
               m.roofline_khz() ? format("%.1f", *m.roofline_khz()).c_str() : "-",
               m.roofline_ratio() ? format("%.2f", *m.roofline_ratio()).c_str() : "-");
  std::fflush(out);
}

void print_figures(std::FILE* out, const std::vector<Figure>& figures) {
  for (const Figure& f : figures)
    std::fprintf(out, "%-6s  %-50s %-12s %s\n", f.met ? "met" : "MISSED", f.what.c_str(), f.target.c_str(),
                 f.measured.c_str());
}

void check_csv(const std::string& path) {
  Measurement any;
  any.cycles = any.shards = 1;
  any.samples.resize(1);
  const std::string header = joined(measurement_columns({}, {}, any), true);
  std::string found;
  if (std::ifstream old(path); old && std::getline(old, found) && found + "\n" != header)
    throw BenchError(path + ": expected the columns\n" + header + "found\n" + found);
}

void append_csv(const std::string& path, const Environment& environment, const Settings& settings,
                const Measurement& m) {
  check_csv(path);
  const Columns columns = measurement_columns(environment, settings, m);
  const bool is_new = std::ifstream(path).peek() == std::ifstream::traits_type::eof();
  std::ofstream file(path, std::ios::app);
  write_rows(file, path, (is_new ? joined(columns, true) : "") + joined(columns, false));
}

void write_figures_csv(const std::string& path, const Environment& environment, const std::vector<Figure>& figures) {
  std::string rows;
  for (const Figure& f : figures) {
    Columns columns = {
        {"figure", f.what}, {"target", f.target}, {"measured", f.measured}, {"met", f.met ? "yes" : "no"}};
    const auto environment_part = environment_columns(environment);
    columns.insert(columns.end(), environment_part.begin(), environment_part.end());
    columns.emplace_back("command", environment.command);
    if (rows.empty()) rows = joined(columns, true);
    rows += joined(columns, false);
  }
  std::ofstream file(path, std::ios::trunc);
  write_rows(file, path, rows);
}

}  // namespace zkvm::bench
