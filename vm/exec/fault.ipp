// How the machine lies, for machine.cpp with ZKVM_FAULTS; see fault.hpp.

namespace zkvm::vm {

template <Mode MODE>
Fault* BasicMachine<MODE>::tell(FaultKind kind) {
  Fault* f = options_.fault;
  if (f == nullptr || f->kind != kind || f->clk != clk_ || f->told) return nullptr;
  f->told = true;
  return f;
}

template <Mode MODE>
isa::Row BasicMachine<MODE>::other_row(isa::Row row, const Fault& lie) const {
  switch (lie.variant % 5) {
    case 0: {
      std::vector<RowOp> others;
      for (unsigned op = 0; op < static_cast<unsigned>(RowOp::COUNT) && row.op != RowOp::COUNT; ++op)
        if (static_cast<RowOp>(op) != row.op && isa::info(static_cast<RowOp>(op)).chip == isa::info(row.op).chip)
          others.push_back(static_cast<RowOp>(op));
      if (!others.empty()) row.op = others[lie.value % others.size()];
      break;
    }
    case 1:
      row.rd = static_cast<uint8_t>(1 + lie.value % 31);
      break;
    case 2:
      row.rs1 = static_cast<uint8_t>(1 + lie.value % 31);
      break;
    case 3:
      row.rs2 = static_cast<uint8_t>(1 + lie.value % 31);
      break;
    default:
      row.imm ^= 4u << lie.value % 4;
      break;
  }
  return row;
}

template <Mode MODE>
void BasicMachine<MODE>::change_cell(const Fault& lie) {
  if (lie.variant % 3 == 0) {
    registers_[1 + lie.variant / 3 % 31].value ^= lie.value;
  } else if (memory_.readable(lie.address)) {
    memory_.word(lie.address) ^= lie.value;
  }
}

template <Mode MODE>
Cell BasicMachine<MODE>::exchange_stale(uint32_t addr, Fault& lie) {
  if constexpr (TRACING) {
    const auto it = stored_.find(addr & ~3u);
    if (it == stored_.end()) {
      lie.told = false;
      return memory_.cell(addr);
    }
    lie.store_clk = it->second.clk;
    return std::exchange(memory_.cell(addr), it->second.before);
  } else {
    return {};
  }
}

template <Mode MODE>
uint32_t BasicMachine<MODE>::change_of_call(FaultKind kind) {
  if (call_lie_ == nullptr || call_lie_->kind != kind || words_of_call_++ != call_lie_->variant / 2 % 64) return 0;
  options_.fault->told = true;
  return call_lie_->value;
}

template <Mode MODE>
void BasicMachine<MODE>::before_call(uint32_t number, precompiles::CallEvent& event) {
  ZKVM_LIE(CALL_LAYER, {
    const auto& layers = program_.rom->layers();
    if (number == ZKVM_ECALL_NN) event.a[0] = layers[lie->value % layers.size()].address;
  })
  ZKVM_LIE(CALL_POINTER, {
    const unsigned first = number == ZKVM_ECALL_NN ? 1 : 0;
    event.a[first + lie->value % (precompiles::pointers(number) - first)] += lie->variant / 2 % 2 != 0 ? 4 : 0u - 4;
  })
  ZKVM_LIE(CALL_DOUBLED, doubled_ = true;)
  for (const FaultKind kind : {FaultKind::CALL_INPUT, FaultKind::CALL_OUTPUT}) {
    Fault* lie = tell(kind);
    if (lie == nullptr) continue;
    lie->told = false;  // until it is seen that there is such a word
    call_lie_ = lie;
    words_of_call_ = 0;
    // Odd ones of outputs are told afterwards.
    if (kind == FaultKind::CALL_OUTPUT && lie->variant % 2 != 0) words_of_call_ = UINT32_MAX / 2;
  }
}

template <Mode MODE>
void BasicMachine<MODE>::after_call(uint32_t number, const precompiles::CallEvent& honest) {
  if constexpr (TRACING) {
    const Fault* lie = options_.fault;
    if (lie != nullptr && lie->clk == clk_) {
      precompiles::Trace& t = trace_.precompiles;
      // The row of the call tells the truth, the rest what was done.
      if ((lie->kind == FaultKind::CALL_LAYER || lie->kind == FaultKind::CALL_POINTER) && lie->variant % 2 != 0) {
        if (number == ZKVM_ECALL_SHA256) t.sha256.events.back().call.a = honest.a;
        if (number == ZKVM_ECALL_KECCAK) t.keccak.events.back().call.a = honest.a;
        if (number == ZKVM_ECALL_NN) {
          const auto& last = t.nn.order.back();
          (last.linear ? t.nn.linear.back().call : t.nn.parts.back().call).a = honest.a;
        }
      }
      if (number == ZKVM_ECALL_NN && lie->kind == FaultKind::CALL_OUTPUT && lie->variant % 2 != 0) spoil_output(*lie);
    }
  }
  call_lie_ = nullptr;
}

template <Mode MODE>
void BasicMachine<MODE>::spoil_output(const Fault& lie) {
  if constexpr (TRACING) {
    precompiles::nn::NnTrace& t = trace_.precompiles.nn;
    const precompiles::nn::CallIndex last = t.order.back();
    const precompiles::nn::Layer& layer = program_.rom->layers()[t.layer(last)];
    const bool pool = layer.kind == ZKVM_NN_POOL;
    if (!last.linear && !pool) return;
    std::vector<int32_t>& sums = last.linear ? t.linear.back().outputs : t.parts.back().pooled;
    const size_t index = lie.value % sums.size();
    const auto result = [&](int32_t sum) {
      if (pool) return precompiles::nn::pool_output(layer.pool, sum);
      const auto& l = layer.linear;
      const auto channel = index % static_cast<size_t>(l.shape.out_c);
      if (l.by_thresholds()) return l.result(static_cast<int32_t>(channel), sum);
      return precompiles::nn::clamp(precompiles::nn::requantise(l.channels[channel], sum), l.shape.out_zp,
                                    l.shape.act_min, l.shape.act_max);
    };
    const int32_t was = result(sums[index]);
    for (int32_t by = 1; by < 1 << 16; by *= 2) {
      const int32_t sum = sums[index] + (lie.variant / 2 % 2 != 0 ? by : -by);
      const int32_t now = result(sum);
      if (now == was) continue;
      // No row says a result that the layer's weights never give.
      if (!pool && layer.linear.by_thresholds() &&
          !layer.linear.level(static_cast<int32_t>(index % static_cast<size_t>(layer.linear.shape.out_c)), now))
        continue;
      sums[index] = sum;
      uint32_t& word = memory_.word(t.event(last).a[3] + static_cast<uint32_t>(index) / 4 * 4);
      const unsigned shift = 8 * (index % 4);
      word = (word & ~(0xffu << shift)) | (static_cast<uint32_t>(now) & 0xff) << shift;
      options_.fault->told = true;
      return;
    }
  }
}

}  // namespace zkvm::vm
