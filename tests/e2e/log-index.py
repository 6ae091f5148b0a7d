#!/usr/bin/env python3
"""The index of large logs: made behind an answer, the same answers with it as
without, never trusted, safe to delete."""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
count = failed = 0


def point(ok, what, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print("%sok %d - %s" % ("" if ok else "not ", count, what))
    if not ok:
        for line in str(detail).splitlines()[:12]:
            print("# " + line)


def smemail(root, *words):
    done = subprocess.run([SMEMAIL, "--root", root, *words], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={"PATH": os.environ["PATH"], "TZ": "UTC"})
    # the moment of the answer, of JSON
    return done.returncode, re.sub(rb'"time":"[^"]*","host"', b'"host"',
                                   done.stdout, count=1)


def large_log(root):
    """Generated logs, behind 17 MB of older lines of qpsmtpd."""
    logs = root + "/var/log"
    os.makedirs(logs)
    os.makedirs(root + "/var/lib/smemail")
    subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py", logs,
                    "--bytes", "3M", "--rotate-size", "200000", "--seed", "9"],
                   check=True, stdout=subprocess.DEVNULL)
    with open(logs + "/messages.ndjson", encoding="utf-8") as f:
        messages = [json.loads(line) for line in f]
    for number in range(4):
        label = "@400000005a1%x000000000000" % number
        with open("%s/qpsmtpd/%s.s" % (logs, label), "w",
                  encoding="ascii") as f:
            line = label + " 4711 (rcpt) old: <u%d@past%d.example>\n"
            for i in range(4500000 // 70):
                f.write(line % (i, number))
    return messages


def asked_for(messages):
    pick = random.Random(5)
    for message in pick.sample(messages, 3):
        for word in [message.get("mid"), message.get("sender"),
                     message.get("ip"), *message.get("rcpts", [])[:1]]:
            if word:
                yield word
    yield from ["u77@past2.example", "@past1.example", "nobody@nowhere.test",
                "198.51.100.254", "@d17.invalid", "old"]


def same_answers(root, messages):
    logs = ["--logs", root + "/var/log"]  # has no index
    wrong = []
    for word in asked_for(messages):
        calls = [["log", "search", word, "--raw"],
                 ["log", "search", "from:" + word, "--raw"],
                 ["log", "search", word, "--raw", "-n", "3"],
                 ["why", word, "--json"], ["log", "trace", word, "--json"]]
        if word[0].isdigit():
            calls[1] = ["log", "search", "ip:" + word, "--raw"]
        if word == "old":
            calls = [["log", "search", "PAST3", "--raw", "-n", "2"]]
        for call in calls:
            if smemail(root, *call) != smemail(root, *call, *logs):
                wrong.append(" ".join(call))
    return wrong


def main():
    top = tempfile.mkdtemp(prefix="log-index.")
    try:
        root = top + "/r"
        messages = large_log(root)
        folder = root + "/var/lib/smemail/logindex"
        index = folder + "/qpsmtpd"
        mid = next(m["mid"] for m in messages if m.get("mid"))
        first = smemail(root, "why", mid)
        point(first[0] == 0 and os.path.exists(index),
              "an answer without an index makes one", first)
        point(smemail(root, "why", mid) == first,
              "the next answer is the same")
        size = os.path.getsize(index)
        point(0 < size < 20000000 / 20 and
              os.stat(index).st_mode & 0o777 == 0o600,
              "it is small and for the administrator alone", size)
        point(sorted(os.listdir(folder)) == [".lock", "qpsmtpd"],
              "small logs have none, and nothing else is left",
              os.listdir(folder))
        wrong = same_answers(root, messages)
        point(not wrong, "answers are those without an index",
              "\n".join(wrong))

        with open(index, "rb") as f:
            good = f.read()
        bad = bytearray(good)
        for i in range(0, len(bad), 97):
            bad[i] ^= 0x55
        for what, data in [("nothing", b""), ("half of it", good[:size // 2]),
                           ("other bytes", bytes(bad)),
                           ("a text", b"smlogidx" * 1000)]:
            with open(index, "wb") as f:
                f.write(data)
            again = smemail(root, "why", mid)
            point(again == first and os.path.getsize(index) >= size // 2,
                  "with %s in the file the answer is right, the index new"
                  % what, again)
        shutil.rmtree(folder)
        with open(folder, "w", encoding="ascii"):
            pass
        point(smemail(root, "why", mid) == first,
              "where none can be made nothing is said")
        os.unlink(folder)
        os.mkdir(folder)
        os.symlink("/etc/passwd", index)
        point(smemail(root, "why", mid) == first and
              not os.path.islink(index), "a link is replaced, not followed")
    finally:
        shutil.rmtree(top)
    print("1..%d" % count)
    return failed > 0


sys.exit(main())
