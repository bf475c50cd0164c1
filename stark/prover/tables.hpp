#pragma once
/// \file
/// From the prover's data structures to the plain arguments of the row kernels.

#include <omp.h>

#include <cstdlib>
#include <vector>

#include "stark/air/air.hpp"
#include "stark/ntt/matrix.hpp"
#include "stark/protocol/statement.hpp"
#include "stark/prover/kernels.hpp"

namespace zkvm::stark {

/// Cache-line aligned working memory of one thread.
class Scratch {
 public:
  explicit Scratch(size_t bytes) : data_(std::aligned_alloc(64, (bytes + 63) / 64 * 64 + 64)) {
    if (data_ == nullptr) throw std::bad_alloc();
  }
  Scratch(Scratch&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() { std::free(data_); }
  void* data() const { return data_; }

 private:
  void* data_;
};

/// Splits [0, rows) into runs of at most `chunk` rows over the threads: body(begin, end, thread). `chunk` is a power of
/// two.
template <class Body>
void parallel_rows(size_t rows, size_t chunk, Body&& body) {
  if (rows <= chunk) {
    body(size_t{0}, rows, 0u);
    return;
  }
#pragma omp parallel for schedule(dynamic, 1)
  for (size_t c = 0; c < rows / chunk; ++c)
    body(c * chunk, (c + 1) * chunk, static_cast<unsigned>(omp_get_thread_num()));
}

inline RowSource source(const Matrix& m, unsigned offset = 0) {
  return {m.row(0) + offset, m.stride(), m.block_stride(), m.log_block_rows()};
}
inline RowTarget target(Matrix& m, unsigned offset = 0) {
  return {m.row(0) + offset, m.stride(), m.block_stride(), m.log_block_rows()};
}

/// The messages of one table with bus challenges and shard index folded in.
class KernelMessages {
 public:
  KernelMessages(const Air& air, const BusChallenges& challenges, size_t shard) : logup_columns_(air.logup_columns()) {
    for (const Message& m : air.messages()) {
      KernelMessage k{};
      k.constant = challenges.offset(m.bus, m.local, shard);
      std::vector<E> coefficients(air.columns());
      for (size_t f = 0; f < m.fields.size(); ++f) {
        k.constant += challenges.field_power(f) * m.fields[f].constant;
        for (const auto& t : m.fields[f].terms) coefficients[t.column] += challenges.field_power(f) * t.coefficient;
      }
      auto& terms = terms_.emplace_back();
      for (uint32_t c = 0; c < coefficients.size(); ++c)
        if (!coefficients[c].is_zero()) terms.push_back({coefficients[c], c});
      auto& multiplicity = multiplicities_.emplace_back();
      for (const auto& t : m.multiplicity.terms) multiplicity.push_back({t.coefficient, t.column});
      k.multiplicity_constant = m.multiplicity.constant;
      k.term_count = static_cast<uint32_t>(terms.size());
      k.multiplicity_count = static_cast<uint32_t>(multiplicity.size());
      messages_.push_back(k);
    }
    for (size_t i = 0; i < messages_.size(); ++i) {
      messages_[i].terms = terms_[i].data();
      messages_[i].multiplicity = multiplicities_[i].data();
    }
  }
  KernelMessages(KernelMessages&&) = default;

  /// A KernelTable with the message part filled in; valid as long as this object lives.
  KernelTable table() const {
    KernelTable t{};
    t.messages = messages_.data();
    t.message_count = static_cast<uint32_t>(messages_.size());
    t.logup_columns = logup_columns_;
    return t;
  }

 private:
  uint32_t logup_columns_;
  std::vector<std::vector<ExtTerm>> terms_;
  std::vector<std::vector<BaseTerm>> multiplicities_;
  std::vector<KernelMessage> messages_;
};

/// out[i] = 1 / in[i], nonzero inputs.
inline void batch_invert(const Buffer<F>& in, Buffer<F>& out) {
  parallel_rows(in.size(), 1024, [&](size_t begin, size_t end, unsigned) {
    F product = F::one();
    for (size_t i = begin; i < end; ++i) {
      out[i] = product;
      product *= in[i];
    }
    F running = product.inverse();
    for (size_t i = end; i-- > begin;) {
      out[i] *= running;
      running *= in[i];
    }
  });
}

}  // namespace zkvm::stark
