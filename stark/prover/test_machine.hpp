#pragma once
/// \file
/// A small machine for tests of the proof system: next-row constraints with selectors, local and global buses, a
/// preprocessed look-up table, and a chip with form columns and accumulator challenges (Freivalds' check of a matrix
/// product).

#include <algorithm>
#include <vector>

#include "stark/prover/prover.hpp"
#include "stark/verifier/verifier.hpp"

namespace zkvm::stark::test {

template <class T>
struct PairMessage {
  T a, b;
};
template <class T>
struct ByteMessage {
  T value;
};
inline constexpr Bus<PairMessage> CHAIN{1, false, "chain"};
inline constexpr Bus<ByteMessage> BYTE{2, true, "byte"};

/// Fibonacci modulo p along the rows, from (1, 1).
template <class T>
struct FibonacciColumns {
  T x, y;
};
inline void fibonacci(AirBuilder& b) {
  const auto row = b.main<FibonacciColumns>();
  const auto next = b.main_next<FibonacciColumns>();
  b.assert_zero(b.is_transition() * (next.x - row.y), "x follows y");
  b.assert_zero(b.is_transition() * (next.y - row.x - row.y), "y follows the sum");
  b.assert_zero(b.is_first_row() * (row.x - 1), "first x");
  b.assert_zero(b.is_first_row() * (row.y - 1), "first y");
}

/// Takes (a, b) off the chain and puts (a + 1, b + byte) back; byte is looked up.
template <class T>
struct StepColumns {
  T is_real, a, b, byte;
};
inline void step(AirBuilder& builder) {
  const auto c = builder.main<StepColumns>();
  builder.assert_bool(c.is_real, "is_real");
  builder.receive(CHAIN, {c.a, c.b}, c.is_real, "take");
  builder.send(CHAIN, {c.a + 1, c.b + c.byte}, c.is_real, "put");
  builder.receive(BYTE, {c.byte}, c.is_real, "byte");
}

template <class T>
struct TableFixed {
  T value;
};
template <class T>
struct TableColumns {
  T multiplicity;
};
inline void byte_table(AirBuilder& b) {
  b.send(BYTE, {b.preprocessed<TableFixed>().value}, b.main<TableColumns>().multiplicity, "entry");
}

/// C = A B for A of 4 x K and B of K x 4, K the height; row k holds A[.][k], B[k][.] and row k of C (zero for k >= 4).
/// Forms: power = s^k and acc, with acc' = acc + (sum_m s^m A[m][k]) (sum_n r^n B[k][n]) - s^k sum_n r^n C[k][n]; acc
/// ends at 0.
template <class T>
struct FreivaldsColumns {
  T a[4], b[4], c[4];
};
inline void freivalds(AirBuilder& builder) {
  const auto row = builder.main<FreivaldsColumns>();
  const ExtExpr s = builder.challenge(0), r = builder.challenge(1);
  const auto polynomial = [&](const Expr* v, const ExtExpr& at) {
    ExtExpr sum = builder.ext(v[3]);
    for (int i = 2; i >= 0; --i) sum = sum * at + builder.ext(v[i]);
    return sum;
  };
  const ExtExpr power = builder.form(0), acc = builder.form(1);
  const ExtExpr term = polynomial(row.a, s) * polynomial(row.b, r) - power * polynomial(row.c, r);
  builder.assert_zero((power - builder.ext(builder.constant(int64_t{1}))) * builder.is_first_row(),
                      "power starts at 1");
  builder.assert_zero(acc * builder.is_first_row(), "acc starts at 0");
  builder.assert_zero((builder.form(0, 1) - power * s) * builder.is_transition(), "power step");
  builder.assert_zero((builder.form(1, 1) - acc - term) * builder.is_transition(), "acc step");
  builder.assert_zero((acc + term) * builder.is_last_row(), "acc ends at 0");
}

enum TestChip : uint16_t { FIBONACCI, STEP, BYTES, FREIVALDS };

inline MachineDescription test_machine() {
  MachineDescription m;
  const auto add = [&](const char* name, void (*eval)(AirBuilder&), unsigned pre, unsigned main, unsigned form,
                       unsigned challenges) -> ChipInfo& {
    AirBuilder b(pre, main, form, challenges);
    eval(b);
    return m.chips.emplace_back(ChipInfo{Air::compile(name, b), Presence::OPTIONAL, -1, 0});
  };
  add("fibonacci", fibonacci, 0, 2, 0, 0);
  add("step", step, 0, 4, 0, 0);
  ChipInfo& table = add("bytes", byte_table, 1, 1, 0, 0);
  table.presence = Presence::EVERY_SHARD;
  table.preprocessed_set = 0;
  add("freivalds", freivalds, 0, 12, 12, 2);
  m.buses = {{CHAIN.id, "chain"}, {BYTE.id, "byte"}};
  m.preprocessed_sets = 1;
  return m;
}

/// Traces of `shards` shards: `log_step` gives the heights of the STEP tables of each; STEP rows run on through the
/// shards.
struct TestSource : TraceSource {
  struct Options {
    size_t shards = 1;
    std::vector<unsigned> log_step = {7};
    unsigned log_fibonacci = 6;
    bool forms = false;
    size_t padding = 5;  ///< rows of the last STEP table that are padding
  };
  /// A lie: called on every filled shard.
  std::function<void(size_t shard, std::span<const TableView>)> tamper;

  explicit TestSource(Options o) : options(std::move(o)) {}
  void rewind() override { shard = ~size_t{0}, a = 0, b = 0; }
  bool next(std::vector<TableShape>& tables) override {
    if (shard + 1 == options.shards) return false;
    ++shard;
    tables = {{FIBONACCI, static_cast<uint8_t>(options.log_fibonacci)}};
    for (unsigned h : options.log_step) tables.push_back({STEP, static_cast<uint8_t>(h)});
    tables.push_back({BYTES, 8});
    if (options.forms) tables.push_back({FREIVALDS, 5});
    start_a = a, start_b = b;
    for (size_t t = 0; t < options.log_step.size(); ++t)
      for (size_t i = 0; i < real_rows(t); ++i) b += byte_of(a++);
    return true;
  }
  size_t real_rows(size_t t) const {
    const size_t height = size_t{1} << options.log_step[t];
    return t + 1 == options.log_step.size() ? height - options.padding : height;
  }
  static uint32_t byte_of(uint32_t i) { return (i * 37 + 11) & 255; }
  void fill_main(std::span<const TableView> tables) override {
    F x = F::one(), y = F::one();
    for (size_t i = 0; i < tables[0].height(); ++i) {
      tables[0].natural_row(i)[0] = x;
      tables[0].natural_row(i)[1] = y;
      const F z = x + y;
      x = y, y = z;
    }
    uint32_t ra = start_a, rb = start_b, counts[256] = {};
    for (size_t t = 0; t < options.log_step.size(); ++t) {
      const TableView& view = tables[1 + t];
      for (size_t i = 0; i < view.height(); ++i) {
        F* row = view.row(i);
        std::fill(row, row + 4, F::zero());
        if (i >= real_rows(t)) continue;
        row[0] = F::one();
        row[1] = F::from(ra);
        row[2] = F::from(rb);
        row[3] = F::from(byte_of(ra));
        ++counts[byte_of(ra)];
        rb += byte_of(ra++);
      }
    }
    const TableView& bytes = tables[1 + options.log_step.size()];
    for (size_t i = 0; i < bytes.height(); ++i) bytes.row(i)[0] = F::from(counts[i]);
    if (options.forms) {
      const TableView& view = tables.back();
      F product[4][4];
      for (size_t k = 0; k < 32; ++k)
        for (size_t i = 0; i < 4; ++i)
          for (size_t j = 0; j < 4; ++j) product[i][j] += matrix(i, k) * matrix(j + 9, k);
      for (size_t k = 0; k < 32; ++k)
        for (size_t i = 0; i < 4; ++i) {
          view.natural_row(k)[i] = matrix(i, k);
          view.natural_row(k)[4 + i] = matrix(i + 9, k);
          view.natural_row(k)[8 + i] = k < 4 ? product[k][i] : F::zero();
        }
    }
    if (tamper) tamper(shard, tables);
  }
  static F matrix(size_t i, size_t k) { return F::from(static_cast<uint32_t>(i * 1000003 + k * 7919 + 5)); }
  void fill_form(std::span<const TableView>, std::span<const TableView> tables,
                 std::span<const E> challenges) override {
    const TableView& view = tables.back();
    const E s = challenges[0], r = challenges[1];
    E power = E::one(), acc = E::zero();
    F product[4][4];
    for (size_t k = 0; k < 32; ++k)
      for (size_t i = 0; i < 4; ++i)
        for (size_t j = 0; j < 4; ++j) product[i][j] += matrix(i, k) * matrix(j + 9, k);
    for (size_t k = 0; k < 32; ++k) {
      F* row = view.natural_row(k);
      for (unsigned i = 0; i < 6; ++i) row[i] = power.c[i], row[6 + i] = acc.c[i];
      E left = E::zero(), right = E::zero(), out = E::zero();
      for (size_t i = 4; i-- > 0;) {
        left = left * s + matrix(i, k);
        right = right * r + matrix(i + 9, k);
        out = out * r + (k < 4 ? product[k][i] : F::zero());
      }
      acc = acc + left * right - power * out;
      power *= s;
    }
  }
  Statement statement(const PreprocessedCommitment& preprocessed) const {
    Statement st;
    st.public_bytes = {1, 2, 3};
    st.preprocessed = {preprocessed};
    st.boundary = {boundary_message(CHAIN, true, PairMessage<F>{F::zero(), F::zero()}),
                   boundary_message(CHAIN, false, PairMessage<F>{F::from(a), F::from(b)})};
    return st;
  }

  Options options;
  size_t shard = ~size_t{0};
  uint32_t a = 0, b = 0, start_a = 0, start_b = 0;
};

struct TestProof {
  MachineDescription machine = test_machine();
  Digest digest = machine.digest();
  Statement statement;
  Proof proof;
  ProverStats stats;
  Verdict verify() const { return stark::verify(machine, digest, statement, proof); }
};

inline TestProof prove_test(TestSource& source, size_t keep_bytes = ~size_t{0}, unsigned log_blowup = 1,
                            const TopCoefficientForgery* forgery = nullptr) {
  TestProof r;
  const TableShape fixed[] = {{BYTES, 8}};
  std::vector<PreprocessedData> preprocessed;
  preprocessed.push_back(commit_preprocessed(r.machine, fixed, log_blowup, [](size_t, TableView view) {
    for (size_t i = 0; i < view.height(); ++i) view.row(i)[0] = F::from(static_cast<uint32_t>(i));
  }));
  ProverInput input;
  input.machine = &r.machine;
  input.machine_digest = r.digest;
  input.preprocessed = preprocessed;
  input.source = &source;
  input.log_blowup = log_blowup;
  input.keep_bytes = keep_bytes;
  input.forgery = forgery;
  input.statement = [&] { return r.statement = source.statement(preprocessed[0].commitment); };
  input.parameters = [](std::span<const ShardLayout>) { return Parameters{1, 40, 8}; };
  r.proof = prove(input, &r.stats);
  return r;
}

}  // namespace zkvm::stark::test
