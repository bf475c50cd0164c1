#include "stark/simd/buffer.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <new>

namespace zkvm::stark {
namespace {

constexpr size_t HUGE_PAGE = size_t{2} << 20;
constexpr size_t ARENA_THRESHOLD = size_t{1} << 20;

constexpr size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

class Arena {
 public:
  void* allocate(size_t bytes) {
    const std::scoped_lock lock(mutex_);
    if (base_ == 0) reserve();
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if (it->second < bytes) continue;
      const uintptr_t at = it->first;
      const size_t rest = it->second - bytes;
      free_.erase(it);
      if (rest != 0) free_.emplace(at + bytes, rest);
      return reinterpret_cast<void*>(at);
    }
    throw std::bad_alloc();
  }

  void release(void* p, size_t bytes) {
    const std::scoped_lock lock(mutex_);
    auto [it, inserted] = free_.emplace(reinterpret_cast<uintptr_t>(p), bytes);
    if (const auto next = std::next(it); next != free_.end() && it->first + it->second == next->first) {
      it->second += next->second;
      free_.erase(next);
    }
    if (it != free_.begin()) {
      const auto previous = std::prev(it);
      if (previous->first + previous->second == it->first) {
        previous->second += it->second;
        free_.erase(it);
      }
    }
  }

  void trim() {
    const std::scoped_lock lock(mutex_);
    for (const auto& [at, bytes] : free_) madvise(reinterpret_cast<void*>(at), bytes, MADV_DONTNEED);
  }

 private:
  /// Reserves address space only: as much as the system lets us have, since nothing is charged before it is touched.
  void reserve() {
    for (size_t bytes = size_t{1} << 42; bytes >= size_t{1} << 30; bytes /= 2) {
      void* const p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (p == MAP_FAILED) continue;
      madvise(p, bytes, MADV_HUGEPAGE);  // a hint: without it the arena works on small pages
      base_ = round_up(reinterpret_cast<uintptr_t>(p), HUGE_PAGE);
      free_.emplace(base_, bytes - HUGE_PAGE);
      return;
    }
    throw std::bad_alloc();
  }

  std::mutex mutex_;
  uintptr_t base_ = 0;
  std::map<uintptr_t, size_t> free_;  ///< address to size, coalesced
};

/// Never destroyed: buffers may outlive static destruction.
Arena& arena() {
  static Arena* const instance = new Arena;
  return *instance;
}

}  // namespace

void* allocate_buffer(size_t bytes) {
  if (bytes > SIZE_MAX / 2) throw std::bad_alloc();
  if (bytes >= ARENA_THRESHOLD) return arena().allocate(round_up(bytes, HUGE_PAGE));
  return ::operator new (round_up(bytes == 0 ? 1 : bytes, 64), std::align_val_t{64});
}

void release_buffer(void* p, size_t bytes) {
  if (bytes >= ARENA_THRESHOLD)
    arena().release(p, round_up(bytes, HUGE_PAGE));
  else
    ::operator delete (p, std::align_val_t{64});
}

void trim_buffers() { arena().trim(); }

}  // namespace zkvm::stark
