// onnx_cases FOLDER: writes the models of cases.hpp for record.py and as a fuzzing corpus.
#include "guest-sdk/compiler/onnx/testing/cases.hpp"

int main(int argc, char** argv) {
  return zkvm::compiler::testing::write_cases(zkvm::compiler::onnx::testing::cases(), "onnx", argc, argv);
}
