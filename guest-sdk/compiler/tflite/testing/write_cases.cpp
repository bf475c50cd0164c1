// tflite_cases FOLDER: writes the models of cases.hpp for record.py and as a fuzzing corpus.
#include "guest-sdk/compiler/tflite/testing/cases.hpp"

int main(int argc, char** argv) {
  return zkvm::compiler::testing::write_cases(zkvm::compiler::tflite::testing::cases(), "tflite", argc, argv);
}
