// Projects on disk: whole or not at all.
#include "guest-sdk/compiler/build.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace zkvm::compiler {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

class Build : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "zkvm-build-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    at_ = name;
  }
  void TearDown() override { fs::remove_all(at_); }

  std::string path(const std::string& name) const { return (at_ / name).string(); }
  void put(const std::string& name, const std::string& text) const { std::ofstream(at_ / name) << text; }
  std::string get(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(at_ / name).rdbuf();
    return text.str();
  }
  /// All paths below the work place: equal if nothing was left behind.
  std::vector<std::string> listing() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(at_)) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  BuildError write(const std::string& folder, const Files& files, bool force = false) const {
    return write_project(files, {.folder = path(folder), .force = force, .compile = false, .sdk = "", .runtime = ""});
  }

 private:
  fs::path at_;
};

TEST_F(Build, writes_all_files_into_a_new_or_an_empty_folder_that_others_may_read) {
  fs::create_directory(path("empty"));
  for (const char* folder : {"new", "empty", "slash/"}) {
    EXPECT_EQ(write(folder, {{"main.cpp", "int main;"}, {"README.md", "text"}}).message, "") << folder;
    EXPECT_EQ(get(std::string(folder) + "/main.cpp"), "int main;");
    struct stat status;
    ASSERT_EQ(stat(path(folder).c_str(), &status), 0);
    EXPECT_NE(status.st_mode & S_IXUSR, 0U);
  }
}

TEST_F(Build, refuses_folders_that_it_did_not_write_even_by_force) {
  put("file", "x");
  fs::create_directory(path("other"));
  put("other/mine", "x");
  fs::create_symlink("nowhere", path("dangling"));
  const auto before = listing();
  for (const char* folder : {"file", "other", "dangling", "none/new", "file/new"})
    for (const bool force : {false, true}) {
      EXPECT_EQ(check_folder(path(folder), force).kind, BuildError::Kind::FOLDER);
      EXPECT_NE(write(folder, {{"main.cpp", "1"}}, force).message.find("expected a new or empty folder"),
                std::string::npos)
          << folder;
    }
  EXPECT_TRUE(check_folder("", false).failed());
  EXPECT_EQ(listing(), before);
}

TEST_F(Build, replaces_its_own_project_by_force_without_touching_files_of_others) {
  ASSERT_FALSE(write("net", {{"main.cpp", "old"}, {"gone.bin", "old"}}).failed());
  put("net/mine", "kept");
  EXPECT_NE(write("net", {{"main.cpp", "new"}}).message.find("--force"), std::string::npos);
  EXPECT_EQ(get("net/main.cpp"), "old");
  EXPECT_EQ(write("net", {{"main.cpp", "new"}}, true).message, "");
  EXPECT_EQ(get("net/main.cpp"), "new");
  EXPECT_EQ(get("net/mine"), "kept");
  EXPECT_FALSE(fs::exists(path("net/gone.bin")));
  // And once more: files of others are still not the project's.
  EXPECT_EQ(write("net", {{"main.cpp", "newer"}}, true).message, "");
  EXPECT_EQ(get("net/mine"), "kept");
}

TEST_F(Build, follows_a_link_to_a_folder) {
  fs::create_directory(path("real"));
  fs::create_directory_symlink("real", path("link"));
  EXPECT_EQ(write("link", {{"main.cpp", "1"}}).message, "");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(get("real/main.cpp"), "1");
}

TEST_F(Build, leaves_nothing_after_a_failing_compiler_and_shows_what_it_said) {
  fs::create_directories(path("sdk/bin"));
  put("sdk/bin/zkvm-g++", "#!/bin/sh\necho no luck \"$@\" >&2\nexit 3\n");
  fs::permissions(path("sdk/bin/zkvm-g++"), fs::perms::owner_all);
  const auto before = listing();
  const BuildError e =
      write_project({{"main.cpp", "1"}, {"layers.S", "2"}, {"x.bin", "3"}},
                    {.folder = path("net"), .force = false, .compile = true, .sdk = path("sdk"), .runtime = ""});
  EXPECT_EQ(e.kind, BuildError::Kind::COMPILER);
  EXPECT_NE(e.message.find("ended with 3\nno luck -Wall -I. main.cpp layers.S -o guest.elf"), std::string::npos)
      << e.message;
  EXPECT_EQ(listing(), before);
}

TEST_F(Build, tells_a_missing_compiler_from_one_that_fails) {
  fs::create_directories(path("sdk/bin"));
  put("sdk/bin/zkvm-g++", "#!/bin/sh\necho install something >&2\nexit 127\n");
  fs::permissions(path("sdk/bin/zkvm-g++"), fs::perms::owner_all);
  const BuildError e = write_project(
      {{"main.cpp", "1"}}, {.folder = path("net"), .force = false, .compile = true, .sdk = path("sdk"), .runtime = ""});
  EXPECT_EQ(e.kind, BuildError::Kind::SDK);
  EXPECT_NE(e.message.find("install something"), std::string::npos) << e.message;
  EXPECT_FALSE(fs::exists(path("net")));
}

TEST_F(Build, finds_the_sdk_above_the_executable_or_in_its_sources_or_where_the_environment_says) {
  std::string sdk;
  unsetenv("ZKVM_SDK");
  EXPECT_EQ(find_sdk(path("build/zkvm"), path("guest-sdk"), sdk).kind, BuildError::Kind::SDK);
  fs::create_directories(path("guest-sdk/bin"));
  fs::create_directory(path("build"));
  put("guest-sdk/bin/zkvm-g++", "");
  fs::permissions(path("guest-sdk/bin/zkvm-g++"), fs::perms::owner_all);
  EXPECT_EQ(find_sdk(path("far/away/from/zkvm"), path("guest-sdk"), sdk).message, "");
  EXPECT_EQ(sdk, fs::canonical(path("guest-sdk")).string());
  sdk.clear();
  EXPECT_EQ(find_sdk(path("build/zkvm"), path("none"), sdk).message, "");
  EXPECT_EQ(sdk, fs::canonical(path("guest-sdk")).string());
  setenv("ZKVM_SDK", path("nowhere").c_str(), 1);
  EXPECT_NE(find_sdk(path("build/zkvm"), path("none"), sdk).message.find("ZKVM_SDK"), std::string::npos);
  unsetenv("ZKVM_SDK");
}

}  // namespace
}  // namespace zkvm::compiler
