#pragma once
/// \file
/// The execution as a source of traces: runs the tracing machine one shard at a time and turns events into rows.

#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "isa/chips/trace.hpp"
#include "precompiles/nn/trace.hpp"
#include "stark/prover/prover.hpp"
#include "vm/exec/machine.hpp"
#include "vm/prove/plan.hpp"
#include "vm/prove/prove.hpp"

namespace zkvm::vm {

/// Carries a guest's trap or an exhausted cycle limit out of the prover's first pass.
struct ExecutionFailure : std::runtime_error {
  ExecutionFailure(ProveErrorKind k, const std::string& message) : std::runtime_error(message), kind(k) {}
  ProveErrorKind kind;
};

/// Committed cells of an instruction, about, in terms of the memory that it takes to prove.
inline constexpr uint64_t CELLS_PER_CYCLE = 50;

struct ShardingOptions {
  uint64_t shard_cycles = uint64_t{1} << 20;
  /// Columns of all tables of a shard that plan_tables may spend; keeps a shard's receipt near 2 MB.
  unsigned max_columns = 1500;
  /// The same for shards with precompile calls, whose chips are wide.
  unsigned max_columns_with_calls = 3100;
  /// A shard with precompile calls ends when one more call could bring it over this number; an instruction counts as
  /// CELLS_PER_CYCLE.
  uint64_t shard_cells = UINT64_MAX;
  /// A forger's attempt, for tests of soundness: changes what the machine recorded of a shard before rows are made of
  /// it.
  std::function<void(Trace&)> forge = {};
#ifdef ZKVM_FAULTS
  Fault* fault = nullptr;  ///< the executor's
#endif
};

/// Committed cells of a row: main, form and LogUp columns.
uint64_t cells_of_row(size_t chip);
/// Committed cells of one call of a layer, or of another precompile by its number: its rows of all chips, padding and
/// fixed tables apart.
uint64_t cells_of_call(const precompiles::nn::Layer& layer);
uint64_t cells_of_call(uint32_t number);

/// Shards are runs of `shard_cycles` instructions. When the guest has halted, the tables that settle memory (image,
/// touched words) join the last of them, and more shards follow if there are too many words for one.
class ExecutionSource final : public stark::TraceSource {
 public:
  ExecutionSource(const Program& program, const ProgramSetup& setup, std::span<const uint8_t> input,
                  const ProveOptions& options, const ShardingOptions& sharding);

  void rewind() override;
  bool next(std::vector<stark::TableShape>& tables) override;
  void fill_main(std::span<const stark::TableView> views) override;
  void fill_form(std::span<const stark::TableView> main, std::span<const stark::TableView> form,
                 std::span<const stark::E> challenges) override;

  /// After `next` has returned false for the first time: what happened.
  uint64_t cycles() const { return cycles_; }
  uint32_t exit_code() const { return exit_code_; }
  const std::vector<uint8_t>& journal() const { return journal_; }
  uint32_t final_clock() const { return final_clock_; }
  /// All of it as a receipt without its seal.
  Receipt claim() const;
  double execute_seconds() const { return execute_seconds_; }
  std::vector<ChipCost> chip_costs() const { return chip_costs_; }
  std::vector<LayerCost> layer_costs() const;

 private:
  void execute_shard();
  bool shard_is_full(uint32_t number, const precompiles::Trace& calls);
  /// With the program's largest layer, or one more call of each kind that there is, on top.
  uint64_t shard_cells() const;
  void settle();

  const Program& program_;
  const ProgramSetup& setup_;
  std::span<const uint8_t> input_;
  const ProveOptions& options_;
  ShardingOptions sharding_;

  std::unique_ptr<TracingMachine> machine_;
  bool first_pass_ = true;
  bool halted_ = false, image_done_ = false;
  std::vector<isa::BoundaryCell> image_cells_, zero_cells_, input_cells_;
  size_t zero_next_ = 0, input_next_ = 0;        ///< first row that no shard has yet
  size_t zero_first_ = 0, input_first_ = 0;      ///< of this shard
  std::unique_ptr<precompiles::nn::NnRows> nn_;  ///< of this shard; null if it has no rows of layers
  precompiles::nn::WeightForms weight_forms_;
  std::vector<uint64_t> layer_cells_;  ///< per layer: cells of a call
  uint64_t largest_call_ = 0;
  // Of this shard: cycles before it, cells of its layers, other calls by number.
  uint64_t shard_start_ = 0, shard_layer_cells_ = 0;
  std::map<uint32_t, uint64_t> shard_calls_;
  bool has_calls_ = false;
  std::vector<ChipCost> chip_costs_;   ///< of the first pass
  std::vector<uint32_t> layer_calls_;  ///< of the whole execution
  std::vector<PlannedTable> plan_;
  std::vector<isa::LookupCounts> counts_;  ///< per thread

  uint64_t cycles_ = 0;
  uint32_t exit_code_ = 0, final_clock_ = 0, heap_end_word_ = 0, stack_end_word_ = 0;
  std::vector<uint8_t> journal_;
  double execute_seconds_ = 0;
};

}  // namespace zkvm::vm
