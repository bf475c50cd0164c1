/// Proves and verifies the networks, each proof in a fresh process; see README.md.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "bench/e2e/measure.hpp"
#include "bench/e2e/report.hpp"
#include "bench/nn/model.hpp"

namespace zkvm::bench {
namespace {

constexpr int FAILED = 1, USAGE = 2;

struct Options {
  Settings settings;
  std::vector<std::string> networks;
  std::string csv, readme;
  bool software = false;
};

struct Result {
  const Benchmark* benchmark;
  uint64_t weights, outputs, macs;
  Measurement proof;
};

double per(uint64_t cells, uint64_t count) {
  return count == 0 ? 0 : static_cast<double>(cells) / static_cast<double>(count);
}

std::vector<std::pair<std::string, std::string>> columns(const Result& r) {
  const Measurement& m = r.proof;
  const double seconds = m.prove_seconds(), target = r.benchmark->target_seconds;
  return {{"network", r.benchmark->what},
          {"weights", std::to_string(r.weights)},
          {"outputs", std::to_string(r.outputs)},
          {"MACs", std::to_string(r.macs)},
          {"prove, s", format("%.2f", seconds)},
          {"target, s", target == 0 ? "-" : format("%.1f", target) + (seconds <= target ? ", met" : ", **missed**")},
          {"set-up, s", format("%.2f", m.setup_seconds())},
          {"verify, s", format("%.3f", m.verify_seconds)},
          {"peak, GB", format("%.2f", static_cast<double>(m.peak_rss_bytes()) / 1e9)},
          {"receipt, MB", format("%.2f", static_cast<double>(m.receipt_bytes) / 1e6)},
          {"shards", std::to_string(m.shards)},
          {"cells", std::to_string(m.committed_cells)},
          {"cells a weight", format("%.1f", per(m.committed_cells, r.weights))},
          {"cells an output", format("%.1f", per(m.committed_cells, r.outputs))},
          {"bits", format("%.1f", m.security_bits)},
          {"published", r.benchmark->published}};
}

std::string markdown(const Environment& e, const Settings& settings, const std::vector<Result>& results) {
  std::ostringstream s;
  s << e.cpu << ", " << e.cores << " cores, commit " << e.commit << ", " << e.date << ", load "
    << format("%.2f", e.load) << ", medians of " << settings.repetitions << " fresh processes:\n\n";
  const auto row = [&](const auto& cells) {
    for (const std::string& cell : cells) s << "| " << cell << " ";
    s << "|\n";
  };
  std::vector<std::string> names, rules;
  for (const auto& [name, value] : columns(results.front())) {
    names.push_back(name);
    rules.emplace_back("---");
  }
  row(names);
  row(rules);
  for (const Result& r : results) {
    std::vector<std::string> values;
    for (const auto& [name, value] : columns(r)) values.push_back(value);
    row(values);
  }
  return s.str();
}

void write_csv(const std::string& path, const Environment& e, const std::vector<Result>& results) {
  std::ofstream file(path);
  file << "commit,date,cpu,load,command";
  for (const auto& [name, value] : columns(results.front())) file << ',' << csv_field(name);
  file << '\n';
  for (const Result& r : results) {
    file << e.commit << ',' << e.date << ',' << csv_field(e.cpu) << ',' << e.load << ','
         << csv_field(r.proof.prove_command);
    for (const auto& [name, value] : columns(r)) file << ',' << csv_field(value);
    file << '\n';
  }
  if (!file.flush()) throw BenchError("cannot write " + path);
}

/// Replaces what stands between the markers <!-- PART --> and <!-- /PART -->.
void update_readme(const std::string& path, const std::string& part, const std::string& table) {
  std::ifstream in(path);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::string begin = "<!-- " + part + " -->\n", end = "<!-- /" + part + " -->";
  const size_t from = text.find(begin), to = text.find(end);
  if (!in || from == std::string::npos || to == std::string::npos || to < from)
    throw BenchError("expected the lines " + begin + "and " + end + " in " + path);
  text.replace(from + begin.size(), to - from - begin.size(), table);
  std::ofstream out(path);
  if (!(out << text).flush()) throw BenchError("cannot write " + path);
}

Result prove(const Settings& settings, const Benchmark& b) {
  const Model model = b.make();
  const std::filesystem::path folder = settings.build / "guests" / "bench" / "nn";
  const std::string elf = (folder / ("bench_nn_" + std::string(b.name) + ".elf")).string();
  return {&b, model.weights(), model.outputs(), model.macs(),
          measure_guest(settings, b.name, elf, (folder / (std::string(b.name) + ".input")).string())};
}

/// The same layer through the precompile and in guest software, in one run.
std::string compare_software(const Settings& settings) {
  const std::filesystem::path folder = settings.build / "guests" / "bench" / "nn";
  const auto measured = [&](const char* elf) {
    return measure_guest(settings, elf, (folder / (std::string(elf) + ".elf")).string(),
                         (folder / "one_convolution.input").string());
  };
  const Measurement call = measured("bench_nn_one_convolution"),
                    software = measured("bench_nn_one_convolution_software");
  const auto row = [](const char* name, const Measurement& m) {
    return std::string("| ") + name + " | " + std::to_string(m.cycles) + " | " + std::to_string(m.committed_cells) +
           " | " + format("%.2f", m.prove_seconds()) + " |\n";
  };
  return "\n| | cycles | cells | prove, s |\n|---|---|---|---|\n" + row("precompile", call) +
         row("guest software", software) + "\nThe precompile is " +
         format("%.0f", software.prove_seconds() / call.prove_seconds()) + " times faster to prove, with " +
         format("%.0f", static_cast<double>(software.committed_cells) / static_cast<double>(call.committed_cells)) +
         " times fewer cells.\n";
}

int main_with(int argc, char** argv) {
  Options o;
  o.settings.source = ZKVM_SOURCE_DIR;
  o.settings.roofline = false;
  std::vector<std::string> names;
  for (const Benchmark& b : benchmarks()) names.emplace_back(b.name);
  o.networks = names;
  CLI::App app("Proves and verifies neural networks with seeded weights, each proof in a fresh process",
               "zkvm_bench_nn");
  app.add_option("--networks,-w", o.networks, "Which, separated by commas; default: all")
      ->delimiter(',')
      ->check(CLI::IsMember(names));
  app.add_option("--repeat,-n", o.settings.repetitions, "Proofs of each network; medians are reported")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  app.add_option("--threads,-t", o.settings.threads, "Threads to prove with; default: all cores")
      ->check(CLI::Range(1u, 1024u));
  app.add_option("--memory,-m", o.settings.memory, "Memory to prove with, as zkvm takes it; default: zkvm's")
      ->type_name("SIZE");
  app.add_flag("--software", o.software, "Compare one layer with the same in guest software, and nothing else");
  app.add_option("--csv", o.csv, "Replace this file by the results")->type_name("FILE");
  app.add_option("--readme", o.readme, "Write the table between the markers of this file")->type_name("FILE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : USAGE;
  }
  o.settings.build =
      std::filesystem::absolute(std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path());
  if (o.software) {
    const std::string table = compare_software(o.settings);
    std::printf("%s", table.c_str());
    if (!o.readme.empty()) update_readme(o.readme, "software", table);
    return 0;
  }
  const Environment environment = describe_environment(o.settings, {argv, argv + argc});
  std::vector<Result> results;
  for (const std::string& name : o.networks)
    for (const Benchmark& b : benchmarks())
      if (b.name == name) {
        results.push_back(prove(o.settings, b));
        const Result& r = results.back();
        std::printf("%-16s proved in %.3f s, verified in %.3f s\n", b.name, r.proof.prove_seconds(),
                    r.proof.verify_seconds);
        std::fflush(stdout);
      }
  const std::string table = markdown(environment, o.settings, results);
  std::printf("\n%s", table.c_str());
  if (!o.csv.empty()) write_csv(o.csv, environment, results);
  if (!o.readme.empty()) update_readme(o.readme, "networks", table);
  return 0;
}

}  // namespace
}  // namespace zkvm::bench

int main(int argc, char** argv) {
  try {
    return zkvm::bench::main_with(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "zkvm_bench_nn: %s\n", e.what());
    return zkvm::bench::FAILED;
  }
}
