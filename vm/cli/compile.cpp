// zkvm compile and zkvm model: thin over guest-sdk/compiler.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>

#include "guest-sdk/compiler/build.hpp"
#include "guest-sdk/compiler/cost.hpp"
#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/generate.hpp"
#include "guest-sdk/compiler/import.hpp"
#include "guest-sdk/compiler/passes/optimise.hpp"
#include "guest-sdk/compiler/text.hpp"
#include "vm/cli/commands.hpp"
#include "vm/cli/files.hpp"
#include "vm/cli/format.hpp"
#include "vm/cli/json.hpp"

namespace zkvm::vm::cli {
namespace {

namespace fs = std::filesystem;
using compiler::BuildError;
using compiler::comment_text;
using Json = nlohmann::ordered_json;

/// The largest weights that a program can have, and room for a file's other parts.
constexpr uint64_t MAX_MODEL_BYTES = uint64_t{512} << 20;

/// The executable's own path, by which the SDK is found.
std::string own_path() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? std::string() : path.string();
}

/// The SDK's compiled library, in a build folder of this project; empty elsewhere.
std::string runtime_folder(const std::string& self) {
  std::error_code error;
  const fs::path folder = fs::path(self).parent_path() / "guest-sdk";
  return fs::is_directory(folder, error) && !fs::exists(folder / "bin", error) ? folder.string() : "";
}

/// A word about what goes on, on a terminal only.
void progress(const char* what) {
  if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r\033[K%s", what);
}

compiler::Imported import_file(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path, "model", MAX_MODEL_BYTES);
  if (bytes.empty())
    throw Failure(Status::MODEL_MALFORMED,
                  "'" + path + "': expected a TensorFlow Lite or ONNX model, found an empty file");
  progress("reading the model");
  return compiler::import_model(bytes, fs::path(path).filename().string());
}

/// All problems, one a line.
Failure unusable(const std::string& path, const std::vector<compiler::Problem>& problems) {
  // A file that is no model at all, or one with parts that cannot be compiled.
  const bool is_model = std::any_of(problems.begin(), problems.end(),
                                    [](const compiler::Problem& p) { return !p.layer.empty() || !p.type.empty(); });
  std::string list = "\n" + compiler::describe(problems);
  for (size_t at = 0; (at = list.find('\n', at)) != std::string::npos; at += 3) list.replace(at, 1, "\n  ");
  return Failure(is_model ? Status::MODEL_UNSUPPORTED : Status::MODEL_MALFORMED,
                 "'" + path + "': expected a model that can be compiled, found" + list);
}

/// The error as other commands give it, and the problems one by one.
Json problems_json(const Failure& failure, const std::vector<compiler::Problem>& problems) {
  Json list = Json::array();
  for (const compiler::Problem& p : problems)
    list.push_back({{"layer", p.layer}, {"operator", p.type}, {"problem", p.what}});
  return {{"error",
           {{"class", class_name(failure.status())},
            {"status", static_cast<int>(failure.status())},
            {"message", failure.what()}}},
          {"problems", list}};
}

compiler::Program to_program(compiler::Graph graph) {
  progress("optimising");
  graph = compiler::optimise(std::move(graph));
  if (const std::string wrong = compiler::check(graph); !wrong.empty())
    throw Failure(Status::INTERNAL, "the optimised graph is inconsistent: " + wrong);
  return compiler::lower(std::move(graph));
}

std::string cells_text(uint64_t cells) { return format_count(cells); }

Json cost_json(const compiler::Program& program, const compiler::Cost& cost) {
  Json object;
  object["cells"] = cost.cells;
  object["prove_seconds"] = cost.seconds;
  object["peak_bytes"] = cost.peak_bytes;
  object["cycles"] = cost.cycles;
  object["arena_bytes"] = program.arena_bytes;
  object["live_bytes"] = program.live_bytes;
  return object;
}

std::vector<std::string> disclosed(const compiler::Disclosure& d) {
  std::vector<std::string> list;
  if (d.input) list.push_back("input");
  if (d.output) list.push_back("output");
  return list;
}

}  // namespace

Status compile(const CompileOptions& options) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const auto fail = [](const BuildError& e) {
    if (!e.failed()) return;
    progress("");
    throw Failure(e.kind == BuildError::Kind::COMPILER ? Status::INTERNAL : Status::FILE, e.message);
  };
  // What can be refused before the work.
  compiler::BuildOptions build;
  build.folder = options.folder;
  build.force = options.force;
  build.compile = !options.no_build;
  fail(compiler::check_folder(build.folder, build.force));
  const std::string self = own_path();
  const BuildError sdk = compiler::find_sdk(self, ZKVM_SOURCE_SDK, build.sdk);
  if (build.compile) fail(sdk);
  build.runtime = runtime_folder(self);

  compiler::Imported imported = import_file(options.model);
  if (!imported.problems.empty()) {
    progress("");
    throw unusable(options.model, imported.problems);
  }
  const compiler::Program program = to_program(std::move(imported.graph));
  if (!program.problems.empty()) {
    progress("");
    throw unusable(options.model, program.problems);
  }
  compiler::GenerateOptions generate;
  generate.disclosure = {options.public_input, options.public_output};
  generate.sdk = build.sdk;
  const auto files = compiler::generate(program, generate);
  progress("building the guest");
  fail(compiler::write_project(files, build));
  progress("");

  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const compiler::Cost cost = compiler::predict(program);
  const std::string elf = build.compile ? (fs::path(options.folder) / "guest.elf").string() : "";
  if (options.json) {
    Json object;
    object["folder"] = options.folder;
    object["guest"] = build.compile ? Json(elf) : Json(nullptr);
    object["compile_seconds"] = seconds;
    object["input_bytes"] = compiler::input_bytes(program.graph);
    object["salt_bytes"] = generate.disclosure.salt_bytes();
    object["output_bytes"] = compiler::output_bytes(program.graph);
    object["public"] = disclosed(generate.disclosure);
    object["predicted"] = cost_json(program, cost);
    print_json(object);
  } else {
    std::fprintf(stderr, "compiled %s to %s in %s\n", comment_text(program.graph.name).c_str(), options.folder.c_str(),
                 format_duration(seconds).c_str());
    std::fprintf(stderr, "input     %s bytes%s\n",
                 format_count(static_cast<uint64_t>(compiler::input_bytes(program.graph))).c_str(),
                 generate.disclosure.salt_bytes() != 0 ? "; run adds 32 of salt" : "");
    std::fprintf(stderr, "a proof   about %s cells, %s, %s of memory\n", cells_text(cost.cells).c_str(),
                 format_duration(cost.seconds).c_str(), format_bytes(cost.peak_bytes).c_str());
    if (build.compile) std::fprintf(stderr, "prove it  zkvm run --prove %s --input FILE\n", elf.c_str());
  }
  return Status::SUCCESS;
}

namespace {

/// One line of the table.
struct Row {
  std::string name, type, shape, quantisation;
  int64_t multiplications = 0, parameters = 0;
  uint64_t cells = 0, cycles = 0;
  double seconds = 0;
  bool on_machine = false;
};

std::vector<Row> rows_of(const compiler::Program& program, const compiler::Cost& cost) {
  std::vector<Row> rows;
  int32_t last = -2;
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const compiler::Step& s = program.steps[i];
    if (s.node != last || s.node < 0) {
      Row row;
      const compiler::Tensor& out = program.tensor(s.output);
      if (s.node >= 0) {
        const compiler::Node& n = program.node(s);
        row.name = n.name;
        row.type = compiler::kind_of(n);
        row.multiplications = compiler::multiplications(program.graph, n);
        row.parameters = compiler::parameters(n);
        const nn::Quantization q = program.graph.value(n.output).quantization;
        char text[48];
        std::snprintf(text, sizeof text, "%.4g (q %+d)", static_cast<double>(q.scale), -q.zero_point);
        row.quantisation = text;
        row.shape = compiler::shape_text(program.graph.value(n.output).shape);
      } else {
        row.name = out.name;
        row.type = "copy";
        row.shape = compiler::shape_text(out.shape);
      }
      rows.push_back(row);
    }
    last = s.node;
    Row& row = rows.back();
    row.cells += cost.steps[i].cells;
    row.cycles += cost.steps[i].cycles;
    row.seconds += compiler::seconds_of(cost.steps[i].cells, s.on_machine ? static_cast<int64_t>(s.weights.size()) : 0);
    row.on_machine = row.on_machine || s.on_machine;
  }
  return rows;
}

void print_table(const compiler::Program& program, const compiler::Cost& cost) {
  std::vector<std::vector<std::string>> lines = {
      {"layer", "operator", "output", "quantisation", "MACs", "parameters", "cells", "seconds"}};
  int64_t multiplications = 0, parameters = 0;
  for (const Row& r : rows_of(program, cost)) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.3f", r.seconds);
    lines.push_back({comment_text(r.name, 28), comment_text(r.type, 20) + (r.on_machine ? "" : " *"), r.shape,
                     r.quantisation, format_count(static_cast<uint64_t>(r.multiplications)),
                     format_count(static_cast<uint64_t>(r.parameters)), format_count(r.cells), seconds});
    multiplications += r.multiplications;
    parameters += r.parameters;
  }
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", cost.seconds);
  lines.push_back({"whole proof", "", "", "", format_count(static_cast<uint64_t>(multiplications)),
                   format_count(static_cast<uint64_t>(parameters)), format_count(cost.cells), seconds});
  std::vector<size_t> widths(lines[0].size(), 0);
  for (const auto& line : lines)
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  OutputStream out(STDOUT_FILENO, "standard output");
  for (const auto& line : lines) {
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string fill(widths[i] - line[i].size(), ' ');
      text += (i < 4 ? line[i] + fill : fill + line[i]) + (i + 1 < line.size() ? "  " : "\n");
    }
    out.put(text);
  }
  const double ratio =
      program.live_bytes == 0 ? 1 : static_cast<double>(program.arena_bytes) / static_cast<double>(program.live_bytes);
  char text[512];
  std::snprintf(text, sizeof text,
                "\n* in guest code, %s cycles in all; the whole proof has padding and fixed tables, too\n"
                "activations  %s bytes in one arena, %.2f times the largest set of tensors in use at once\n"
                "a proof      about %s cells, %s and %s of memory on two cores\n",
                format_count(cost.cycles).c_str(), format_count(static_cast<uint64_t>(program.arena_bytes)).c_str(),
                ratio, format_count(cost.cells).c_str(), format_duration(cost.seconds).c_str(),
                format_bytes(cost.peak_bytes).c_str());
  out.put(text);
  out.finish();
}

Json table_json(const compiler::Program& program, const compiler::Cost& cost) {
  Json list = Json::array();
  for (const Row& r : rows_of(program, cost))
    list.push_back({{"name", r.name},
                    {"operator", r.type},
                    {"output", r.shape},
                    {"quantisation", r.quantisation},
                    {"multiplications", r.multiplications},
                    {"parameters", r.parameters},
                    {"precompile", r.on_machine},
                    {"cycles", r.cycles},
                    {"cells", r.cells},
                    {"seconds", r.seconds}});
  return list;
}

}  // namespace

Status model(const std::string& path, bool json) {
  compiler::Imported imported = import_file(path);
  const std::string format = imported.graph.format;
  std::vector<compiler::Problem> problems = imported.problems;
  std::optional<compiler::Program> program;
  if (problems.empty()) {
    program = to_program(std::move(imported.graph));
    problems = program->problems;
  }
  progress("");
  if (!problems.empty()) {
    const Failure failure = unusable(path, problems);
    if (!json) throw failure;
    std::fprintf(stderr, "zkvm: %s: %s\n", class_name(failure.status()), failure.what());
    print_json(problems_json(failure, problems));
    return failure.status();
  }
  const compiler::Cost cost = compiler::predict(*program);
  if (json) {
    Json object;
    object["model"] = program->graph.name;
    object["format"] = program->graph.format;
    object["layers"] = table_json(*program, cost);
    object["predicted"] = cost_json(*program, cost);
    print_json(object);
  } else {
    print_table(*program, cost);
  }
  return Status::SUCCESS;
}

}  // namespace zkvm::vm::cli
