#include "isa/chips/registry.hpp"

#include "isa/chips/add/air.hpp"
#include "isa/chips/add_same/air.hpp"
#include "isa/chips/addi/air.hpp"
#include "isa/chips/addi_same/air.hpp"
#include "isa/chips/beq/air.hpp"
#include "isa/chips/beqz/air.hpp"
#include "isa/chips/blt/air.hpp"
#include "isa/chips/div/air.hpp"
#include "isa/chips/ecall/air.hpp"
#include "isa/chips/image/air.hpp"
#include "isa/chips/jalr/air.hpp"
#include "isa/chips/li/air.hpp"
#include "isa/chips/load_sub/air.hpp"
#include "isa/chips/logic/air.hpp"
#include "isa/chips/logic_i/air.hpp"
#include "isa/chips/lookup/air.hpp"
#include "isa/chips/lw/air.hpp"
#include "isa/chips/memory_boundary/air.hpp"
#include "isa/chips/mul/air.hpp"
#include "isa/chips/mulh/air.hpp"
#include "isa/chips/program/air.hpp"
#include "isa/chips/refresh/air.hpp"
#include "isa/chips/shift_i/air.hpp"
#include "isa/chips/shift_r/air.hpp"
#include "isa/chips/slt/air.hpp"
#include "isa/chips/store_sub/air.hpp"
#include "isa/chips/sw/air.hpp"

namespace zkvm::isa {
namespace {

template <template <class> class Columns>
constexpr unsigned width() {
  return sizeof(Columns<stark::F>) / sizeof(stark::F);
}
/// Stands for no preprocessed columns.
template <class T>
struct None;
template <>
constexpr unsigned width<None>() {
  return 0;
}

}  // namespace

const std::vector<ChipDefinition>& all_chips() {
  using enum stark::Presence;
  static const std::vector<ChipDefinition> CHIPS = {
#define X(ID, name, PRE, MAIN, PRESENCE, SET, WEIGHT) \
  {#ID, name##_air, width<PRE>(), width<MAIN>(), PRESENCE, SET, WEIGHT},
      ZKVM_CHIPS(X)
#undef X
  };
  return CHIPS;
}

stark::MachineDescription make_machine() {
  stark::MachineDescription m;
  for (const ChipDefinition& chip : all_chips()) {
    stark::AirBuilder builder(chip.preprocessed_width, chip.main_width, 0, 0);
    chip.air(builder);
    m.chips.push_back({stark::Air::compile(chip.name, builder), chip.presence, chip.preprocessed_set, chip.row_weight});
  }
  const auto name = [&](const auto& bus) { m.buses.push_back({bus.id, bus.name}); };
  name(STATE);
  name(MEMORY);
  name(PROGRAM);
  name(RANGE);
  name(AND);
  name(BYTES);
  name(JOURNAL);
  name(HALT);
  name(CHAIN);
  m.preprocessed_sets = 2;
  m.max_weight = CLOCK_LIMIT;
  return m;
}

}  // namespace zkvm::isa
