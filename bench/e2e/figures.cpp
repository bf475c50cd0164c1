#include "bench/e2e/figures.hpp"

#include <algorithm>

namespace zkvm::bench {
namespace {

double cells(const Measurement& m) { return static_cast<double>(m.committed_cells) / static_cast<double>(m.cycles); }
double verify_ms(const Measurement& m) { return m.verify_seconds * 1e3 / static_cast<double>(m.shards); }
double receipt_mb(const Measurement& m) {
  return static_cast<double>(m.receipt_bytes) / 1e6 / static_cast<double>(m.shards);
}
double peak_gb(const Measurement& m) { return static_cast<double>(m.peak_rss_bytes()) / 1e9; }

/// The measurement with the greatest `value`.
template <class Value>
const Measurement& worst(const std::vector<const Measurement*>& measurements, Value value) {
  return **std::max_element(measurements.begin(), measurements.end(),
                            [&](const Measurement* a, const Measurement* b) { return value(*a) < value(*b); });
}

std::string of(const Measurement& m) { return " (" + m.workload + ")"; }

}  // namespace

std::vector<Figure> judge(const FigureRuns& runs) {
  constexpr double RATE = 350, CELLS = 80, PEAK_GB = 4, LONG_PEAK = 6.0 * (1 << 30), SLOWER = 0.85, QUICKSTART = 1,
                   VERIFY_MS = 40, RECEIPT_MB = 2.2, BITS = 128;
  const auto mix_at = std::find_if(runs.workloads.begin(), runs.workloads.end(),
                                   [](const Measurement& m) { return m.workload == "mix"; });
  if (mix_at == runs.workloads.end()) throw BenchError("the figures need the workload mix");
  const Measurement& mix = *mix_at;
  std::vector<const Measurement*> short_runs, all = {&runs.long_mix, &runs.quickstart};
  for (const Measurement& m : runs.workloads) {
    short_runs.push_back(&m);
    all.push_back(&m);
  }
  const Measurement& greedy = worst(short_runs, peak_gb);
  const Measurement& slow = worst(all, verify_ms);
  const Measurement& large = worst(all, receipt_mb);
  const Measurement& weak = worst(all, [](const Measurement& m) { return -m.security_bits; });
  const double relative = runs.long_mix.khz() / mix.khz();
  const double quickstart = runs.quickstart.wall_seconds();

  std::vector<Figure> figures;
  const auto add = [&](const char* what, const char* target, const std::string& measured, bool met) {
    figures.push_back({what, target, measured, met});
  };
  add("proving rate, mix of >= 2^20 cycles", ">= 350 kHz",
      format("%.0f kHz", mix.khz()) + (mix.roofline_ratio() ? format(", %.2f of roofline", *mix.roofline_ratio()) : ""),
      mix.khz() >= RATE && mix.cycles >= FIGURE_CYCLES);
  add("committed cells per cycle, mix, quotient apart", "<= 80",
      format("%.1f", cells(mix)) +
          format(", quotient %.1f", static_cast<double>(mix.quotient_cells) / static_cast<double>(mix.cycles)),
      cells(mix) <= CELLS);
  add("peak memory for 2^20 cycles, every workload", "<= 4 GB",
      format("%.2f GB", peak_gb(mix)) + of(mix) + format(", at most %.2f GB", peak_gb(greedy)) + of(greedy),
      peak_gb(greedy) <= PEAK_GB);
  add("peak memory of 2^24 cycles with --memory 6G, mix", "<= 6 GiB",
      format("%.2f GiB", static_cast<double>(runs.long_mix.peak_rss_bytes()) / (1 << 30)) + ", " +
          std::to_string(runs.long_mix.shards) + " shards",
      static_cast<double>(runs.long_mix.peak_rss_bytes()) <= LONG_PEAK && runs.long_mix.cycles >= LONG_CYCLES);
  add("its rate over that of 2^20 cycles", ">= 0.85",
      format("%.2f", relative) + format(" (%.0f kHz)", runs.long_mix.khz()), relative >= SLOWER);
  add("quickstart's proof, start to verified", "<= 1 s", format("%.2f s", quickstart), quickstart <= QUICKSTART);
  add("verify with --image-id, a shard, slowest run", "<= 40 ms", format("%.1f ms", verify_ms(slow)) + of(slow),
      verify_ms(slow) <= VERIFY_MS);
  add("receipt, a shard, largest run", "<= 2.2 MB", format("%.2f MB", receipt_mb(large)) + of(large),
      receipt_mb(large) <= RECEIPT_MB);
  add("provable security, weakest run", ">= 128 bits", format("%.1f bits", weak.security_bits) + of(weak),
      weak.security_bits >= BITS);
  return figures;
}

}  // namespace zkvm::bench
