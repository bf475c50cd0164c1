#pragma once
/// \file
/// The buses of the neural-network chips and the layouts of their messages.
///
/// A *call* is named by the clock of its instruction, a *layer* by the address of its record. Values of E travel as six
/// fields; they are committed after the accumulator challenges (A, B, G) and before the bus challenges.
///
/// Look-ups (SIGNED, POWER local; POINTER, PLAN, JOB, CHANNELS, QUAD, LEVEL, WINDOW, ENTRY, forms of weights global)
/// have free multiplicities on the provider's side; all other messages have 0/1 multiplicities and are taken exactly
/// once.

#include "guest-sdk/include/zkvm/nn/record.h"
#include "precompiles/call.hpp"

namespace zkvm::precompiles::nn {

/// Indices of the accumulator challenges.
inline constexpr unsigned CHALLENGE_A = 0, CHALLENGE_B = 1, CHALLENGE_G = 2, CHALLENGES = 3;
/// A word's channels: G^4 is the unit of channel exponents that travel.
inline constexpr unsigned LANES = 4;

/// limb in [0, 2^16) is the bytes of a (low) and b, signed.
template <class T>
struct SignedMessage {
  T limb, a, b;
};
/// value = A^i B^j (G^4)^k.
template <class T>
struct PowerMessage {
  T i, j, k;
  T value[E::DEGREE];
};
/// Pointer `which` (1 input, 2 second input, 3 output) of a call of this layer. read_only: boolean, whether the tensor
/// is in the read-only space; 0 for the output.
template <class T>
struct PointerMessage {
  T call, layer, which, pointer, read_only;
};
/// The ledger of this call must be kept. Sent by the call, taken by a ledger's first row.
template <class T>
struct StartMessage {
  T call, layer;
};
/// Row `sequence` of the ledger of a call of this layer; see ledger/air.hpp.
template <class T>
struct PlanMessage {
  T layer, sequence;
  T weights, form4, form1, output, border, done;  ///< which kind of row, one-hot
  T depthwise;
  T index;
  T i, j, k;  ///< exponents, of output and border rows
  T last;
};
/// A job of the activations chip: the view of a tensor that makes one form a lane; see activations/air.hpp.
template <class T>
struct JobMessage {
  T layer, index;
  T offset;      ///< bytes from the pointer to the view's first word
  T rows, cols;  ///< positions
  T stride,
      jump;  ///< bytes from a position to the next in its row, and from a row's last group of eight to the next row
  T zero_point;
  T by_g, by_line;  ///< mode, at most one: they say which operand it is. Neither: the input, weighted by powers of B
};
/// Requantisation of four neighbouring channels.
template <class T>
struct ChannelMessage {
  T bias;
  T mu;         ///< modulo p
  T m[4];       ///< bytes of mu modulo 2^32
  T power;      ///< 2^shift
  T shifts;     ///< 1 if shift > 0
  T low, high;  ///< min(shift, 16), shift - low
  T span;       ///< bits above 16 for how far results pass the clamp
};
/// Four neighbouring channels of a layer's output, and its geometry.
template <class T>
struct QuadMessage {
  T layer, quad;
  T rows, cols;
  T stride;  ///< bytes between neighbouring positions
};
template <class T>
struct ChannelsMessage {
  QuadMessage<T> place;
  T zero_point, min, max;
  ChannelMessage<T> channel[LANES];
};
/// Accumulators that give a channel one result: in a window of 2^(low + high), which starts at `lowest` or `offset`
/// above it; see Level in layer.hpp.
template <class T>
struct LevelWindows {
  T byte;  ///< the result modulo 2^8
  T lowest, offset;
  T low, high;  ///< min(bits, 16), bits - low
};
/// A result that channel `channel` of a layer with thresholds can have.
template <class T>
struct LevelMessage {
  T layer, channel;
  LevelWindows<T> level;
};
/// The outputs of a layer stand at exponents [i_begin, i_end) x [j_begin, j_end).
template <class T>
struct WindowMessage {
  T layer, i_begin, i_end, j_begin, j_end;
};
/// Entry of a table of this layer, at element value x in [-128, 127]. Kinds of layers have tables of different numbers,
/// so that a part of one kind cannot be proved as if it were of another.
template <class T>
struct EntryMessage {
  T layer, table, x, value;
};
inline constexpr uint32_t FIRST_ENTRIES = 0, SECOND_ENTRIES = 1;  ///< of sums
inline constexpr uint32_t TABLE_ENTRIES = 2;                      ///< of activations
inline constexpr uint32_t NORM_ENTRIES = 3;  ///< of layer norms: columns, epsilon, each modulo 2^8 and what is above
inline constexpr uint32_t NORM_CONSTANTS = 4;
/// An element-wise part: `words` words from `offset` bytes behind each pointer. Requantisation is 0 where there is
/// none.
template <class T>
struct PartMessage {
  T layer, index;
  T offset, words;
  T zero_point, min, max;
  ChannelMessage<T> channel;
};
/// A pooling layer.
template <class T>
struct PoolMessage {
  T layer;
  T rows, cols, windows;  ///< of the output; windows = rows cols
  T stride, jump;         ///< bytes from a window to the next in its row, and from a row's last to the next row's first
  T is_max, count, half;  ///< average: positions of a window, and half of that rounded down; maximum: 1, 0
  T channels, min, max;
};
inline constexpr unsigned POOL_ROW_WORDS = 4;
/// Up to four positions of a pooling layer's windows: bytes from a window's first one.
template <class T>
struct PatternMessage {
  T layer, sequence;
  T offset[POOL_ROW_WORDS];
  T active[POOL_ROW_WORDS - 1];  ///< of all but the first
  T last;
};
/// Sums or maxima of four channels over a window.
template <class T>
struct PooledMessage {
  T call, layer, quad, window;
  T value[LANES];
};
/// One form. `owner` is a call, or the layer of weights.
template <class T>
struct FormMessage {
  T owner, role, index;
  T value[E::DEGREE];
};
/// Forms 4 index ... 4 index + 3.
template <class T>
struct Form4Message {
  T owner, role, index;
  T value[LANES][E::DEGREE];
};
/// Part `index` of a call's work that has no form is done.
template <class T>
struct DoneMessage {
  T call, layer, index;
};

/// Roles of forms.
inline constexpr uint32_t ROLE_INPUT = 0, ROLE_SECOND = 1, ROLE_WEIGHT = 2, ROLE_OUTPUT = 3, ROLE_BORDER = 4;
inline constexpr uint32_t POINTER_INPUT = 1, POINTER_SECOND = 2, POINTER_OUTPUT = 3;

inline constexpr stark::Bus<SignedMessage> SIGNED{10, true, "signed bytes"};
inline constexpr stark::Bus<PowerMessage> POWER{11, true, "powers"};
inline constexpr stark::Bus<PointerMessage> POINTER{12, false, "pointers"};
inline constexpr stark::Bus<StartMessage> START{13, false, "start"};
inline constexpr stark::Bus<PlanMessage> PLAN{14, false, "plan"};
inline constexpr stark::Bus<JobMessage> JOB{15, false, "jobs"};
inline constexpr stark::Bus<ChannelsMessage> CHANNELS{16, false, "channels"};
inline constexpr stark::Bus<WindowMessage> WINDOW{17, false, "window"};
inline constexpr stark::Bus<EntryMessage> ENTRY{18, false, "entries"};
inline constexpr stark::Bus<FormMessage> FORM{19, false, "form"};
inline constexpr stark::Bus<Form4Message> FORM4{20, false, "four forms"};
inline constexpr stark::Bus<DoneMessage> DONE{21, false, "done"};
inline constexpr stark::Bus<PartMessage> PART{22, false, "parts"};
inline constexpr stark::Bus<PoolMessage> POOL{23, false, "pools"};
inline constexpr stark::Bus<PatternMessage> PATTERN{24, false, "patterns"};
inline constexpr stark::Bus<PooledMessage> POOLED{25, false, "pooled"};
inline constexpr stark::Bus<QuadMessage> QUAD{26, false, "quads"};
inline constexpr stark::Bus<LevelMessage> LEVEL{27, false, "levels"};

// ---- E-valued expressions

inline FormMessage<Expr> form_message(Expr owner, Expr role, Expr index, const ExtExpr& value) {
  FormMessage<Expr> m{owner, role, index, {}};
  for (unsigned i = 0; i < E::DEGREE; ++i) m.value[i] = value.c[i];
  return m;
}
inline Form4Message<Expr> form4_message(Expr owner, Expr role, Expr index, const ExtExpr* value) {
  Form4Message<Expr> m{owner, role, index, {}};
  for (unsigned l = 0; l < LANES; ++l)
    for (unsigned i = 0; i < E::DEGREE; ++i) m.value[l][i] = value[l].c[i];
  return m;
}
inline PowerMessage<Expr> power_message(Expr i, Expr j, Expr k, const ExtExpr& value) {
  PowerMessage<Expr> m{i, j, k, {}};
  for (unsigned c = 0; c < E::DEGREE; ++c) m.value[c] = value.c[c];
  return m;
}
inline ExtExpr zero_ext(AirBuilder& b) { return b.ext(b.constant(int64_t{0})); }
inline ExtExpr one_ext(AirBuilder& b) { return b.ext(b.constant(int64_t{1})); }
/// challenge^0 ... challenge^(n - 1). Of degree 0: computed once for a proof, not per row.
inline std::vector<ExtExpr> challenge_powers(AirBuilder& b, unsigned challenge, unsigned n) {
  std::vector<ExtExpr> powers{one_ext(b)};
  while (powers.size() < n) powers.push_back(powers.back() * b.challenge(challenge));
  return powers;
}

}  // namespace zkvm::precompiles::nn
