#include "precompiles/registry.hpp"

#include "precompiles/keccak/air.hpp"
#include "precompiles/nn/activations/air.hpp"
#include "precompiles/nn/add/air.hpp"
#include "precompiles/nn/border/air.hpp"
#include "precompiles/nn/call/air.hpp"
#include "precompiles/nn/fixed/air.hpp"
#include "precompiles/nn/ledger/air.hpp"
#include "precompiles/nn/levels/air.hpp"
#include "precompiles/nn/norm/air.hpp"
#include "precompiles/nn/output/air.hpp"
#include "precompiles/nn/pool/air.hpp"
#include "precompiles/nn/pool_output/air.hpp"
#include "precompiles/nn/powers/air.hpp"
#include "precompiles/nn/reciprocals/air.hpp"
#include "precompiles/nn/roots/air.hpp"
#include "precompiles/nn/shares/air.hpp"
#include "precompiles/nn/softmax/air.hpp"
#include "precompiles/nn/steps/air.hpp"
#include "precompiles/nn/table/air.hpp"
#include "precompiles/nn/weights/air.hpp"
#include "precompiles/sha256/air.hpp"

namespace zkvm::precompiles {
namespace {

template <template <class> class Columns>
constexpr unsigned width() {
  return sizeof(Columns<F>) / sizeof(F);
}
/// Stands for no preprocessed columns.
template <class T>
struct None;
template <>
constexpr unsigned width<None>() {
  return 0;
}

struct Definition {
  const char* name;
  void (*air)(AirBuilder&);
  unsigned preprocessed_width, main_width, forms;
  stark::Presence presence;
  int preprocessed_set;
  uint32_t row_weight;
};

std::vector<Definition> definitions() {
  using enum stark::Presence;
  using namespace nn;
  using namespace sha256;
  using namespace keccak;
  return {
#define X(ID, NS, name, PRE, MAIN, FORMS, PRESENCE, SET, WEIGHT) \
  {#ID, NS::name##_air, width<PRE>(), width<MAIN>(), FORMS, PRESENCE, SET, WEIGHT},
      ZKVM_PRECOMPILE_CHIPS(X)
#undef X
  };
}

}  // namespace

stark::MachineDescription make_machine() {
  stark::MachineDescription m = isa::make_machine();
  for (const Definition& d : definitions()) {
    AirBuilder builder(d.preprocessed_width, d.main_width, d.forms * E::DEGREE, d.forms != 0 ? nn::CHALLENGES : 0);
    d.air(builder);
    m.chips.push_back({stark::Air::compile(d.name, builder), d.presence, d.preprocessed_set, d.row_weight});
  }
  const auto name = [&](const auto& bus) { m.buses.push_back({bus.id, bus.name}); };
  name(nn::SIGNED);
  name(nn::POWER);
  name(nn::POINTER);
  name(nn::START);
  name(nn::PLAN);
  name(nn::JOB);
  name(nn::CHANNELS);
  name(nn::WINDOW);
  name(nn::ENTRY);
  name(nn::FORM);
  name(nn::FORM4);
  name(nn::DONE);
  name(nn::PART);
  name(nn::POOL);
  name(nn::PATTERN);
  name(nn::POOLED);
  name(nn::QUAD);
  name(nn::LEVEL);
  name(nn::EXPONENTIAL);
  name(nn::RECIPROCAL);
  name(nn::SHARE);
  name(nn::GAIN);
  name(nn::INVERSE);
  name(sha256::VARIABLES);
  name(sha256::BLOCK);
  name(keccak::WORDS);
  name(keccak::PLANE);
  m.preprocessed_sets = PREPROCESSED_SETS;
  return m;
}

}  // namespace zkvm::precompiles
