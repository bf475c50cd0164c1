// libFuzzer target: any bytes give problems or a graph that holds together, and that evaluates where it is small.
#include <cstdlib>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/onnx/import.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zkvm::compiler;
  const Imported imported = import_onnx({data, size}, "fuzz");
  if (!imported.problems.empty()) {
    if (describe(imported.problems).empty() || !imported.graph.values.empty()) std::abort();
    return 0;
  }
  if (!check(imported.graph).empty()) std::abort();
  int64_t work = 0;
  for (const Value& v : imported.graph.values) work += v.shape.elements();
  for (const Node& n : imported.graph.nodes) work += multiplications(imported.graph, n);
  if (work > 1 << 20) return 0;
  const std::vector<uint8_t> input(static_cast<size_t>(input_bytes(imported.graph)), 77);
  if (static_cast<int64_t>(evaluate(imported.graph, input).size()) != output_bytes(imported.graph)) std::abort();
  return 0;
}
