// The executor's event types. They are defined beside the chips that consume them; the machine's own names are here.
#pragma once

#include <array>

#include "isa/events.hpp"
#include "isa/rows.hpp"
#include "precompiles/trace.hpp"
#include "vm/exec/event_buffer.hpp"

namespace zkvm::vm {

using isa::Event;
using isa::RefreshEvent;

// The events of a stretch of execution: one buffer per chip, in execution order within each.
struct Trace {
  std::array<EventBuffer<Event>, isa::CHIP_COUNT> chips;
  EventBuffer<RefreshEvent> refreshes;
  precompiles::Trace precompiles;

  const EventBuffer<Event>& operator[](isa::Chip chip) const { return chips[static_cast<size_t>(chip)]; }
  EventBuffer<Event>& operator[](isa::Chip chip) { return chips[static_cast<size_t>(chip)]; }

  // Forgets the events and keeps the memory for the next shard.
  void clear() {
    for (auto& buffer : chips) buffer.clear();
    refreshes.clear();
    precompiles.clear();
  }

  // Gives the memory of instructions' events back to the kernel; what precompiles did stays.
  void release_instructions() {
    for (auto& buffer : chips) buffer.release();
    refreshes.release();
  }
};

}  // namespace zkvm::vm
