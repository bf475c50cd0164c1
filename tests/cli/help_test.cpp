#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/cli/command.hpp"
#include "vm/cli/status.hpp"

namespace zkvm::tests {
namespace {

using vm::cli::Status;

TEST(Help, every_command_has_one) {
  const Workplace w;
  EXPECT_EQ(w.zkvm("--help").status, 0);
  for (const char* command : {"run", "verify", "image-id", "inspect", "disasm", "security"}) {
    EXPECT_NE(w.zkvm("--help").out.find(std::string("\n  ") + command), std::string::npos) << command;
    const Outcome help = w.zkvm(std::string(command) + " --help");
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_NE(help.out.find("Usage: zkvm " + std::string(command)), std::string::npos) << help.out;
    EXPECT_EQ(help.err, "");
  }
}

TEST(Help, names_every_option) {
  const Workplace w;
  const std::string run = w.zkvm("run --help").out, verify = w.zkvm("verify --help").out;
  for (const char* option :
       {"--input", "--prove", "--output", "-o", "--journal", "--profile", "--stats", "--json", "--memory", "--threads",
        "--security", "--max-cycles", "--resize", "--mean", "--std", "--salt", "--labels"})
    EXPECT_NE(run.find(option), std::string::npos) << option;
  for (const char* option :
       {"--image-id", "--elf", "--min-security", "--journal", "--open", "--salt", "--labels", "--resize"})
    EXPECT_NE(verify.find(option), std::string::npos) << option;
}

/// Every exit code stands in --help and in vm/README.md, with its meaning.
TEST(Help, exit_codes_are_documented) {
  const Workplace w;
  const std::string help = w.zkvm("--help").out;
  std::ifstream file(ZKVM_SOURCE "/vm/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  for (const vm::cli::StatusInfo& info : vm::cli::all_statuses()) {
    std::string number = std::to_string(static_cast<int>(info.status));
    EXPECT_NE(readme.find(std::string("| ").append(number).append(" | ") + info.meaning + " |"), std::string::npos)
        << number << info.meaning;
    if (number.size() == 1) number.insert(0, 1, ' ');
    EXPECT_NE(help.find(std::string("  ").append(number).append("  ") + info.meaning + "\n"), std::string::npos)
        << number << info.meaning;
  }
}

TEST(Help, version_is_one_line) {
  const Outcome version = Workplace().zkvm("--version");
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.out.starts_with("zkvm ")) << version.out;
  EXPECT_NE(version.out.find("receipt format 3"), std::string::npos) << version.out;
  EXPECT_EQ(std::count(version.out.begin(), version.out.end(), '\n'), 1);
}

TEST(Usage, wrong_command_lines_have_their_own_exit_code) {
  const Workplace w;
  const std::string id(64, '0');
  for (const std::string& arguments :
       std::vector<std::string>{"",
                                "frobnicate",
                                "run",
                                "run guest.elf --frobnicate",
                                "run guest.elf extra.elf",
                                "run ''",
                                "run guest.elf --memory",
                                "run guest.elf --memory 8X",
                                "run guest.elf --memory -1G",
                                "run guest.elf --threads 0",
                                "run guest.elf --threads many",
                                "run guest.elf --max-cycles 0",
                                "run guest.elf --max-cycles -1",
                                "run guest.elf --prove --security nan",
                                "run guest.elf --prove --security inf",
                                "run guest.elf --prove --security 0",
                                "run guest.elf --prove --security -128",
                                "run guest.elf -o receipt",
                                "run guest.elf --prove --profile stacks",
                                "verify",
                                "verify receipt",
                                "verify receipt --image-id " + id + " --elf guest.elf",
                                "verify receipt --image-id 12ab",
                                "verify receipt --image-id " + std::string(64, 'g'),
                                "verify receipt --image-id " + id + "0",
                                "verify receipt --image-id " + id + " --min-security nan",
                                "image-id",
                                "inspect",
                                "disasm"}) {
    const Outcome outcome = w.zkvm(arguments);
    EXPECT_EQ(outcome.status, static_cast<int>(Status::USAGE)) << arguments << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, "") << arguments;
    EXPECT_NE(outcome.err, "") << arguments;
  }
  EXPECT_TRUE(w.listing().empty());
}

}  // namespace
}  // namespace zkvm::tests
