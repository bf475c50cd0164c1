#!/usr/bin/env python3
"""Claims about blocks.py: what it runs, what it compares, what it refuses."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import blocks


class Lines(unittest.TestCase):
    def test_large_numbers_may_be_a_quarter_off(self):
        self.assertTrue(blocks.similar("after 17,507 cycles", "after 18,900 cycles"))
        self.assertFalse(blocks.similar("after 17,507 cycles", "after 27,507 cycles"))
        self.assertTrue(blocks.similar("receipt a.receipt, 1.32 MB", "receipt  a.receipt, 1.40 MB"))
        self.assertFalse(blocks.similar("receipt a.receipt, 1.32 MB", "receipt a.receipt, 4.40 MB"))
        self.assertFalse(blocks.similar("1.32 MB", "1.32 GB"))
        self.assertTrue(blocks.similar("peak memory 207 MB", "peak memory 390 MB"))

    def test_words_and_small_numbers_are_exact(self):
        for a, b in (("exit code 0", "exit code 1"), ("journal 1 byte: 03", "journal 1 byte: 04"), ("on 0.9961", "on 0.9922"),
                     ("d0808194d081b9838c81", "d0808194d081b9838c82"), ("verified: yes", "verified: no")):
            self.assertTrue(blocks.similar(a, a))
            self.assertFalse(blocks.similar(a, b), a)

    def test_times_and_digests_are_free(self):
        self.assertTrue(blocks.similar("proved in 395 ms, 44.3 kHz", "proved in 1.20 s, 3.10 kHz"))
        self.assertTrue(blocks.similar("salt " + "ab" * 32, "salt " + "cd" * 32))

    def test_order_counts_and_lines_between_do_not(self):
        self.assertIsNone(blocks.missing(["a", "c"], ["a", "b", "c"]))
        self.assertEqual(blocks.missing(["c", "a"], ["a", "b", "c"]), "a")


class Files(unittest.TestCase):
    def outcome(self, text):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "build").mkdir()
            (pathlib.Path(folder) / "README.md").write_text(text)
            result = subprocess.run([sys.executable, blocks.__file__, folder, folder + "/build"], capture_output=True, text=True)
            return result.returncode, result.stdout + result.stderr

    def test_what_works_passes(self):
        self.assertEqual(self.outcome("<!-- file: a.txt -->\n```text\nhi\n```\n```console\n$ cat a.txt\nhi\n```\n")[0], 0)

    def test_failures_and_other_words_are_found(self):
        good = "```sh\ntrue\n```\n"
        self.assertEqual(self.outcome(good)[0], 0)
        for bad in ("```sh\nfalse\ntrue\n```\n", "```console\n$ echo hi\nho\n```\n", "```sh\nfalse | true\n```\n",
                    "    build/zkvm run guest.elf\n", "```\ntrue\n```\n", "```bash\ntrue\n```\n",
                    "<!-- illustration: -->\n```sh\nfalse\n```\n", "<!-- skip -->\n```sh\nfalse\n```\n", "```sh\ntrue\n"):
            code, said = self.outcome(good + "\n" + bad)
            self.assertEqual(code, 1, bad)
            self.assertIn("README.md:", said, bad)

    def test_marked_blocks_are_not_run(self):
        good = "```sh\ntrue\n```\n"
        for mark in ("illustration: a reason", "set-up: somebody", "on Debian 1"):
            self.assertEqual(self.outcome(f"{good}<!-- {mark} -->\n```sh\nfalse\n```\n")[0], 0)

    def test_nothing_to_run_is_a_failure(self):
        self.assertEqual(self.outcome("# nothing\n")[0], 1)


if __name__ == "__main__":
    unittest.main()
