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


def numbers(messages):
    """By what the parts of a message are called (LG-44)."""
    one = next(m for m in messages[len(messages) // 2:] if m.get("msg") and
               m.get("deliveries") and "spamd" in m["path"])
    number = one["deliveries"][0]["tries"][0]["n"]
    return ["qp:%d" % one["qp"], "msg:%d" % one["msg"], str(one["qp"]),
            "delivery:%d" % number, "pid:%d" % one["pid"], "qp:99999999"]


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
    wrong += [word for word in numbers(messages) if
              smemail(root, "why", word, "--json") !=
              smemail(root, "why", word, "--json", *logs)]
    return wrong


def is_same(root, words):
    """With the index as it is, then with the one that was made anew."""
    bare = [smemail(root, "why", word, "--json", "--logs", root + "/var/log")
            for word in words]
    return all([smemail(root, "why", word, "--json") for word in words] == bare
               for _ in range(2))


def changed_logs(root, mid):
    """What the index knows of a log that is another one by now."""
    logs = root + "/var/log/qpsmtpd"
    words = [mid, "u77@past2.example", "u64@past1.example", "u5@new.example"]
    old = sorted(name for name in os.listdir(logs) if name[0] == "@")

    def turned():
        label = "@40000000ffffffff00000000"
        os.rename(logs + "/current", "%s/%s.s" % (logs, label))
        with open(logs + "/current", "w", encoding="ascii") as f:
            f.write(label + " 9 (rcpt) new: <u5@new.example>\n")

    def cut():
        os.truncate(logs + "/" + old[1], 1000000)

    def packed():
        subprocess.run(["gzip", logs + "/" + old[2]], check=True)

    def stepped_back():
        with open(logs + "/current", "a", encoding="ascii") as f:
            f.write("@400000005a10000000000000 9 (rcpt) new: "
                    "<u5@new.example>\n")

    def gone():
        os.unlink(logs + "/" + old[0])

    for what, change in [("turned", turned), ("cut short", cut),
                         ("packed", packed),
                         ("written by a clock set back", stepped_back),
                         ("gone", gone)]:
        change()
        point(is_same(root, words), "a log that was %s since" % what)


def together(root, mid, index):
    """Several make the index at once; one is killed; one has no room."""
    os.unlink(index)
    expected = smemail(root, "why", mid)
    os.unlink(index)
    many = [subprocess.Popen([SMEMAIL, "--root", root, "why", mid],
                             stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL,
                             env={"PATH": os.environ["PATH"], "TZ": "UTC"})
            for _ in range(4)]
    answers = [(p.communicate()[0], p.returncode) for p in many]
    point(all(a == (expected[1], expected[0]) for a in answers) and
          os.path.getsize(index) > 0, "four that make it at once")
    os.unlink(index)
    full = subprocess.run(["/bin/sh", "-c", 'ulimit -f 8; exec "$@"', "sh",
                           SMEMAIL, "--root", root, "why", mid], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={"PATH": os.environ["PATH"], "TZ": "UTC"})
    point(full.stdout == expected[1] and not os.path.exists(index),
          "no room for it: the answer is there, half an index is not", full)


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
                           ("a text", b"smlogidx" * 1000),
                           ("another version", good[:8] + b"\x09" + good[9:])
                           ]:
            with open(index, "wb") as f:
                f.write(data)
            again = smemail(root, "why", mid)
            point(again == first and os.path.getsize(index) >= size // 2,
                  "with %s in the file the answer is right, the index new"
                  % what, again)
        together(root, mid, index)
        changed_logs(root, mid)
        first = smemail(root, "why", mid)
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
