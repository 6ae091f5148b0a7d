#!/usr/bin/env python3
"""Includes go downward or within a folder; libraries stay in their place.

The layers are those of the house style. A pair that may be sideways is
listed in layers.allow, "FROM-FOLDER TO-HEADER reason".
"""
import re
import sys

sys.dont_write_bytecode = True
import lib  # noqa: E402

LAYERS = ["base", "sys", "net db mail template", "dns event service smtp",
          "auth setting queue maillog", "filter doctor", "model"]
LEVEL = {folder: level for level, line in enumerate(LAYERS)
         for folder in line.split()}
TOPMOST = len(LAYERS)
# a header of a library, and the only places that may include it
PLACES = [
    (r"n?curses(w/curses)?\.h", ["tui/term.c"]),
    (r"readline/.*", ["cmd/shell/"]),
    (r"openssl/.*", ["core/net/tls", "core/auth/crypto"]),
    (r"sqlite3\.h", ["core/"]),
    (r"maxminddb\.h", ["core/net/geo_"]),
    (r"seccomp\.h", ["cmd/filterd/sandbox", "cmd/codec/sandbox"]),
    (r"ldns/.*", ["cmd/codec/"]),
    (r"pcre2\.h", ["core/"]),
    (r"security/.*|crypt\.h", ["core/auth/"]),
]
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def allowed_pairs():
    pairs = set()
    for line in lib.read("tests/lint/layers.allow").splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            pairs.add((words[0], words[1]))
    return pairs


def folder_of(path):
    return path.rsplit("/", 1)[0]


def level_of(path):
    parts = path.split("/")
    if parts[0] == "core":
        return LEVEL.get(parts[1])
    return TOPMOST


def judge(path, target, pairs):
    """Why 'path' may not include 'target', or None."""
    here, there = folder_of(path), folder_of(target)
    if here == there or (here, target) in pairs:
        return None
    top = target.split("/")[0]
    if top not in ("core", "cmd", "tui"):
        return None if "/" not in target else "unknown folder"
    if level_of(path) is None or level_of(target) is None:
        return "folder without a layer"
    if target.endswith("_int.h") and here != there:
        return "private header of another folder"
    if path.startswith("core/"):
        if level_of(target) >= level_of(path):
            return "not downward"
        return None
    if top == "core":
        return None
    if path.startswith("cmd/filterd/") or target.startswith("cmd/filterd/"):
        return "the daemon and the tool share only core"
    if top == "tui" and path.startswith("cmd/"):
        ok = path == "cmd/tui.c" and target == "tui/tui.h"
        return None if ok else "only cmd/tui.c includes tui/tui.h"
    if top == "cmd" and path.startswith("tui/"):
        return "screens do not know commands"
    return None


def main():
    pairs = allowed_pairs()
    wrong, misplaced, sources = [], [], []
    for path in lib.files(".c", ".h", under=("core/", "cmd/", "tui/")):
        for kind, target in INCLUDE.findall(lib.read(path)):
            if kind == '"':
                if target.endswith(".c"):
                    sources.append("%s includes %s" % (path, target))
                reason = judge(path, target, pairs)
                if reason:
                    wrong.append("%s -> %s: %s" % (path, target, reason))
                continue
            for pattern, places in PLACES:
                if re.fullmatch(pattern, target) and not any(
                        path.startswith(p) for p in places):
                    misplaced.append("%s includes <%s>" % (path, target))
    lib.point("includes go downward or within a folder", wrong)
    lib.point("libraries are included only in their places", misplaced)
    lib.point("no source is included by another", sources)
    lib.done()


main()
