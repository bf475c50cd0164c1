#include "guest-sdk/compiler/onnx/import.hpp"

#include "guest-sdk/compiler/onnx/importer.hpp"

namespace zkvm::compiler {

Imported import_onnx(std::span<const uint8_t> file, const std::string& name) {
  Imported result;
  const onnx::Model model = onnx::read_model(file, result.problems);
  if (!result.problems.empty()) return result;
  onnx::Importer importer(model, name);
  importer.run();
  result.problems = std::move(importer.problems);
  if (!result.problems.empty()) return result;
  result.graph = std::move(importer.graph);
  if (const std::string fault = check(result.graph); !fault.empty())
    result.problems.push_back({"", "", "a fault of the importer, please report it: " + fault});
  return result;
}

}  // namespace zkvm::compiler
