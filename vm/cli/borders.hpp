#pragma once
/// \file
/// Inputs and outputs of guests that run a model, for people: what run and verify have in common. How bytes are read
/// comes from the guest's file and is not proved; the bytes are.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "guest-sdk/compiler/borders/input.hpp"
#include "guest-sdk/compiler/info.hpp"
#include "vm/cli/commands.hpp"
#include "vm/elf/program.hpp"

namespace zkvm::vm::cli {

/// A guest's model, and what the options add to its description.
struct Model {
  compiler::ModelInfo info;
  std::vector<std::string> labels;  ///< of the elements of each output with as many; empty: none
};

/// Nothing if the guest's file describes no model: that is then a Failure if an option needs one.
std::optional<Model> find_model(const Program& program, const BorderOptions& options);

/// The tensors of `files`, and the salt where the journal will need one: the files', --salt, or none.
compiler::PrivateInput read_tensors(const Model& model, std::span<const std::string> files,
                                    const BorderOptions& options);
/// 32 bytes that nobody can guess.
compiler::Salt draw_salt();

/// What a journal says, as names and values of lines. Nothing of a guest that failed.
using Lines = std::vector<std::pair<std::string, std::string>>;
Lines describe_journal(const Model& model, std::span<const uint8_t> journal);
nlohmann::ordered_json journal_object(const Model& model, std::span<const uint8_t> journal);

/// Failure if the journal is not about this input. The line that says that it is.
std::string require_opening(const Model& model, std::span<const uint8_t> journal, const compiler::PrivateInput& input,
                            const std::string& files);

}  // namespace zkvm::vm::cli
