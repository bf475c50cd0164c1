#pragma once
/// \file
/// What was measured, as a table for people and as CSV rows.

#include <cstdio>
#include <string>
#include <vector>

#include "bench/e2e/measure.hpp"

namespace zkvm::bench {

/// Where and when; the same for all measurements of one run of the bench.
struct Environment {
  std::string date;     ///< UTC, ISO 8601
  std::string commit;   ///< "-dirty" behind it if the tree had changes; "unknown" outside git
  std::string cpu;      ///< model name
  unsigned cores = 0;   ///< available to this process
  double load = 0;      ///< runnable threads of the last minute: above 0.3 or so, others were at work too
  std::string command;  ///< without the folders of this machine
};

Environment describe_environment(const Settings& settings, const std::vector<std::string>& arguments);

/// One claim of the project about its speed or size.
struct Figure {
  std::string what, target, measured;
  bool met;
};

void print_header(std::FILE* out);
void print_row(std::FILE* out, const Measurement& m);
void print_figures(std::FILE* out, const std::vector<Figure>& figures);

/// Throws BenchError if the file exists and append_csv would refuse it.
void check_csv(const std::string& path);

/// Appends one row, after a header row if the file is new. Throws BenchError if it has other columns or cannot be
/// written.
void append_csv(const std::string& path, const Environment& environment, const Settings& settings,
                const Measurement& m);

/// Replaces the file. Throws BenchError if it cannot be written.
void write_figures_csv(const std::string& path, const Environment& environment, const std::vector<Figure>& figures);

/// A field as RFC 4180 wants it: quoted if it contains a comma, a quote or a line break.
std::string csv_field(const std::string& text);

/// "1.23" for format "%.2f".
std::string format(const char* format, double value);

}  // namespace zkvm::bench
