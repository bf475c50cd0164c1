#pragma once
/// \file
/// The one object that --json prints.

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "vm/cli/terminal.hpp"

namespace zkvm::vm::cli {

/// On stdout, indented, with a line feed. Bytes that are not UTF-8 (file names, symbols) are replaced, not refused.
inline void print_json(const nlohmann::ordered_json& object) {
  OutputStream out(STDOUT_FILENO, "standard output");
  out.put(object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  out.finish();
}

}  // namespace zkvm::vm::cli
