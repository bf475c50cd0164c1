#include "vm/cli/memory.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace zkvm::vm::cli {
namespace {

/// Of address space: guest memory with its clocks, code, stacks and the allocator's own.
constexpr uint64_t RESERVED_ADDRESS_SPACE = uint64_t{1400} << 20;
/// A short run can be proved with it.
constexpr uint64_t LEAST = uint64_t{384} << 20;
/// Where nothing can be read.
constexpr uint64_t UNKNOWN = uint64_t{8} << 30;

/// The number in a file; UINT64_MAX if there is none, as "max" of version 2.
uint64_t limit_in(const std::string& path) {
  std::ifstream in(path);
  uint64_t value = 0;
  return in >> value ? value : UINT64_MAX;
}

/// The least limit of a group and of all above it. `mount` is where the hierarchy's root is.
uint64_t least_limit(const std::string& mount, std::string group, const char* file) {
  uint64_t least = UINT64_MAX;
  while (true) {
    least = std::min(least, limit_in(mount + group + "/" + file));
    const size_t slash = group.rfind('/');
    if (slash == std::string::npos) return least;
    group.resize(slash);
  }
}

}  // namespace

uint64_t memory_of_machine(const std::string& root) {
  uint64_t bytes = 0;
  std::ifstream info(root + "/proc/meminfo");
  for (std::string line; std::getline(info, line);) {
    uint64_t kib = 0;
    if (std::istringstream fields(line.substr(line.find(':') + 1)); line.starts_with("MemTotal:") && fields >> kib)
      bytes = kib * 1024;
  }
  // Lines "number:controllers:group"; version 2 has number 0 and no controllers.
  std::ifstream groups(root + "/proc/self/cgroup");
  uint64_t limit = UINT64_MAX;
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",",
                      group = line.substr(second + 1);
    // A container may see its own group as the root.
    for (const std::string& g : {group, std::string()}) {
      if (controllers == ",,") limit = std::min(limit, least_limit(root + "/sys/fs/cgroup", g, "memory.max"));
      if (controllers.find(",memory,") != std::string::npos)
        limit = std::min(limit, least_limit(root + "/sys/fs/cgroup/memory", g, "memory.limit_in_bytes"));
    }
  }
  return bytes == 0 ? (limit == UINT64_MAX ? 0 : limit) : std::min(bytes, limit);
}

uint64_t default_memory(uint64_t memory_of_machine, uint64_t address_space) {
  uint64_t bytes = memory_of_machine == 0 ? UNKNOWN : memory_of_machine / 4 * 3;
  if (address_space != UINT64_MAX)
    bytes = std::min(bytes, address_space > RESERVED_ADDRESS_SPACE ? address_space - RESERVED_ADDRESS_SPACE : 0);
  return std::max(bytes, LEAST);
}
uint64_t default_memory() { return default_memory(memory_of_machine(), address_space_limit()); }

uint64_t address_space_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : UINT64_MAX;
}

}  // namespace zkvm::vm::cli
