#include "vm/cli/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "vm/cli/status.hpp"
#include "vm/cli/terminal.hpp"

namespace zkvm::vm::cli {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() {
    std::string name = (fs::temp_directory_path() / "zkvm-files-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  ~Files() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return (folder_ / name).string(); }
  void put(const char* name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  std::string get(const char* name) const {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  size_t entries() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

const std::vector<uint8_t> HELLO = {'h', 'e', 'l', 'l', 'o'};

template <class F>
std::string message_of(F&& f, Status expected) {
  try {
    f();
  } catch (const Failure& e) {
    EXPECT_EQ(e.status(), expected);
    EXPECT_NE(std::string(e.what()).find("expected"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("found"), std::string::npos) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "no failure";
  return "";
}

TEST_F(Files, reading_gives_the_bytes) {
  put("a", "hello");
  EXPECT_EQ(read_file(path("a"), "input", 5), HELLO);
  put("empty", "");
  EXPECT_TRUE(read_file(path("empty"), "input", 5).empty());
  put("long", std::string(300'000, 'x'));
  EXPECT_EQ(read_file(path("long"), "input", 1 << 20).size(), 300'000u);
}

TEST_F(Files, reading_refuses_missing_files_folders_and_large_files) {
  message_of([&] { read_file(path("none"), "input", 5); }, Status::FILE);
  message_of([&] { read_file(folder_.string(), "input", 5); }, Status::FILE);
  put("a", "hello!");
  message_of([&] { read_file(path("a"), "input", 5); }, Status::FILE);
  // A device has no size to look at first.
  message_of([&] { read_file("/dev/zero", "input", 100'000); }, Status::FILE);
}

TEST_F(Files, writing_replaces_in_one_step_and_leaves_nothing_else) {
  put("a", "old");
  chmod(path("a").c_str(), 0640);
  const OutputFile out(path("a"), "journal");
  EXPECT_EQ(get("a"), "old");
  EXPECT_EQ(entries(), 1u);
  out.write(HELLO);
  EXPECT_EQ(get("a"), "hello");
  EXPECT_EQ(entries(), 1u);
  struct stat status {};
  ASSERT_EQ(stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(Files, new_files_obey_the_umask) {
  const mode_t before = umask(027);
  OutputFile(path("a"), "journal").write(HELLO);
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(Files, writing_follows_symbolic_links) {
  put("target", "old");
  fs::create_symlink("target", folder_ / "link");
  OutputFile(path("link"), "journal").write(HELLO);
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(get("target"), "hello");
}

TEST_F(Files, names_of_full_length_can_be_written) {
  const std::string name(255, 'n');
  OutputFile(path(name.c_str()), "journal").write(HELLO);
  EXPECT_EQ(get(name.c_str()), "hello");
}

TEST_F(Files, unwritable_paths_are_refused_before_the_work) {
  message_of([&] { OutputFile(folder_.string(), "journal"); }, Status::FILE);
  message_of([&] { OutputFile(path("none/a"), "journal"); }, Status::FILE);
  message_of([&] { OutputFile(path("new/"), "journal"); }, Status::FILE);
  put("file", "");
  message_of([&] { OutputFile(path("file/a"), "journal"); }, Status::FILE);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(Files, devices_are_written_and_not_replaced) {
  const OutputFile out("/dev/null", "journal");
  out.write(HELLO);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(Files, an_output_must_not_be_an_input) {
  put("a", "");
  fs::create_symlink("a", folder_ / "link");
  const NamedPath inputs[] = {{"the guest", path("a")}, {"--input", ""}};
  const auto with = [&](std::string x, std::string y) {
    const NamedPath outputs[] = {{"--output", std::move(x)}, {"--journal", std::move(y)}};
    require_distinct(inputs, outputs);
  };
  with(path("b"), path("c"));
  with("", "");
  with("/dev/null", "/dev/null");
  message_of([&] { with(path("a"), ""); }, Status::USAGE);
  message_of([&] { with(path("link"), ""); }, Status::USAGE);
  message_of([&] { with(path("b"), path("./b")); }, Status::USAGE);
}

TEST(OutputStream, a_closed_pipe_is_no_error_and_a_full_device_is) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  const auto before = signal(SIGPIPE, SIG_IGN);
  {
    OutputStream out(ends[1], "a pipe");
    out.show("x");
    EXPECT_TRUE(out.broken());
    EXPECT_NO_THROW(out.finish());
  }
  signal(SIGPIPE, before);
  close(ends[1]);
  std::FILE* full = std::fopen("/dev/full", "w");
  if (full == nullptr) GTEST_SKIP() << "no /dev/full";
  OutputStream out(fileno(full), "a device");
  out.put("x");
  EXPECT_THROW(out.finish(), Failure);
  EXPECT_NO_THROW(out.finish());
  std::fclose(full);
}

}  // namespace
}  // namespace zkvm::vm::cli
