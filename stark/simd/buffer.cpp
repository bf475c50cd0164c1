#include "stark/simd/buffer.hpp"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace zkvm::stark {
namespace {

constexpr size_t HUGE_PAGE = size_t{2} << 20;
constexpr size_t ARENA_THRESHOLD = size_t{1} << 20;

constexpr size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

/// One reserved address range, or several where the system does not give one that is large enough.
class Arena {
 public:
  void* allocate(size_t bytes) {
    const std::scoped_lock lock(mutex_);
    for (Range& range : ranges_)
      if (void* const p = range.allocate(bytes)) return p;
    reserve(bytes);
    return ranges_.back().allocate(bytes);
  }

  void release(void* p, size_t bytes) {
    const std::scoped_lock lock(mutex_);
    const auto at = reinterpret_cast<uintptr_t>(p);
    for (Range& range : ranges_)
      if (at >= range.begin && at < range.end) return range.release(at, bytes);
  }

  void trim() {
    const std::scoped_lock lock(mutex_);
    for (const Range& range : ranges_)
      for (const auto& [at, bytes] : range.free) madvise(reinterpret_cast<void*>(at), bytes, MADV_DONTNEED);
  }

 private:
  /// Where address space is limited (ulimit -v), a range is of this size: others need some, too.
  static constexpr size_t LIMITED_RANGE = size_t{256} << 20;
  static constexpr size_t UNLIMITED_RANGE = size_t{1} << 42;

  struct Range {
    uintptr_t begin, end;
    std::map<uintptr_t, size_t> free;  ///< address to size, coalesced

    void* allocate(size_t bytes) {
      for (auto it = free.begin(); it != free.end(); ++it) {
        if (it->second < bytes) continue;
        const uintptr_t at = it->first;
        const size_t rest = it->second - bytes;
        free.erase(it);
        if (rest != 0) free.emplace(at + bytes, rest);
        return reinterpret_cast<void*>(at);
      }
      return nullptr;
    }
    void release(uintptr_t at, size_t bytes) {
      auto [it, inserted] = free.emplace(at, bytes);
      if (const auto next = std::next(it); next != free.end() && it->first + it->second == next->first) {
        it->second += next->second;
        free.erase(next);
      }
      if (it == free.begin()) return;
      const auto previous = std::prev(it);
      if (previous->first + previous->second != it->first) return;
      previous->second += it->second;
      free.erase(it);
    }
  };

  /// Address space for `bytes` at least; nothing is charged before it is touched.
  void reserve(size_t bytes) {
    rlimit limit{};
    const bool limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    for (size_t size = limited ? LIMITED_RANGE : UNLIMITED_RANGE;; size /= 2) {
      size = std::max(size, bytes);
      const size_t mapped = size + HUGE_PAGE;  // for its alignment
      void* const p = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (p == MAP_FAILED && size == bytes) throw std::bad_alloc();
      if (p == MAP_FAILED) continue;
      madvise(p, mapped, MADV_HUGEPAGE);  // a hint: without it the arena works on small pages
      const uintptr_t begin = round_up(reinterpret_cast<uintptr_t>(p), HUGE_PAGE);
      ranges_.push_back({begin, begin + size, {{begin, size}}});
      return;
    }
  }

  std::mutex mutex_;
  std::vector<Range> ranges_;  ///< oldest first: it has the most that is resident
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
