#!/usr/bin/env python3
"""Bad logs, before every command that reads logs: labels cut off and badly
formed, NULs, a line of a megabyte, half a line at the end, clocks set back, pids
used twice, bytes that steer terminals, directories that are not there or closed.
Nothing is lost (LG-6, LG-13, LG-19, LG-25, LG-26), nothing reaches the terminal
raw (LG-24)."""
import fcntl
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile

SMEMAIL = os.environ.get("SMEMAIL", "build/smemail")
WHO = "b@acme.test"
HOSTILE = (b"\x1b]0;HACKED\x07", b"\x1b[2J", b"\x9b31m", b"\xc2\x9b5n",
           b"\xe2\x80\xae", b"\xe2\x81\xa6", b"\xd8\x9c", b"\x1b[5m", b"\x00",
           b"\x0e")
count = failed = 0


def point(good, what, detail=""):
    global count, failed
    count += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", count, what))
    for line in [] if good else str(detail).splitlines()[:12]:
        print("# " + line[:300])


def label(second):
    return b"@%016x%08x" % (2 ** 62 + 10 + 1767225600 + second, 500)


def verdict(second, pid, sender=b"a@x.test", reason=b"no"):
    return (label(second) + b" %d (deny) logging::logterse: ` 203.0.113.9\tmx"
            b"\tmx\t<%s>\t<%s>\tdnsbl\t903\t%s\tmsg denied before queued\n" %
            (pid, sender, WHO.encode(), reason))


def connection(second, pid):
    return label(second) + b" %d Connection from mx [203.0.113.9]\n" % pid


def bad_log():
    """(text, how many verdicts, how many lines without a good label)."""
    spoilt = [b"@4000 cut off", b"@", label(5).upper() + b" upper case",
              label(5) + b"no blank", label(5)[:-1] + b" a digit less",
              b"@" + b"f" * 24 + b" no time has that", b"", b"\0\0\0",
              b"no label at all", b" " + label(5) + b" a blank before it"]
    text = connection(10, 7) + verdict(11, 7)
    text += b"".join(line + b"\n" for line in spoilt)
    text += label(12) + b"\n" + label(13) + b" \0\0\n"
    text += label(14) + b" 8 " + b"x" * (1 << 20) + b"\n"
    # the number is given again, and the clock is an hour late
    text += connection(20 - 3600, 7) + verdict(21 - 3600, 7)
    text += connection(30, 9) + verdict(31, 9, b"e" + HOSTILE[0] + b"@x.test",
                                        b" ".join(HOSTILE))
    text += label(32) + b" 9 (data_post) virus::clamdscan: error, it failed " + \
        b" ".join(HOSTILE) + b"\n"
    return text + label(33) + b" 9 half a line", 3, len(spoilt)


def run(*words, user=None):
    return subprocess.run([SMEMAIL, *words], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120, user=user)


def terminal(*words):
    """(status, what a terminal of 80 columns was sent)."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", COLUMNS="80")
        try:
            os.execv(SMEMAIL, [SMEMAIL, *words])
        finally:
            os._exit(127)
    seen = b""
    while True:
        try:
            got = os.read(fd, 65536)
        except OSError:
            got = b""
        if not got:
            break
        seen += got
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


def bytes_of(rows):
    """The lines in rows of JSON; a long one comes in pieces."""
    lines = []
    for row in rows:
        piece = bytes.fromhex(row["raw_hex"]) if "raw_hex" in row else \
            row["raw"].encode()
        if row["continued"]:
            piece = lines.pop() + piece
        lines.append(piece)
    return lines


def state(folder):
    """All of a folder that a reader must not change."""
    found = [(name, os.stat(folder + "/" + name))
             for name in [".", *sorted(os.listdir(folder))]]
    return [(name, s.st_ino, s.st_mode, s.st_size, s.st_mtime_ns, s.st_ctime_ns)
            for name, s in found]


def whole(root, logs):
    """Nothing is lost and nothing is counted twice."""
    text, verdicts, unlabelled = bad_log()
    lines = text.split(b"\n")
    raw = run("log", "show", "--logs", logs, "--raw").stdout
    point(raw == text + b"\n", "show has every byte", len(raw))
    rows = [json.loads(x) for x in run("log", "follow", "-n", "1000000",
            "--timeout", "0", "--jsonl", logs + "/qpsmtpd").stdout.splitlines()]
    point(bytes_of(rows) == lines[:-1],
          "follow has every line but the half one, its JSON every byte (LG-24)",
          len(rows))
    rows = json.loads(run("log", "show", "--logs", logs, "--json").stdout)
    point(bytes_of(rows["lines"]) == lines, "JSON of show too")
    out = run("log", "decode", "--count", logs + "/qpsmtpd/current")
    plain = [x.partition(b" ")[2] if x[:25].islower() and x[25:26] == b" " and
             x[:5] == b"@4000" and len(x.split()[0]) == 25 else None
             for x in lines]
    got = out.stdout.split(b"\n")
    point(len(got) == len(lines) and
          all(p is None and g == x or p is not None and g[30:] == p or
              x == label(12) for p, g, x in zip(plain, got, lines)),
          "decode changes good labels only")
    point(b"%d lines without one" % unlabelled in out.stderr,
          "and counts the others", out.stderr)
    found = run("log", "search", WHO, "--logs", logs, "--jsonl")
    point(len(found.stdout.splitlines()) == verdicts, "search finds all")
    found = run("log", "errors", "--logs", logs)
    point(found.returncode == 0 and b"it failed" in found.stdout, "errors too",
          found)
    stats = json.loads(run("--root", root, "log", "stats", "--json", "--logs",
                           logs).stdout)
    report = json.loads(run("--root", root, "report", "--json", "--logs",
                            logs).stdout)
    point(sum(stats["qpsmtpd"]["by_plugin"].values()) == verdicts ==
          report["totals"]["total"], "stats and report count all verdicts",
          stats["qpsmtpd"])
    point(sum(stats["junk_lines"].values()) == unlabelled + 2,
          "and the lines that no service wrote", stats["junk_lines"])
    for words in (("why", WHO), ("log", "trace", WHO)):
        told = json.loads(run("--root", root, *words, "--json", "--logs",
                              logs).stdout)
        told = told.get("rows", told.get("stories"))
        point(len(told) == verdicts, "%s tells all, a pid used again too" %
              words[-2], told)
    top = run("--root", root, "top", "--once", "--logs", logs)
    point(top.returncode == 0 and top.stdout, "top", top.stderr)


def shown(root, logs):
    for words in (("log", "show"), ("log", "show", "--raw"),
                  ("log", "search", "dnsbl"), ("log", "errors"),
                  ("log", "stats"), ("log", "trace", WHO), ("why", WHO),
                  ("why", WHO, "--pick", "3"), ("report",),
                  ("top", "--once")):
        status, seen = terminal("--root", root, *words, "--logs", logs)
        bad = [x for x in HOSTILE if x in seen]
        point(status == 0 and seen and not bad,
              "at a terminal: %s" % " ".join(words), (status, bad, seen[-300:]))
    for words in (("log", "follow", "-n", "100", "--timeout", "0",
                   logs + "/qpsmtpd"),
                  ("log", "decode", logs + "/qpsmtpd/current")):
        status, seen = terminal("--root", root, *words)
        bad = [x for x in HOSTILE if x in seen]
        point(status == 0 and seen and not bad,
              "at a terminal: %s" % " ".join(words[:2]), (status, bad))


def out_of_reach(root, top):
    """Each says what it could not read, and fails."""
    closed = top + "/closed"
    put(closed, b"x\n")
    for words in (("follow", "--timeout", "0"), ("decode",)):
        for path, reason in ((top + "/none", b"no such file"),
                             (closed + "/qpsmtpd", b"ermission denied")):
            user = None
            if path.startswith(closed):
                os.chmod(path, 0)
                user = 65534
                if os.geteuid() != 0:
                    continue
            done = run("log", *words, path, user=user)
            point(done.returncode in (100, 111) and reason in done.stderr and
                  path.encode() in done.stderr,
                  "log %s: %s" % (words[0], reason.decode()), done)
    os.chmod(closed + "/qpsmtpd", 0)
    for path, user, reason in ((top + "/none", None, b"no such file"),
                               (closed, 65534, b"ermission denied")):
        if user is not None and os.geteuid() != 0:
            continue
        for words in (("log", "show"), ("log", "search", "x"),
                      ("log", "errors"), ("log", "stats"),
                      ("log", "trace", WHO), ("why", WHO), ("report",),
                      ("top", "--once")):
            done = run("--root", root, *words, "--logs", path, user=user)
            point(done.returncode in (100, 111) and reason in done.stderr and
                  path.encode() in done.stderr,
                  "%s: %s" % (" ".join(words), reason.decode()), done)


def put(logs, text):
    os.makedirs(logs + "/qpsmtpd", exist_ok=True)
    with open(logs + "/qpsmtpd/current", "wb") as f:
        f.write(text)


def main():
    top = tempfile.mkdtemp(prefix="smemail-bad.")
    os.chmod(top, 0o755)
    os.environ["TZ"] = "UTC"
    try:
        root, logs = top + "/root", top + "/logs"
        run("init", "--root", root)
        put(logs, bad_log()[0])
        # a writer has its lock all the while (LG-21)
        with open(logs + "/qpsmtpd/lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = state(logs + "/qpsmtpd")
            whole(root, logs)
            shown(root, logs)
            after = state(logs + "/qpsmtpd")
        point(before == after, "no lock is waited for, nothing is changed",
              (before, after))
        out_of_reach(root, top)
    finally:
        shutil.rmtree(top)
    print("1..%d" % count)
    sys.exit(1 if failed else 0)


main()
