/// The end-to-end benchmark; see README.md.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "bench/e2e/figures.hpp"
#include "bench/e2e/report.hpp"

namespace zkvm::bench {
namespace {

constexpr int FAILED = 1, USAGE = 2;

struct Options {
  Settings settings;
  std::vector<std::string> workloads;
  std::string csv, figures_csv;
  bool figures = false;
};

/// Prints a measurement's row and appends it to the CSV file if there is one.
class Recorder {
 public:
  Recorder(const Options& options, Environment environment) : options_(options), environment_(std::move(environment)) {
    if (!options.csv.empty()) check_csv(options.csv);
    std::printf("%s, %u cores, %s threads, commit %s, load %.2f; medians of %u fresh processes\n",
                environment_.cpu.c_str(), environment_.cores,
                options.settings.threads == 0 ? "all" : std::to_string(options.settings.threads).c_str(),
                environment_.commit.c_str(), environment_.load, options.settings.repetitions);
    constexpr double QUIET = 0.3;
    if (environment_.load > QUIET * environment_.cores)
      std::printf("note: other programs keep this machine busy, so times are too long\n");
    print_header(stdout);
  }

  const Environment& environment() const { return environment_; }

  Measurement record(Measurement m, const Settings& settings) const {
    print_row(stdout, m);
    if (!options_.csv.empty()) append_csv(options_.csv, environment_, settings, m);
    return m;
  }

 private:
  const Options& options_;
  Environment environment_;
};

void run_workloads(const Options& options, const Recorder& recorder) {
  for (const std::string& name : options.workloads)
    recorder.record(measure(options.settings, *find_workload(name)), options.settings);
}

void run_figures(const Options& options, const Recorder& recorder) {
  Settings usual = options.settings;
  usual.cycles = FIGURE_CYCLES;
  Settings long_settings = usual;
  long_settings.cycles = LONG_CYCLES;
  long_settings.memory = LONG_MEMORY;

  FigureRuns runs;
  runs.quickstart = recorder.record(measure_quickstart(usual), usual);
  for (const Workload& workload : all_workloads())
    runs.workloads.push_back(recorder.record(measure(usual, workload), usual));
  runs.long_mix = recorder.record(measure(long_settings, *find_workload("mix")), long_settings);

  const std::vector<Figure> figures = judge(runs);
  std::printf("\n");
  print_figures(stdout, figures);
  if (!options.figures_csv.empty()) write_figures_csv(options.figures_csv, recorder.environment(), figures);
}

int main_with(int argc, char** argv) {
  Options o;
  o.settings.source = ZKVM_SOURCE_DIR;
  std::vector<std::string> names;
  for (const Workload& workload : all_workloads()) names.emplace_back(workload.name);
  o.workloads = names;

  CLI::App app("Measures whole proofs: ELF to verified receipt, each in a fresh process", "zkvm_bench_e2e");
  app.add_option("--workloads,-w", o.workloads, "Which, separated by commas; default: all")
      ->delimiter(',')
      ->check(CLI::IsMember(names));
  app.add_option("--cycles,-c", o.settings.cycles, "Instructions that a workload executes, at least")
      ->check(CLI::Range(uint64_t{1000}, uint64_t{100'000'000}))
      ->capture_default_str();
  app.add_option("--repeat,-n", o.settings.repetitions, "Proofs of each workload; medians are reported")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  app.add_option("--threads,-t", o.settings.threads, "Threads to prove with; default: all cores")
      ->check(CLI::Range(1u, 1024u));
  app.add_option("--memory,-m", o.settings.memory, "Memory to prove with, as zkvm takes it; default: zkvm's")
      ->type_name("SIZE");
  app.add_option("--security", o.settings.security_bits, "Provable security, in bits")->capture_default_str();
  app.add_flag("!--no-roofline", o.settings.roofline, "Do not run the roofline model after each proof");
  app.add_option("--csv", o.csv, "Append a row for each workload")->type_name("FILE");
  CLI::Option* figures =
      app.add_flag("--figures", o.figures,
                   "All that the project's figures need: every workload at 2^20 cycles, the mix at 2^24 "
                   "cycles with --memory 6G, and the quickstart's proof");
  figures->excludes("--workloads")->excludes("--cycles")->excludes("--memory")->excludes("--security");
  app.add_option("--figures-csv", o.figures_csv, "Replace this file by the figures, target and measured")
      ->type_name("FILE")
      ->needs(figures);
  app.add_option("--build", o.settings.build, "Build folder; default: the one that this program is in")
      ->type_name("DIR");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : USAGE;
  }
  if (o.settings.build.empty())
    o.settings.build = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  o.settings.build = std::filesystem::absolute(o.settings.build);

  const Recorder recorder(o, describe_environment(o.settings, {argv, argv + argc}));
  o.figures ? run_figures(o, recorder) : run_workloads(o, recorder);
  return 0;
}

}  // namespace
}  // namespace zkvm::bench

int main(int argc, char** argv) {
  try {
    return zkvm::bench::main_with(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "zkvm_bench_e2e: %s\n", e.what());
    return zkvm::bench::FAILED;
  }
}
