// libFuzzer target: any bytes give problems or a project, and its program computes what the model does.
#include <cstdio>
#include <cstdlib>

#include "guest-sdk/compiler/cost.hpp"
#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/generate.hpp"
#include "guest-sdk/compiler/import.hpp"
#include "guest-sdk/compiler/passes/optimise.hpp"

namespace {

using namespace zkvm::compiler;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

int64_t work_of(const Graph& graph) {
  int64_t work = 0;
  for (const Value& v : graph.values) work += v.shape.elements();
  for (const Node& n : graph.nodes) work += multiplications(graph, n);
  return work;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Imported imported = import_model({data, size}, "fuzz");
  if (!imported.problems.empty()) return 0;
  const bool small = work_of(imported.graph) <= 1 << 18;
  const Graph original = small ? imported.graph : Graph();
  const Graph graph = optimise(std::move(imported.graph));
  expect(check(graph).empty(), "the optimised graph does not hold together");
  const Program program = lower(graph);
  if (!program.problems.empty()) {
    expect(!describe(program.problems).empty(), "a problem without a description");
    return 0;
  }
  expect(predict(program).cells > 0 && generate(program, {}).size() >= 5, "no project");
  if (!small) return 0;
  for (const size_t start : {size_t{0}, size_t{77}, size_t{200}}) {
    std::vector<uint8_t> input(static_cast<size_t>(input_bytes(original)));
    for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<uint8_t>(start + i * i * 7);
    expect(execute(program, input) == evaluate(original, input), "the program computes something else");
  }
  return 0;
}
