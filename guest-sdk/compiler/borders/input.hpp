#pragma once
/// \file
/// Files that people have to the bytes that a model's guest reads.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "guest-sdk/compiler/info.hpp"

namespace zkvm::compiler {

using Salt = std::array<uint8_t, 32>;

struct InputFile {
  std::string name;  ///< for messages; its ending may say what the file is
  std::vector<uint8_t> bytes;
};

struct InputOptions {
  bool resize = false;  ///< images of other sizes are scaled (resize() in image.hpp)
  /// Of images: real value = (pixel / 255 - mean) / deviation, in single precision. One number, or one for each
  /// channel; empty: 0 and 1. If both are empty, what pixels stand for is told from the tensor's range: see
  /// read_input().
  std::vector<float> mean, deviation;
};

struct PrivateInput {
  std::vector<uint8_t> tensors;  ///< of all inputs
  std::optional<Salt> salt;      ///< if a file of raw bytes had one behind the tensors
};

/// One file for each of the model's inputs in their order, or a single one of raw bytes for all. Takes any bytes.
///
/// - Raw bytes are elements of the tensors as the guest reads them, and may have the salt behind them, if the guest
///   wants one.
/// - .npy: the tensor's shape, with or without a leading 1. An array of the tensor's own type has its elements; real
///   numbers, float32 or float64, are quantised.
/// - PNG and JPEG, for tensors of 1 or 3 channels: grey images serve for 3 channels too. Pixels become real numbers and
///   are quantised. Without mean and deviation, the range that the tensor can represent must be one that networks are
///   usually trained on, up to 2 %: [0, 1], [-1, 1] or [0, 255].
///
/// A file is what its name ends with: .npy, .png, .jpg or .jpeg. Otherwise it is raw bytes if it has their length, else
/// what its first bytes say. Without a value `error` says what was expected and found.
std::optional<PrivateInput> read_input(const ModelInfo& info, std::span<const InputFile> files,
                                       const InputOptions& options, std::string& error);

/// As the model's format defines it: round(real / scale) + zero point in single precision, saturated; halves are
/// rounded away from zero (TensorFlow Lite) or to even (ONNX). `real` is a number.
uint8_t quantise(const TensorInfo& tensor, float real, bool half_to_even);

/// "uint8 [1, 32, 32, 3]"
std::string describe(const TensorInfo& tensor);

}  // namespace zkvm::compiler
