#pragma once
/// \file
/// The files of samples/, for tests.

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "guest-sdk/compiler/borders/npy.hpp"

namespace zkvm::compiler {

inline std::vector<uint8_t> sample(const std::string& name) {
  std::ifstream file(ZKVM_BORDERS "/samples/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}
inline Array sample_array(const std::string& name) {
  std::string error;
  const auto array = read_npy(sample(name), error);
  EXPECT_TRUE(array) << name << ": " << error;
  return array.value_or(Array{});
}

/// Messages say what was expected and found.
inline void expect_message(const std::string& error, const std::string& about) {
  EXPECT_NE(error.find("expected"), std::string::npos) << error;
  EXPECT_NE(error.find("found"), std::string::npos) << error;
  EXPECT_NE(error.find(about), std::string::npos) << error;
}

}  // namespace zkvm::compiler
