#!/usr/bin/env python3
"""Every public function has a caller in the programs, not only in tests."""
import collections
import re
import sys

sys.dont_write_bytecode = True
import lib  # noqa: E402

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
WORD = re.compile(r"\b[a-z_]\w+\b")
# a declaration in a header: the name before the first parenthesis
PUBLIC = re.compile(r"^(?!typedef|static|#)[A-Za-z_][\w \t\n*]*?"
                    r"\b([a-z_]\w+)\((?!\*)", re.MULTILINE)


def allowed():
    names = set()
    for line in lib.read("tests/lint/calls.allow").splitlines():
        if line and not line.startswith("#"):
            names.add(line.split()[0])
    return names


def main():
    seen = collections.Counter()
    public = {}
    for path in lib.files(".c", ".h", under=("core/", "cmd/", "tui/")):
        text = COMMENT.sub("", lib.read(path))
        seen.update(WORD.findall(text))
        if path.endswith(".h"):
            for name in PUBLIC.findall(text):
                public.setdefault(name, path)
    # seen twice: where it is declared, and where it is defined
    idle = {n for n in public if seen[n] <= 2}
    lib.point("%d public functions have a caller" % len(public),
              sorted("%s: nothing calls %s" % (public[n], n)
                     for n in idle - allowed())
              or ([] if len(public) > 500 else ["too few were found"]))
    lib.point("no exception that is none", sorted(allowed() - idle))
    lib.done()


main()
