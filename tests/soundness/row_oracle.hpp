#pragma once
/// \file
/// What a single row says: its messages; whether the proof system would accept it next to honest rows; and, from
/// isa/semantics alone, whether it says what the machine may do.

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "stark/air/air.hpp"
#include "tests/soundness/sample_rows.hpp"

namespace zkvm::soundness {

struct RowMessage {
  uint16_t bus;
  bool local, send;
  bool one;                      ///< multiplicity is 1 (it is not 0); false: something else
  std::vector<uint32_t> fields;  ///< canonical
  size_t index;                  ///< among the chip's messages

  friend bool operator==(const RowMessage&, const RowMessage&) = default;
};

/// Parts of a chip that are left out, for showing that they are needed.
struct Omitted {
  int constraint = -1, message = -1;
};

/// Evaluates one chip's rows. Not thread-safe.
class RowModel {
 public:
  RowModel(const stark::Air& air, const SampleRows& samples, Omitted omitted = {});

  const stark::Air& air() const { return air_; }
  /// Loads main columns, evaluates all constraints.
  void load(const std::vector<stark::F>& main);
  /// Values of the constraints (0 for the omitted one), in order.
  const std::vector<stark::F>& constraints() const { return values_; }
  std::vector<RowMessage> messages() const;
  /// Whether the entry of a look-up exists in the program table or among ranges, byte pairs and ANDs.
  bool has_entry(const RowMessage& m) const;

 private:
  const stark::Air& air_;
  Omitted omitted_;
  std::vector<stark::F> slots_, values_;
  std::set<std::array<uint32_t, 8>> program_;
};

/// Whether these messages can be on the buses at all, given what all honest rows keep: limbs below 2^16, cells that
/// exist, clocks that occur, pcs that the program has.
bool is_possible(size_t chip, const std::vector<RowMessage>& messages);

/// "" or why the row is not what the instruction at its pc (or a refresh, or the start of a memory word) does.
std::string contradiction(size_t chip, const std::vector<RowMessage>& messages, const SampleRows& samples);

}  // namespace zkvm::soundness
