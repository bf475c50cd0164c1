#pragma once
/// \file
/// What people need to know of a compiled model to write its input and read its journal. Travels as JSON in the guest's
/// ELF file, section .zkvm.model, which is not loaded and not part of the image ID: it says how bytes are to be read,
/// not what was proved.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler {

/// What of a run the journal shows in plain. It begins with the output's bytes, if that is public, else with
/// SHA-256(salt || output bytes); then come SHA-256(input bytes), if the input is public, else SHA-256(salt || input
/// bytes).
struct Disclosure {
  bool input = false, output = true;
  /// Bytes that follow the input tensors in the private input, if something is hidden.
  size_t salt_bytes() const { return input && output ? 0 : 32; }
};

/// real value = scale * (element - zero point)
struct TensorInfo {
  std::string name;
  std::vector<int64_t> shape;  ///< as in the model's file
  bool is_unsigned = false;    ///< uint8, otherwise int8
  float scale = 1;
  int32_t zero_point = 0;       ///< of the element type
  bool channels_first = false;  ///< NCHW, otherwise NHWC
  int64_t elements() const;
};

struct ModelInfo {
  std::string name, format;
  std::vector<TensorInfo> inputs, outputs;
  Disclosure disclosure;

  int64_t input_bytes() const;   ///< without the salt
  int64_t output_bytes() const;  ///< of all outputs
};

ModelInfo describe(const Graph& graph, Disclosure disclosure);

std::string to_json(const ModelInfo& info);
/// Takes any bytes. Without a value `error` says what was expected and found.
std::optional<ModelInfo> parse_model_info(std::string_view json, std::string& error);

inline constexpr size_t DIGEST_BYTES = 32;
/// The two parts of a model's journal.
struct JournalParts {
  std::span<const uint8_t> output;  ///< bytes of all outputs, or a digest: disclosure says which
  std::span<const uint8_t> input;   ///< a digest
};
/// No value if the journal has another length than the model's.
std::optional<JournalParts> split_journal(const ModelInfo& info, std::span<const uint8_t> journal);

}  // namespace zkvm::compiler
