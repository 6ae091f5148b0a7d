#!/usr/bin/env python3
"""Sizes, marks, wording of errors, and words that have no place here."""
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import lib  # noqa: E402

# tables of settings, tests and scripts may be longer than other code
FILE_LINES_MAX = 700
CODE_LINES_MAX = 560
FUNCTION_LINES_MAX = 60
TEST_FUNCTION_LINES_MAX = 90
CODE = ("core/", "cmd/", "tui/")
TABLES = "core/setting/def_"
# written so that this file does not name itself
MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b(?!\.)")
PLACES = re.compile(r"/wor" r"k/|/tmp/w" r"/|\.\./sha" r"red|\bhel" r"per"
                    r" session|sub" r"agent|\bL" r"LM\b|Cla" r"ude")
ERROR_CALL = re.compile(
    r"\berr_(?:set|set_errno)\s*\((?:[^\"();]|\([^()\"]*\)|_\()*?"
    r"((?:\"(?:[^\"\\]|\\.)*\"\s*)+)")
ERROR_WORDS = re.compile(
    r"\b(invalid|illegal|oops|please|an error occurred|fatal|bad)\b",
    re.IGNORECASE)
STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
# names that begin a message as they are written
PROPER = ("DNS", "SMTP", "SPF", "DKIM", "DMARC", "TLS", "JSON", "TAI64N",
          "UTF-8", "IP", "IPv", "MAIL", "RCPT", "DATA", "LF", "CR", "NUL",
          "HELO", "EHLO", "PHP", "FILE", "NAME", "N ", "PCRE")


def sizes():
    long_files = []
    for path in lib.files(".c", ".h", ".py", ".sh"):
        if path.startswith(("tests/data/", "tests/tools/")):
            continue
        lines = lib.read(path).count("\n")
        is_code = path.startswith(CODE) and not path.startswith(TABLES)
        if lines > (CODE_LINES_MAX if is_code else FILE_LINES_MAX):
            long_files.append("%s: %d lines" % (path, lines))
    lib.point("no file over %d lines, of code %d"
              % (FILE_LINES_MAX, CODE_LINES_MAX), long_files)


def functions():
    what = "no function over %d lines, in tests %d" % (
        FUNCTION_LINES_MAX, TEST_FUNCTION_LINES_MAX)
    if shutil.which("ctags") is None or "Universal" not in lib.output(
            "ctags", "--version"):
        lib.skip(what, "universal-ctags is not installed")
        return
    sources = lib.files(".c", under=("core/", "cmd/", "tui/", "tests/"))
    tags = subprocess.run(
        ["ctags", "-f", "-", "--fields=ne", "--kinds-C=f",
         "--language-force=C", "-L", "-"],
        cwd=lib.TOP, input="\n".join(sources).encode(),
        stdout=subprocess.PIPE, check=False).stdout.decode()
    long_functions = []
    for line in tags.splitlines():
        fields = dict(f.split(":", 1) for f in line.split("\t")[3:]
                      if ":" in f)
        if "line" in fields and "end" in fields:
            size = int(fields["end"]) - int(fields["line"]) + 1
            name, path = line.split("\t")[:2]
            most = (FUNCTION_LINES_MAX if path.startswith(CODE)
                    else TEST_FUNCTION_LINES_MAX)
            if size > most:
                long_functions.append("%s: %s has %d lines"
                                      % (path, name, size))
    lib.point(what, long_functions)


def words():
    marks, places = [], []
    for path in lib.files():
        if path.startswith("tests/data/") or path == "LICENSE":
            continue
        for number, line in enumerate(lib.read(path).split("\n"), 1):
            if MARKS.search(line):
                marks.append("%s:%d: %s" % (path, number, line.strip()))
            if PLACES.search(line):
                places.append("%s:%d: %s" % (path, number, line.strip()))
    lib.point("no marks of unfinished work", marks)
    lib.point("no paths or words of a workplace", places)


def messages():
    wrong = []
    for path in lib.files(".c", under=("core/", "cmd/", "tui/")):
        text = lib.read(path)
        for call in ERROR_CALL.finditer(text):
            message = "".join(STRING.findall(call.group(1)))
            number = text.count("\n", 0, call.start()) + 1
            where = "%s:%d: %s" % (path, number, message)
            if not message:
                continue
            if message[0].isupper() and not message.startswith(PROPER):
                wrong.append(where + " (begins with a capital)")
            if message.endswith((".", "!")) and not message.endswith("..."):
                wrong.append(where + " (ends with a stop)")
            if ERROR_WORDS.search(message):
                wrong.append(where + " (blames or says nothing)")
    lib.point("errors are worded as the house does", wrong)


def main():
    sizes()
    functions()
    words()
    messages()
    lib.done()


main()
