// How much memory there is, as /proc and /sys say it.
#include "vm/cli/memory.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace zkvm::vm::cli {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t GIB = uint64_t{1} << 30;

class MachineMemory : public testing::Test {
 protected:
  MachineMemory() {
    std::string name = (fs::temp_directory_path() / "zkvm-memory-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    root_ = name;
    put("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:         1 kB\n");
  }
  ~MachineMemory() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  void put(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  uint64_t found() const { return memory_of_machine(root_.string()); }

  fs::path root_;
};

TEST_F(MachineMemory, is_all_of_the_machine_without_groups) {
  EXPECT_EQ(found(), 16 * GIB);
  put("proc/self/cgroup", "0::/\n");
  put("sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(found(), 16 * GIB);
}

TEST_F(MachineMemory, is_what_the_groups_of_version_2_allow) {
  put("proc/self/cgroup", "0::/user/mine\n");
  put("sys/fs/cgroup/user/mine/memory.max", "max\n");
  put("sys/fs/cgroup/user/memory.max", std::to_string(3 * GIB) + "\n");
  EXPECT_EQ(found(), 3 * GIB);
  put("sys/fs/cgroup/user/mine/memory.max", std::to_string(2 * GIB) + "\n");
  EXPECT_EQ(found(), 2 * GIB);
  put("sys/fs/cgroup/user/mine/memory.max", std::to_string(64 * GIB) + "\n");
  put("sys/fs/cgroup/user/memory.max", "max\n");
  EXPECT_EQ(found(), 16 * GIB);
}

TEST_F(MachineMemory, is_what_the_groups_of_version_1_allow) {
  put("proc/self/cgroup", "4:cpu,memory:/box/one\n3:cpuset:/\n0::/\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", std::to_string(5 * GIB) + "\n");
  put("sys/fs/cgroup/memory/box/one/memory.limit_in_bytes", std::to_string(6 * GIB) + "\n");
  EXPECT_EQ(found(), 5 * GIB);
}

TEST_F(MachineMemory, of_a_container_that_sees_its_group_as_the_root) {
  put("proc/self/cgroup", "0::/docker/0123\n");
  put("sys/fs/cgroup/memory.max", std::to_string(GIB) + "\n");
  EXPECT_EQ(found(), GIB);
}

TEST_F(MachineMemory, the_default_leaves_a_quarter_and_fits_the_address_space) {
  EXPECT_EQ(default_memory(16 * GIB, UINT64_MAX), 12 * GIB);
  EXPECT_EQ(default_memory(16 * GIB, 100 * GIB), 12 * GIB);
  EXPECT_LT(default_memory(16 * GIB, 4 * GIB), 3 * GIB);
  EXPECT_GT(default_memory(16 * GIB, 4 * GIB), 2 * GIB);
  EXPECT_GE(default_memory(16 * GIB, GIB), 300u << 20);
  EXPECT_EQ(default_memory(0, UINT64_MAX), 8 * GIB);
}

}  // namespace
}  // namespace zkvm::vm::cli
