#pragma once
/// \file
/// The one object that --json prints.

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "vm/cli/terminal.hpp"

namespace zkvm::vm::cli {

/// Of the objects; raised when a key changes its meaning or goes. The keys are listed in vm/README.md.
constexpr int JSON_SCHEMA_VERSION = 1;

/// On stdout, indented, with a line feed, "schema_version" first. Bytes that are not UTF-8 (file names, symbols) are
/// replaced, not refused.
inline void print_json(const nlohmann::ordered_json& object) {
  OutputStream out(STDOUT_FILENO, "standard output");
  nlohmann::ordered_json versioned = {{"schema_version", JSON_SCHEMA_VERSION}};
  versioned.update(object);
  out.put(versioned.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  out.finish();
}

}  // namespace zkvm::vm::cli
