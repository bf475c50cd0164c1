/// The roofline command; see README.md.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#if defined(ZKVM_ROOFLINE_MODEL)
#include <thread>

#include "bench/roofline/model.hpp"
#endif

namespace {

constexpr int BAD_ARGUMENT = 2, NO_AVX512 = 3;

#if defined(ZKVM_ROOFLINE_MODEL)

using namespace zkvm::bench;

void usage() {
  std::puts(
      "roofline [--log-rows 20] [--main 40] [--aux 54] [--quotient 12] [--threads N] [--repeats 3] [--csv]\n"
      "Runs the kernels of a blow-up-2 BLAKE3 prover in sequence and prints what each costs a row.\n"
      "  --main, --aux, --quotient  columns per row, in field elements (aux: LogUp columns, six elements each)\n"
      "  --threads                  default: all processors\n"
      "  --csv                      one line a phase, then the total with its rate in kHz");
}

/// Reads "--name value" into `out` if argv[i] is --name. Exits on a bad value.
template <class T>
bool option(int argc, char** argv, int& i, const char* name, long low, long high, T& out) {
  if (std::strcmp(argv[i], name) != 0) return false;
  char* end = nullptr;
  const long value = i + 1 < argc ? std::strtol(argv[i + 1], &end, 10) : 0;
  if (end == nullptr || *end != '\0' || end == argv[i + 1] || value < low || value > high) {
    std::fprintf(stderr, "roofline: %s: expected a number from %ld to %ld, got %s\n", name, low, high,
                 i + 1 < argc ? argv[i + 1] : "nothing");
    std::exit(BAD_ARGUMENT);
  }
  out = static_cast<T>(value);
  ++i;
  return true;
}

int run(int argc, char** argv) {
  ModelShape shape;
  shape.threads = static_cast<int>(std::thread::hardware_concurrency());
  bool csv = false;
  constexpr long WIDEST = static_cast<long>(MAX_COLUMNS);
  for (int i = 1; i < argc; ++i) {
    if (option(argc, argv, i, "--log-rows", MIN_LOG_ROWS, MAX_LOG_ROWS, shape.log_rows) ||
        option(argc, argv, i, "--main", 1, WIDEST, shape.main_columns) ||
        option(argc, argv, i, "--aux", 0, WIDEST, shape.aux_columns) ||
        option(argc, argv, i, "--quotient", 1, WIDEST, shape.quotient_columns) ||
        option(argc, argv, i, "--threads", 1, 256, shape.threads) ||
        option(argc, argv, i, "--repeats", 1, 1000, shape.repeats))
      continue;
    if (std::strcmp(argv[i], "--csv") == 0) {
      csv = true;
      continue;
    }
    usage();
    if (std::strcmp(argv[i], "--help") == 0) return 0;
    std::fprintf(stderr, "roofline: unknown argument %s\n", argv[i]);
    return BAD_ARGUMENT;
  }
  if (shape.aux_columns % 6 != 0) {
    std::fprintf(stderr, "roofline: --aux: expected a multiple of 6, got %zu\n", shape.aux_columns);
    return BAD_ARGUMENT;
  }

  const std::vector<ModelPhase> phases = run_model(shape);
  const double rows = static_cast<double>(size_t{1} << shape.log_rows);
  double total = 0;
  for (const ModelPhase& p : phases) total += p.seconds;
  const double khz = rows / total * 1e-3;

  if (csv) {
    std::puts("log_rows,main,aux,quotient,threads,phase,wall_ns_per_row,core_ns_per_row,khz");
    const auto line = [&](const char* name, double seconds, const char* rate) {
      const double wall = seconds / rows * 1e9;
      std::printf("%u,%zu,%zu,%zu,%d,%s,%.3f,%.3f,%s\n", shape.log_rows, shape.main_columns, shape.aux_columns,
                  shape.quotient_columns, shape.threads, name, wall, wall * shape.threads, rate);
    };
    for (const ModelPhase& p : phases) line(p.name.c_str(), p.seconds, "");
    char rate[32];
    std::snprintf(rate, sizeof rate, "%.1f", khz);
    line("total", total, rate);
    return 0;
  }
  std::printf("2^%u rows, %zu main + %zu LogUp + %zu quotient columns, BLAKE3, %d threads, best of %u\n",
              shape.log_rows, shape.main_columns, shape.aux_columns, shape.quotient_columns, shape.threads,
              shape.repeats);
  std::printf("%-32s %14s %14s\n", "phase", "wall ns/row", "core ns/row");
  const auto line = [&](const char* name, double seconds) {
    const double wall = seconds / rows * 1e9;
    std::printf("%-32s %14.1f %14.1f\n", name, wall, wall * shape.threads);
  };
  for (const ModelPhase& p : phases) line(p.name.c_str(), p.seconds);
  line("total", total);
  const double cells = static_cast<double>(shape.main_columns + shape.aux_columns + shape.quotient_columns);
  std::printf("%.0f kHz, %.2f core-ns per committed cell (quotient included), %.3f s\n", khz,
              total / rows / cells * 1e9 * shape.threads, total);
  return 0;
}

#endif

}  // namespace

int main(int argc, char** argv) {
#if defined(ZKVM_ROOFLINE_MODEL)
  // Asked before anything else: functions shared with the model may be the linker's AVX-512 copies.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return run(argc, argv);
#endif
  (void)argc, (void)argv;
  std::fputs("roofline: this model needs a processor with AVX-512 (F, BW, DQ, VL), which this one is not\n", stderr);
  return NO_AVX512;
}
