#!/usr/bin/env python3
"""Runs the command blocks of every README.md, as a reader would type them.

  blocks.py SOURCE BUILD                     all of them; exit code 1 if one fails or says something else
  blocks.py SOURCE --said COMMAND FILE       compares what COMMAND said (FILE) with the console block that shows it

Each README gets a scratch folder that looks like the root of the sources with a build folder in it, so that nothing is
written into either. A `sh` block is run whole; of a `console` block each line after "$ " is a command, and the lines after it
must be said in this order, others in between allowed. Compared are words and numbers; large numbers and sizes may be a quarter
off (memory a factor of two), times and rates anything, and so may digests, which depend on salts and compilers.

A comment on the line above a block says what else it is:
  <!-- illustration: WHY -->   not to be run, for a reason
  <!-- set-up: WHO -->         a command that WHO runs; a test cannot
  <!-- on Debian N -->         for this release only
  <!-- file: NAME -->          not commands but a file, which later blocks use
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LANGUAGES = {"sh", "console", "cpp", "c", "cmake", "text", "json", "python"}
COMMANDS = re.compile(r"    (\$ |build/|cmake |ninja |ctest |zkvm |examples/|guest-sdk/bin/|g\+\+ |gdb|\./|\w+/\w+\.sh)")
TIMEOUT = 300  # seconds a block

HEX = re.compile(r"[0-9a-f]{32,}(?:\.\.\.)?")
TIME = re.compile(r"[\d.,]+ (?:ms|s|min|kHz|MHz|Hz)\b(?: \d+ s)?")
NUMBER = re.compile(r"(?<![\w.,+-])\d[\d,]*(?:\.\d+)?(?![\w,-]|\.\w)(?: (?:B|kB|MB|GB|bits)\b)?")
UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "bits": 1}


class Block:
    def __init__(self, path, line, language, mark, text):
        self.path, self.line, self.language, self.mark, self.text = path, line, language, mark, text

    def where(self):
        return f"{self.path}:{self.line}"

    def steps(self):
        """(command, lines that it says) of a console block."""
        steps, lines = [], self.text.splitlines()
        while lines:
            line = lines.pop(0)
            if not line.startswith("$ "):
                if not steps:
                    raise ValueError(f"{self.where()}: expected a line with '$ ', found '{line}'")
                steps[-1][1].append(line)
                continue
            command = line[2:]
            while command.endswith("\\"):
                command += "\n" + lines.pop(0)
            steps.append((command, []))
        return steps


def parse(source, path, problems):
    """The fenced blocks of a file; what is no clear block is a problem."""
    blocks, fence, before = [], None, ""
    for number, line in enumerate((source / path).read_text().splitlines(), 1):
        if fence is not None:
            if line.startswith("```"):
                blocks.append(fence)
                fence, before = None, ""
            else:
                fence.text += line + "\n"
            continue
        if line.startswith("```"):
            mark = re.fullmatch(r"<!-- (.*) -->", before)
            fence = Block(path, number, line[3:].strip(), mark.group(1) if mark else "", "")
            if fence.language not in LANGUAGES:
                problems.append(f"{fence.where()}: expected a block of one of {', '.join(sorted(LANGUAGES))}, "
                                f"found '{fence.language}'")
            if mark and not re.fullmatch(r"(illustration|set-up|file): .+|on Debian \d+", fence.mark):
                problems.append(f"{fence.where()}: expected a mark that {sys.argv[0]} knows, found '{fence.mark}'")
        elif COMMANDS.match(line):
            problems.append(f"{path}:{number}: expected commands in a fenced block, found them indented: {line.strip()}")
        before = line
    if fence is not None:
        problems.append(f"{fence.where()}: the block has no end")
    return blocks


def value(text):
    number, _, unit = text.replace(",", "").partition(" ")
    return float(number) * UNITS.get(unit, 1)


def similar(expected, found):
    """Whether a line says what was expected."""
    def shape(line):
        numbers = []
        line = HEX.sub("<digest>", line)
        line = TIME.sub("<time>", line)

        def keep(match):
            numbers.append(match.group())
            return "<number>"
        line = NUMBER.sub(keep, line)
        return line.split(), numbers

    expected_words, expected_numbers = shape(expected)
    found_words, found_numbers = shape(found)
    if expected_words != found_words or len(expected_numbers) != len(found_numbers):
        return False
    factor = 2 if "memory" in expected else 1.25
    for a, b in zip(expected_numbers, found_numbers):
        if a == b:
            continue
        x, y = value(a), value(b)
        if (" " not in a and x < 1000) or not x / factor <= y <= x * factor:
            return False
    return True


def missing(expected, said):
    """The first expected line that was not said in its place, or None."""
    said = iter(said)
    for line in expected:
        if not any(similar(line, found) for found in said):
            return line
    return None


def run(command, folder):
    return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", command], cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT, text=True, errors="replace")


def try_block(block, folder):
    """None, or what went wrong."""
    steps = block.steps() if block.language == "console" else [(block.text, [])]
    for command, expected in steps:
        try:
            result = run(command, folder)
        except subprocess.TimeoutExpired:
            return f"{command}\ndid not end within {TIMEOUT} s"
        if result.returncode != 0:
            return f"{command}\nended with exit code {result.returncode} and said:\n{result.stdout}"
        line = missing(expected, result.stdout.splitlines())
        if line is not None:
            return f"{command}\nexpected in its place: {line}\nfound:\n{result.stdout}"
    return None


def debian():
    release = re.search(r'^VERSION_ID="?(\d+)', pathlib.Path("/etc/os-release").read_text(), re.M)
    return release.group(1) if release else "13"


def readmes(source):
    found = []
    for folder, folders, files in os.walk(source):
        folders[:] = [f for f in folders if not f.startswith(".") and not (f == "build" and folder == str(source))]
        if "README.md" in files:
            found.append((pathlib.Path(folder) / "README.md").relative_to(source))
    return sorted(found, key=lambda p: (len(p.parts), p))


def run_all(source, build):
    problems, count = [], 0
    for path in readmes(source):
        blocks = parse(source, path, problems)
        if not any(b.language in ("sh", "console") for b in blocks):
            continue
        with tempfile.TemporaryDirectory(prefix="zkvm-readme-") as folder:
            folder = pathlib.Path(folder)
            for entry in source.iterdir():
                if entry.name not in ("build", ".git"):
                    (folder / entry.name).symlink_to(entry)
            (folder / "build").symlink_to(build)
            for block in blocks:
                kind, _, rest = block.mark.partition(": ")
                if kind == "file":
                    (folder / rest).write_text(block.text)
                    continue
                if block.language not in ("sh", "console") or kind in ("illustration", "set-up"):
                    continue
                if kind.startswith("on Debian") and kind.split()[-1] != debian():
                    continue
                count += 1
                problem = try_block(block, folder)
                print(f"{'FAILED' if problem else 'ok'} - {block.where()}", flush=True)
                if problem:
                    problems.append(f"{block.where()}: {problem}")
    for problem in problems:
        print("\n" + problem, file=sys.stderr)
    if count == 0:
        print("expected command blocks, found none", file=sys.stderr)
    return 1 if problems or count == 0 else 0


def compare_said(source, command, log):
    said = pathlib.Path(log).read_text(errors="replace").splitlines()
    for path in readmes(source):
        for block in parse(source, path, []):
            for shown, expected in block.steps() if block.language == "console" else []:
                if shown != command:
                    continue
                line = missing(expected, said)
                if line is not None:
                    print(f"{block.where()}: of {command} expected in its place: {line}\nfound in {log}:\n" +
                          "\n".join(said), file=sys.stderr)
                return 0 if line is None else 1
    print(f"expected a console block with the command '{command}' in a README.md, found none", file=sys.stderr)
    return 1


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1]).resolve()
    if sys.argv[2] == "--said":
        sys.exit(compare_said(root, sys.argv[3], sys.argv[4]))
    sys.exit(run_all(root, pathlib.Path(sys.argv[2]).resolve()))
