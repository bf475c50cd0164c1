// zkvm image-id and disasm.
#include <unistd.h>

#include <cstdio>

#include "isa/disassemble.hpp"
#include "vm/cli/commands.hpp"
#include "vm/cli/terminal.hpp"
#include "vm/prove/prove.hpp"

namespace zkvm::vm::cli {

Status image_id(const std::string& elf) {
  OutputStream out(STDOUT_FILENO, "standard output");
  out.put(to_hex(image_id_of(load_program(elf)).bytes) + "\n");
  out.finish();
  return Status::SUCCESS;
}

Status disasm(const std::string& elf) {
  const Program program = load_program(elf);
  OutputStream out(STDOUT_FILENO, "standard output");
  for (const CodeRange& range : program.code) {
    const Symbol* last = nullptr;
    bool first = true;
    for (uint32_t pc = range.begin; pc < range.end && !out.broken(); pc += 4) {
      const size_t index = range.first_row + (pc - range.begin) / 4;
      const Symbol* symbol = program.find_symbol(pc);
      char text[64];
      if (first || symbol != last) {
        std::snprintf(text, sizeof text, "%s%08x <", pc == program.code.front().begin ? "" : "\n", pc);
        out.put(text + (symbol == nullptr ? std::string("no symbol") : program.symbolize(pc)) + ">:\n");
      }
      first = false;
      last = symbol;
      const uint32_t word = program.words[index];
      std::snprintf(text, sizeof text, "%08x:  %08x  ", pc, word);
      std::string line = text + isa::disassemble(pc, word);
      const isa::Row& row = program.rows[index];
      if (row.op == isa::RowOp::COUNT) {
        line += std::string("  # traps: ") + isa::describe_undecodable(word);
      } else if (row.op == isa::RowOp::JAL || (row.next_pc != pc + 4 && row.next_pc != 0)) {
        const std::string target = program.symbolize(row.next_pc);
        if (!target.empty()) line += "  # " + target;
      }
      out.put(line + "\n");
    }
  }
  out.finish();
  return Status::SUCCESS;
}

}  // namespace zkvm::vm::cli
