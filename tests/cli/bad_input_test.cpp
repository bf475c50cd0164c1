// Bad input: a message that says what was expected and what was found, an exit code of its own, nothing left behind.
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"
#include "tests/support/small_guests.hpp"
#include "vm/cli/status.hpp"

namespace zkvm::tests {
namespace {

using vm::cli::Status;
using Bytes = std::vector<uint8_t>;

/// Every message of these has both words, stands on stderr alone, and mentions the file.
void expect_refused(const Outcome& outcome, Status status, const std::string& about) {
  EXPECT_EQ(outcome.status, static_cast<int>(status)) << about << "\n" << outcome.err;
  EXPECT_EQ(outcome.out, "") << about;
  EXPECT_NE(outcome.err.find("expected"), std::string::npos) << about << "\n" << outcome.err;
  EXPECT_NE(outcome.err.find("found"), std::string::npos) << about << "\n" << outcome.err;
  EXPECT_NE(outcome.err.find(about), std::string::npos) << about << "\n" << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("zkvm: ")) << outcome.err;
}

Bytes with_header(const std::function<void(Elf32_Ehdr&)>& change) {
  Bytes file = counting_guest().build();
  Elf32_Ehdr header;
  std::memcpy(&header, file.data(), sizeof header);
  change(header);
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

Bytes with_segment(const std::function<void(Elf32_Phdr&)>& change) {
  Bytes file = counting_guest().build();
  Elf32_Phdr segment;
  uint8_t* at = file.data() + vm::ElfBuilder::HEADER_BYTES + sizeof segment;  // the data segment
  std::memcpy(&segment, at, sizeof segment);
  change(segment);
  std::memcpy(at, &segment, sizeof segment);
  return file;
}

struct BadElf {
  const char* name;
  Bytes file;
  Status status;
};

std::vector<BadElf> bad_elfs() {
  const Bytes good = counting_guest().build();
  Bytes other_magic = good;
  other_magic[0] = 0;
  vm::ElfBuilder huge = counting_guest();
  huge.loads.back().mem_size = vm::MAX_IMAGE_BYTES + 4096;
  huge.loads.push_back({.addr = 0x1000'0000, .bytes = {1}});  // so that the zeros before it are image
  vm::ElfBuilder compressed = counting_guest();
  compressed.flags = EF_RISCV_RVC;
  vm::ElfBuilder::append(compressed.loads.front().bytes, 0x05050505);  // c.addi a0, 1; c.addi a0, 1
  return {
      {"empty.elf", {}, Status::ELF_MALFORMED},
      {"text.elf", {'#', '!', '/', 'b', 'i', 'n', '/', 's', 'h', '\n'}, Status::ELF_MALFORMED},
      {"magic.elf", other_magic, Status::ELF_MALFORMED},
      {"header.elf", Bytes(good.begin(), good.begin() + 40), Status::ELF_TRUNCATED},
      {"segments.elf", Bytes(good.begin(), good.begin() + 60), Status::ELF_TRUNCATED},
      {"contents.elf", Bytes(good.begin(), good.begin() + 4100), Status::ELF_TRUNCATED},
      {"64bit.elf", with_header([](Elf32_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS64; }), Status::ELF_CLASS},
      {"big.elf", with_header([](Elf32_Ehdr& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }), Status::ELF_ENDIANNESS},
      {"arm.elf", with_header([](Elf32_Ehdr& h) { h.e_machine = EM_ARM; }), Status::ELF_UNSUPPORTED},
      {"object.elf", with_header([](Elf32_Ehdr& h) { h.e_type = ET_REL; }), Status::ELF_UNSUPPORTED},
      {"pie.elf", with_header([](Elf32_Ehdr& h) { h.e_type = ET_DYN; }), Status::ELF_UNSUPPORTED},
      {"rvc.elf", compressed.build(), Status::ELF_UNSUPPORTED},
      {"float.elf", with_header([](Elf32_Ehdr& h) { h.e_flags = EF_RISCV_FLOAT_ABI_DOUBLE; }), Status::ELF_UNSUPPORTED},
      {"dynamic.elf", with_segment([](Elf32_Phdr& s) { s.p_type = PT_DYNAMIC; }), Status::ELF_DYNAMIC},
      {"interpreter.elf", with_segment([](Elf32_Phdr& s) { s.p_type = PT_INTERP; }), Status::ELF_DYNAMIC},
      {"low.elf", with_segment([](Elf32_Phdr& s) { s.p_vaddr = 0x1000; }), Status::ELF_LAYOUT},
      {"high.elf", with_segment([](Elf32_Phdr& s) { s.p_vaddr = 0x8000'0000; }), Status::ELF_LAYOUT},
      {"wrap.elf", with_segment([](Elf32_Phdr& s) { s.p_vaddr = 0xffff'ffff; }), Status::ELF_LAYOUT},
      {"overlap.elf", with_segment([](Elf32_Phdr& s) { s.p_vaddr = CODE; }), Status::ELF_LAYOUT},
      {"huge.elf", huge.build(), Status::ELF_TOO_LARGE},
      {"contradiction.elf", with_segment([](Elf32_Phdr& s) { s.p_memsz = 1; }), Status::ELF_MALFORMED},
      {"entry.elf", with_header([](Elf32_Ehdr& h) { h.e_entry = 0x0900'0000; }), Status::ELF_MALFORMED},
  };
}

TEST(BadElf, every_command_that_takes_one_refuses_it_alike) {
  const Workplace w;
  const std::vector<BadElf> files = bad_elfs();
  for (const BadElf& bad : files) w.put(bad.name, bad.file);
  const auto before = w.listing();
  for (const BadElf& bad : files) {
    const std::string name = bad.name;
    for (const std::string& command : {"run " + name, "run --prove " + name + " -o out.receipt --journal out.journal",
                                       "run --profile out.txt " + name, "image-id " + name, "disasm " + name})
      expect_refused(w.zkvm(command), bad.status, name);
  }
  EXPECT_EQ(w.listing(), before);
}

TEST(BadElf, json_errors_are_one_object_too) {
  const Workplace w;
  w.put("64bit.elf", with_header([](Elf32_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS64; }));
  const Outcome outcome = w.zkvm("run --json 64bit.elf");
  EXPECT_EQ(outcome.status, static_cast<int>(Status::ELF_CLASS));
  const auto object = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(object["error"]["status"], static_cast<int>(Status::ELF_CLASS));
  EXPECT_EQ(object["error"]["class"], "bad input");
  EXPECT_NE(object["error"]["message"].get<std::string>().find("64-bit"), std::string::npos);
}

TEST(BadElf, the_loader_of_verify_refuses_it_too) {
  const Workplace w;
  w.put("64bit.elf", with_header([](Elf32_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS64; }));
  w.put("receipt", "");
  expect_refused(w.zkvm("verify receipt --elf 64bit.elf"), Status::ELF_CLASS, "64bit.elf");
}

TEST(BadFiles, missing_files_and_folders_are_named) {
  const Workplace w;
  w.put("guest.elf", counting_guest().build());
  ASSERT_EQ(mkdir(w.path("folder").c_str(), 0700), 0);
  const auto before = w.listing();
  const std::string id(64, '0');
  const std::map<std::string, std::string> commands = {
      {"run none.elf", "none.elf"},
      {"run folder", "folder"},
      {"run guest.elf --input none.bin", "none.bin"},
      {"run guest.elf --input folder", "folder"},
      {"run --prove guest.elf --input none.bin", "none.bin"},
      {"image-id none.elf", "none.elf"},
      {"image-id folder", "folder"},
      {"disasm none.elf", "none.elf"},
      {"inspect none.receipt", "none.receipt"},
      {"inspect folder", "folder"},
      {"security none.receipt", "none.receipt"},
      {"verify none.receipt --image-id " + id, "none.receipt"},
      {"verify folder --image-id " + id, "folder"},
      {"verify guest.elf --elf none.elf", "none.elf"},
  };
  for (const auto& [command, about] : commands) expect_refused(w.zkvm(command), Status::FILE, about);
  EXPECT_EQ(w.listing(), before);
}

TEST(BadFiles, unwritable_outputs_are_found_before_the_guest_runs) {
  const Workplace w;
  w.put("guest.elf", counting_guest().build());
  ASSERT_EQ(mkdir(w.path("folder").c_str(), 0700), 0);
  const auto before = w.listing();
  for (const char* output : {"folder", "none/out", "guest.elf/out"}) {
    for (const char* option : {"--prove -o ", "--journal ", "--profile "}) {
      const Outcome outcome = w.zkvm("run guest.elf " + std::string(option) + output);
      expect_refused(outcome, Status::FILE, output);
      EXPECT_EQ(outcome.out.find("hello"), std::string::npos);
    }
  }
  EXPECT_EQ(w.listing(), before);
}

TEST(BadFiles, outputs_never_replace_inputs) {
  const Workplace w;
  const Bytes guest = counting_guest().build();
  w.put("guest.elf", guest);
  w.put("input", COUNTING_INPUT);
  for (const char* arguments : {"--prove -o guest.elf", "--journal ./guest.elf", "--profile guest.elf",
                                "--input input --journal input", "--prove -o out --journal out"})
    expect_refused(w.zkvm("run guest.elf " + std::string(arguments)), Status::USAGE, "expected different files");
  EXPECT_EQ(w.get("guest.elf"), guest);
  EXPECT_EQ(w.listing(), (std::vector<std::string>{"guest.elf", "input"}));
}

TEST(BadFiles, a_full_disk_is_an_error_and_a_closed_pipe_is_none) {
  const Workplace w;
  w.put("guest.elf", counting_guest().build());
  const Outcome full = w.shell("\"$ZKVM\" disasm guest.elf >/dev/full");
  EXPECT_EQ(full.status, static_cast<int>(Status::FILE)) << full.err;
  vm::ElfBuilder large = guest_of(std::vector<uint32_t>(100'000, addi(0, 0, 0)));
  large.loads.pop_back();
  w.put("large.elf", large.build());
  const Outcome piped = w.shell("{ \"$ZKVM\" disasm large.elf; echo status $? >&2; } | head -n 2");
  EXPECT_EQ(std::count(piped.out.begin(), piped.out.end(), '\n'), 2);
  EXPECT_EQ(piped.err, "status 0\n");
}

TEST(BadRequests, too_little_memory_too_much_security_and_too_large_inputs_are_refused) {
  const Workplace w;
  w.put("guest.elf", counting_guest().build());
  const auto before = w.listing();
  for (const char* arguments : {"--memory 1M", "--security 900"}) {
    const Outcome outcome = w.zkvm("run --prove guest.elf -o out.receipt " + std::string(arguments));
    EXPECT_EQ(outcome.status, static_cast<int>(Status::REQUEST)) << arguments << outcome.err;
    EXPECT_NE(outcome.err.find("expected"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("found"), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(w.listing(), before);
  // A sparse file: 1 GiB of input takes no room on the disk.
  ASSERT_EQ(truncate((w.put("large", ""), w.path("large")).c_str(), off_t{1} << 30), 0);
  expect_refused(w.zkvm("run guest.elf --input large"), Status::FILE, "large");
}

}  // namespace
}  // namespace zkvm::tests
