// The zkvm command: reads the command line; the commands themselves are in commands.hpp.
#ifdef ZKVM_FAULTS
#error "ZKVM_FAULTS is for tests: this machine would be one that can lie"
#endif
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <nlohmann/json.hpp>
#include <system_error>

#include "vm/cli/commands.hpp"
#include "vm/cli/format.hpp"
#include "vm/cli/json.hpp"
#include "vm/cli/memory.hpp"

namespace zkvm::vm::cli {
namespace {

std::string exit_code_table() {
  std::string out = "Exit codes (the tens digit is the class):\n";
  for (const StatusInfo& info : all_statuses()) {
    char line[128];
    std::snprintf(line, sizeof line, "  %2u  %s\n", static_cast<unsigned>(info.status), info.meaning);
    out += line;
  }
  return out;
}

constexpr const char* EXAMPLES =
    "Examples:\n"
    "  zkvm run guest.elf --input photo.bin                     run, without a proof\n"
    "  zkvm run guest.elf --input photo.bin --prove -o r.zkvm   run and prove\n"
    "  zkvm verify r.zkvm --elf guest.elf                       check, with the program at hand\n"
    "  zkvm verify r.zkvm --image-id $(zkvm image-id guest.elf) --journal result.bin\n"
    "  zkvm compile model.tflite -o net                         a trained network to a guest, net/guest.elf\n"
    "  zkvm run guest.elf --profile stacks.txt                  where the cycles go (flamegraph.pl, speedscope)\n";

/// Security levels: a NaN would compare as neither above nor below, so only plain positive numbers pass.
CLI::Validator positive_bits() {
  return CLI::Validator(
      [](std::string& text) {
        double bits = 0;
        if (CLI::detail::lexical_cast(text, bits) && std::isfinite(bits) && bits > 0 && bits <= 1000)
          return std::string();
        return "expected bits of security, more than 0 and at most 1000, found '" + text + "'";
      },
      "");
}

/// Digits only: the library's own conversion takes -1 for the largest number.
CLI::Validator count_up_to(uint64_t max) {
  return CLI::Validator(
      [max](std::string& text) {
        uint64_t n = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
        if (error == std::errc() && end == text.data() + text.size() && n >= 1 && n <= max) return std::string();
        return "expected a number from 1 to " + std::to_string(max) + ", found '" + text + "'";
      },
      "");
}

CLI::Validator not_empty() {
  return CLI::Validator(
      [](std::string& text) { return text.empty() ? std::string("expected a file name, found an empty one") : ""; },
      "");
}

/// What run and verify take for models; --salt and how images are read only with `files`.
void add_borders(CLI::App* c, BorderOptions& o, CLI::Option* files, const char* salt_help) {
  c->add_option("--labels", o.labels, "Names of a model's classes, one a line: shows the top five of its output")
      ->type_name("FILE")
      ->check(not_empty());
  c->add_option("--salt", o.salt, salt_help)->type_name("HEX")->needs(files)->check(not_empty());
  c->add_flag("--resize", o.resize, "Scale images to the model's size, bilinearly")->needs(files);
  const auto numbers = [&](const char* option, std::vector<float>& list, bool positive, const char* help) {
    c->add_option_function<std::string>(
         option,
         [option, &list, positive](const std::string& text) {
           const auto values = parse_numbers(text);
           if (!values || (positive && std::any_of(values->begin(), values->end(), [](float v) { return !(v > 0); })))
             throw CLI::ValidationError(option, std::string("expected numbers") + (positive ? " above 0" : "") +
                                                    " with commas between them, found '" + text + "'");
           list = *values;
         },
         help)
        ->type_name("LIST")
        ->needs(files);
  };
  numbers("--mean", o.mean, false,
          "Of images: the model's real number is (pixel / 255 - mean) / std; one, or one for each channel. Without "
          "both, models that take [0, 1], [-1, 1] or [0, 255] are recognised");
  numbers("--std", o.deviation, true, "See --mean");
}

void add_run(CLI::App& app, RunOptions& o, std::function<Status()>& command) {
  CLI::App* c = app.add_subcommand("run", "Run a guest; with --prove, prove the run and write a receipt");
  c->add_option("guest", o.elf, "RV32IM executable")->required()->type_name("ELF")->check(not_empty());
  CLI::Option* input =
      c->add_option(
           "--input,-i", o.inputs,
           "What the guest reads; a receipt does not contain it, but is no guarantee that it stays hidden. For "
           "a model from zkvm compile raw bytes, a .npy array, a PNG or a JPEG image, once for each input")
          ->type_name("FILE")
          ->allow_extra_args(false)
          ->check(not_empty());
  add_borders(c, o.borders, input,
              "The salt of a model's hidden data, 64 hexadecimal digits; without it one is drawn and shown");
  CLI::Option* prove = c->add_flag("--prove", o.prove, "Prove the run, check the receipt and write it");
  c->add_option("--output,-o", o.receipt, "The receipt; default: the guest's name with .receipt, in this folder")
      ->type_name("FILE")
      ->needs(prove)
      ->check(not_empty());
  c->add_option("--journal", o.journal, "Write the journal, what the guest made public")
      ->type_name("FILE")
      ->check(not_empty());
  CLI::Option* profile =
      c->add_option("--profile", o.profile, "Write cost per call stack, as collapsed stacks for flame graph viewers")
          ->type_name("FILE")
          ->excludes(prove)
          ->check(not_empty());
  c->add_option_function<std::string>(
       "--profile-unit", [&o](const std::string& unit) { o.profile_cells = unit == "cells"; },
       "What the profile counts: cycles, or the committed cells that they and their precompile calls cost")
      ->needs(profile)
      ->check(CLI::IsMember({"cycles", "cells"}))
      ->default_str("cycles");
  c->add_flag("--stats", o.stats,
              "More figures at the end: cost by function, layer and precompile; with --prove, by chip");
  c->add_flag("--json", o.json, "One JSON object on stdout; the guest's stdout goes to stderr");
  c->add_option_function<std::string>(
       "--memory",
       [&o](const std::string& text) {
         const auto bytes = parse_size(text);
         if (!bytes) throw CLI::ValidationError("--memory", "expected a size such as 8G or 512M, found '" + text + "'");
         o.memory_bytes = *bytes;
       },
       "Memory to prove with; longer runs are proved in shards")
      ->type_name("SIZE")
      ->default_str("three quarters of what the machine or its control group has");
  c->add_option("--threads", o.threads, "Threads to prove with; default: all cores")
      ->type_name("N")
      ->check(count_up_to(1024));
  c->add_option("--security", o.security_bits, "Provable security of the receipt, in bits")
      ->type_name("BITS")
      ->check(positive_bits())
      ->capture_default_str();
  c->add_option("--max-cycles", o.max_cycles, "Give up after this many instructions")
      ->type_name("N")
      ->check(count_up_to(UINT64_MAX));
  c->footer(
      "\nThe exit code is 0 if the guest halted with exit code 0, 10 if with another one (a receipt is written all the "
      "same).");
  c->callback([&] { command = [&o] { return run(o); }; });
}

void add_verify(CLI::App& app, VerifyOptions& o, std::function<Status()>& command) {
  CLI::App* c = app.add_subcommand("verify", "Check that a receipt proves a run of a program");
  c->add_option("receipt", o.receipt, "Receipt")->required()->type_name("FILE")->check(not_empty());
  auto* program = c->add_option_group("program", "The program that the receipt must be for");
  program->add_option("--image-id", o.image_id, "Its image ID")->type_name("HEX");
  CLI::Option* elf =
      program
          ->add_option("--elf", o.elf,
                       "The program itself; if it runs a model, the journal is shown as its file describes it")
          ->type_name("FILE")
          ->check(not_empty());
  program->require_option(1);
  CLI::Option* opened =
      c->add_option(
           "--open", o.opened,
           "Check that the receipt is about this input of the model: raw bytes, a .npy array, a PNG or a JPEG image, "
           "once for each input")
          ->type_name("FILE")
          ->allow_extra_args(false)
          ->needs(elf)
          ->check(not_empty());
  add_borders(c, o.borders, opened,
              "The salt that hides the input, 64 hexadecimal digits; whoever ran the guest has it");
  c->get_option("--labels")->needs(elf);
  c->add_option("--min-security", o.min_security_bits, "Refuse receipts below this provable security")
      ->type_name("BITS")
      ->check(positive_bits())
      ->capture_default_str();
  c->add_option("--journal", o.journal, "Write the verified journal")->type_name("FILE")->check(not_empty());
  c->add_flag("--json", o.json, "One JSON object on stdout");
  c->footer("\nThe exit code is 0 if the receipt is valid, whatever the guest's own exit code: look at it too.");
  c->callback([&] { command = [&o] { return verify(o); }; });
}

void add_compile(CLI::App& app, CompileOptions& o, std::function<Status()>& command) {
  CLI::App* c = app.add_subcommand("compile", "Turn a trained network into a guest project and build it");
  c->add_option("model", o.model, "TensorFlow Lite or ONNX model, quantised to 8 bits")
      ->required()
      ->type_name("FILE")
      ->check(not_empty());
  c->add_option("--output,-o", o.folder, "The project's folder: a new or an empty one; gets guest.elf, too")
      ->required()
      ->type_name("DIR")
      ->check(not_empty());
  c->add_option_function<std::string>(
       "--public",
       [&o](const std::string& list) {
         const auto disclosed = parse_disclosure(list);
         if (!disclosed)
           throw CLI::ValidationError("--public",
                                      "expected input, output, both with a comma, or none, found '" + list + "'");
         o.public_input = disclosed->first;
         o.public_output = disclosed->second;
       },
       "What the journal shows: a list of input and output. Of the input it has the digest; of what is not public a "
       "commitment with the 32 bytes of salt that end the private input")
      ->type_name("LIST")
      ->default_str("output");
  c->add_flag("--force", o.force, "Replace a project that zkvm compile wrote; other files in its folder stay");
  c->add_flag("--no-build", o.no_build, "Write the project only; needs no cross compiler");
  c->add_flag("--json", o.json, "One JSON object on stdout");
  c->footer(
      "\nThe cross compiler is that of the guest SDK, found beside or above this command, or in the folder that the "
      "environment variable ZKVM_SDK names.");
  c->callback([&] { command = [&o] { return compile(o); }; });
}

/// A command that takes one file.
CLI::App* add_simple(CLI::App& app, const char* name, const char* help, const char* what, const char* file_help,
                     std::string& path) {
  CLI::App* c = app.add_subcommand(name, help);
  c->add_option(what, path, file_help)->required()->type_name("FILE")->check(not_empty());
  return c;
}

int fail(Status status, const std::string& message, bool json) {
  std::fprintf(stderr, "zkvm: %s: %s\n", class_name(status), message.c_str());
  if (json) {
    nlohmann::ordered_json object;
    object["error"] = {{"class", class_name(status)}, {"status", static_cast<int>(status)}, {"message", message}};
    try {
      print_json(object);
    } catch (const std::exception&) {
      // stdout is gone; the message is on stderr and the status says the rest.
    }
  }
  return static_cast<int>(status);
}

/// What to say of a first word that is no command; empty if it is one, or if there is none.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  std::string known;
  for (const CLI::App* c : app.get_subcommands([](const CLI::App*) { return true; })) {
    known += (known.empty() ? "" : ", ") + c->get_name();
    if (argc > 1 && c->get_name() == argv[1]) return {};
  }
  if (argc < 2 || argv[1][0] == '-') return {};
  return "expected a command (" + known + "), found '" + argv[1] + "'";
}

int main_with(int argc, char** argv) {
  CLI::App app("zkvm: prove what a RISC-V program computed, and check such proofs", "zkvm");
  app.set_version_flag("--version", "zkvm " ZKVM_VERSION " (receipt format " + std::to_string(RECEIPT_VERSION) + ")");
  app.require_subcommand(1);
  app.footer("\n" + std::string(EXAMPLES) + "\n" + exit_code_table());

  RunOptions run_options;
  VerifyOptions verify_options;
  CompileOptions compile_options;
  std::string path;
  bool json = false;
  std::function<Status()> command;
  add_run(app, run_options, command);
  add_verify(app, verify_options, command);
  add_compile(app, compile_options, command);
  CLI::App* modelling = add_simple(app, "model", "Show a network's layers and what proving it will cost", "model",
                                   "TensorFlow Lite or ONNX model, quantised to 8 bits", path);
  modelling->add_flag("--json", json, "One JSON object on stdout");
  modelling->callback([&] { command = [&] { return model(path, json); }; });
  add_simple(app, "image-id", "Print a program's image ID", "guest", "RV32IM executable", path)->callback([&] {
    command = [&] { return image_id(path); };
  });
  CLI::App* inspecting =
      add_simple(app, "inspect", "Show what a receipt states, unverified", "receipt", "Receipt", path);
  inspecting->add_flag("--json", json, "One JSON object on stdout");
  inspecting->callback([&] { command = [&] { return inspect(path, json); }; });
  add_simple(app, "disasm", "Disassemble a program, with symbols", "guest", "RV32IM executable", path)->callback([&] {
    command = [&] { return disasm(path); };
  });
  CLI::App* securing = app.add_subcommand("security", "Show the security bound, round by round");
  securing->add_option("receipt", path, "Of this receipt; without it, of proofs in general")->type_name("FILE");
  securing->callback([&] { command = [&] { return security(path); }; });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    // The options have not been read to their end, so whether an object is wanted must be looked for.
    const bool wants_json =
        std::any_of(argv + 1, argv + argc, [](const char* a) { return std::string_view(a) == "--json"; });
    const std::string unknown = unknown_command(app, argc, argv);
    const std::string message = unknown.empty() ? e.what() : unknown;
    if (!wants_json) {
      std::fprintf(stderr, "%s\nRun with --help for more information.\n", message.c_str());
      return static_cast<int>(Status::USAGE);
    }
    return fail(Status::USAGE, message, true);
  }
  json = json || run_options.json || verify_options.json || compile_options.json;
  try {
    return static_cast<int>(command());
  } catch (const Failure& e) {
    return fail(e.status(), e.what(), json);
  } catch (const std::bad_alloc&) {
    std::string message = "no memory left";
    if (const uint64_t limit = address_space_limit(); limit != UINT64_MAX)
      message += " in the " + format_bytes(limit) + " of address space that ulimit -v allows";
    if (run_options.prove) message += "; --memory sets how much proving may take";
    return fail(Status::INTERNAL, message, json);
  } catch (const std::exception& e) {
    return fail(Status::INTERNAL, e.what(), json);
  }
}

}  // namespace
}  // namespace zkvm::vm::cli

/// Idle OpenMP threads sleep instead of spinning. libgomp reads its settings before main, so the command starts itself
/// once more. On a machine that does other work too, a spinning thread takes the core from the one that it waits for: a
/// proof of 17,507 cycles beside a compilation took 1.33 s spinning and 0.12 s sleeping; on an idle machine the two do
/// not differ.
void let_idle_threads_sleep(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  if (setenv("OMP_WAIT_POLICY", "passive", 1) != 0) return;
  execv("/proc/self/exe", argv);
  // Not possible here: slower at worst.
}

int main(int argc, char** argv) {
  let_idle_threads_sleep(argv);
  // A reader that went away must not end a proof: writes report it instead.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows too large is an error like a full disk, not the end
  return zkvm::vm::cli::main_with(argc, argv);
}
