#pragma once
/// \file
/// Measures a workload from ELF to verified receipt, through the zkvm command as users have it.

#include <optional>
#include <string>
#include <vector>

#include "bench/e2e/child.hpp"
#include "bench/e2e/workload.hpp"

namespace zkvm::bench {

struct Settings {
  std::filesystem::path build;   ///< the build folder: zkvm, guests/, bench/roofline/
  std::filesystem::path source;  ///< the source tree, for the example's image
  uint64_t cycles = uint64_t{1} << 20;
  unsigned repetitions = 3;
  unsigned threads = 0;  ///< 0: all
  std::string memory;    ///< as zkvm --memory takes it; empty: its default
  double security_bits = 128;
  bool roofline = true;
};

/// One repetition: a proof in a fresh process, then the roofline model.
struct Sample {
  double execute_seconds, prove_seconds, setup_seconds, wall_seconds;
  uint64_t peak_rss_bytes, page_faults;
  std::optional<double> roofline_khz;
};

struct Measurement {
  std::string workload;
  uint32_t parameter = 0;  ///< 0 where the input is something else
  std::string memory;
  uint64_t cycles = 0, shards = 0;
  uint64_t committed_cells = 0, quotient_cells = 0;
  /// Of the committed cells. Without them there is no roofline to compare with.
  std::optional<uint64_t> main_cells, logup_cells;
  uint64_t receipt_bytes = 0;
  double security_bits = 0;
  std::vector<Sample> samples;
  double verify_seconds = 0;   ///< median
  bool verify_inside = false;  ///< measured by zkvm verify itself; else the whole process's wall time
  std::string prove_command;   ///< without the folders of this machine

  /// Medians over the samples. Rates are cycles over proving time, execution and trace generation included.
  double khz() const;
  double execute_seconds() const;
  double prove_seconds() const;
  double setup_seconds() const;
  double wall_seconds() const;
  double page_faults() const;
  /// The greatest of the samples.
  uint64_t peak_rss_bytes() const;
  /// Medians of the model's rate, and of the proof's rate over the model's in the same repetition.
  std::optional<double> roofline_khz() const;
  std::optional<double> roofline_ratio() const;
};

/// Of a non-empty list; the mean of the middle two if it is even.
double median(std::vector<double> values);

/// The rate at the end of `roofline --csv`'s output. Throws BenchError if there is none.
double roofline_rate(const std::string& csv);

/// Finds the parameter for settings.cycles, proves and verifies. Throws BenchError if anything fails, or if a receipt
/// does not state the journal of the plain run.
Measurement measure(const Settings& settings, const Workload& workload);

/// Proves and verifies a guest on an input file. Throws BenchError as measure() does.
Measurement measure_guest(const Settings& settings, const std::string& name, const std::string& elf,
                          const std::string& input);

/// The quickstart's proof as measure() gives it, of the digit classifier on its image of a 3; repetitions' wall time is
/// that of `zkvm run --prove`, which verifies its receipt, and of `zkvm verify` after it.
Measurement measure_quickstart(const Settings& settings);

}  // namespace zkvm::bench
