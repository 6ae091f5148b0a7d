#!/usr/bin/env python3
"""Compare `smemail report --json` with the truth.json of genlogs.py.

usage: report_truth.py TRUTH REPORT

Prints one line a difference and "N equal, N differ". Every key of the truth is
compared but for 'generator' and 'options', which say how the logs were made.

The seconds of deliveries in the truth are the generator's own times, some of
which it writes a few microseconds later into the log, so that labels never run
backwards: the logs cannot tell them. So they are compared to a millisecond a
thousand deliveries; and exactly with the labels that were written, which
stand in messages.ndjson beside the truth.
"""
import json
import os
import sys

equal = differ = 0
NOT_OF_LOGS = ("generator", "options")


def compare(want, got, path, slack=0.0):
    global equal, differ
    if isinstance(want, dict) and isinstance(got, dict):
        for key in sorted(set(want) | set(got)):
            where = path + "/" + key
            if key not in got:
                differ += 1
                print("%s: missing" % where)
            elif key not in want:
                if path.count("/") >= 2:  # tables may hold nothing else
                    differ += 1
                    print("%s: not in the truth" % where)
            else:
                compare(want[key], got[key], where, slack)
    elif isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            differ += 1
            print("%s: %d entries, not %d" % (path, len(got), len(want)))
        for i, (a, b) in enumerate(zip(want, got)):
            compare(a, b, "%s[%d]" % (path, i), slack)
    elif want == got or (slack and abs(want - got) <= slack):
        equal += 1
    else:
        differ += 1
        print("%s: %r, not %r" % (path, got, want))


def nanoseconds(label):
    return int(label[1:17], 16) * 10 ** 9 + int(label[17:25], 16)


def written_seconds(path):
    """Of all deliveries that ended, by their labels."""
    took = {"local": 0, "remote": 0}
    with open(path) as f:
        for line in f:
            for to in json.loads(line).get("deliveries", ()):
                took[to["chan"]] += sum(
                    nanoseconds(t["done"]) - nanoseconds(t["start"])
                    for t in to["tries"])
    return {k: round(v / 10 ** 9, 6) for k, v in took.items()}


def main():
    with open(sys.argv[1]) as f:
        want = json.load(f)
    with open(sys.argv[2]) as f:
        got = json.load(f)
    for key in NOT_OF_LOGS:
        want.pop(key, None)
    seconds = want["qmail"].pop("delivery_seconds")
    compare(want, {k: v for k, v in got.items() if k in want}, "")
    tries = sum(want["qmail"]["result"].values())
    compare(seconds, got["qmail"]["delivery_seconds"],
            "/qmail/delivery_seconds", 1e-3 * (1 + tries / 1000))
    messages = os.path.join(os.path.dirname(sys.argv[1]), "messages.ndjson")
    if os.path.getsize(messages) > 0:
        compare(written_seconds(messages), got["qmail"]["delivery_seconds"],
                "/qmail/delivery_seconds as written")
    print("%d equal, %d differ" % (equal, differ))
    sys.exit(differ > 0)


main()
