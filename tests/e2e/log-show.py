#!/usr/bin/env python3
"""log show, search and errors over whole logs: LG-6, LG-8, LG-9, LG-10 to
LG-15, LG-23, LG-24, LG-25, LG-26, and bad input."""
import gzip
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
DATA = TOP + "/tests/data/logs"
count = failed = 0


def point(ok, what, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print("%sok %d - %s" % ("" if ok else "not ", count, what))
    if not ok:
        for line in str(detail).splitlines()[:12]:
            print("# " + line[:300])


def smemail(*words, data=None, zone="UTC", **more):
    return subprocess.run([SMEMAIL, *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, input=data,
                          env={"PATH": os.environ["PATH"], "TZ": zone}, **more)


def rows(*words, **more):
    run = smemail(*words, "--jsonl", **more)
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def label(second, ns=5):
    return "@%016x%08x" % (second + 2**62 + 10, ns)


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def generated(tmp):
    """Every line of a generated set comes out once, in order, as it was."""
    gen = tmp + "/gen"
    subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py", gen,
                    "--messages", "400", "--seed", "4", "--unclean",
                    "--dirty", ".05", "--rotate-size", "100k"], check=True)
    whole = 0
    for service in ("qpsmtpd", "qmail", "spamd", "clamd", "dovecot"):
        directory = gen + "/" + service
        names = sorted(n for n in os.listdir(directory) if n[0] == "@")
        want = b"".join(open(directory + "/" + n, "rb").read()
                        for n in names + ["current"])
        whole += want.count(b"\n")
        run = smemail("log", "show", service, "--logs", gen, "--raw")
        point(run.stdout == want, service + ": all files in order, every "
              "byte", run.stderr)
    all_rows = rows("log", "show", "--logs", gen)
    point(len(all_rows) == whole, "merged: every line of every service",
          "%d of %d" % (len(all_rows), whole))
    times = [r["label"] for r in all_rows if r["label"]]
    point(times == sorted(times), "merged in the order of time (LG-23)")
    other = [r for r in all_rows if r["kind"] == "other"]
    with open(gen + "/truth.json", encoding="utf-8") as f:
        junk = sum(json.load(f)["junk_lines"].values())
    point(0 < len(other) <= junk + 400,
          "lines of no form are kept as other (LG-25)", len(other))
    return gen, all_rows


def packed(tmp, gen):
    """LG-11: gz and xz at their place."""
    directory = gen + "/qpsmtpd"
    before = smemail("log", "show", "qpsmtpd", "--logs", gen, "--raw").stdout
    for i, name in enumerate(sorted(n for n in os.listdir(directory)
                                    if n.endswith(".s"))):
        path = directory + "/" + name
        data = open(path, "rb").read()
        if i % 2 == 0:
            put(path + ".gz", gzip.compress(data))
        else:
            put(path + ".xz", lzma.compress(data))
        os.unlink(path)
    after = smemail("log", "show", "qpsmtpd", "--logs", gen, "--raw").stdout
    point(before == after, "compressed old files are read at their place")


def filters(gen, all_rows):
    def check(words, keep, what):
        got = rows("log", "show", "--logs", gen, *words)
        want = [r for r in all_rows if keep(r)]
        point(got == [dict(r, schema="smemail.log.show/1") for r in want]
              and want, what, "%d, not %d" % (len(got), len(want)))

    sender = next(r["from"] for r in all_rows if r["verdict"] == "queued"
                  and len(r["from"]) > 4)
    check(["from:" + sender.upper()],
          lambda r: r["from"] and sender in r["from"],
          "from: letter case aside")
    check(["to:acme.test"], lambda r: any("acme.test" in t for t in r["to"]),
          "to:")
    check(["ip:192.168.0.0/16"], lambda r: r["client"]["ip"] and
          r["client"]["ip"].startswith("192.168."), "ip: a block")
    check(["score>5"], lambda r: r["score"] is not None and r["score"] > 5,
          "score>5")
    check(["plugin:clm"], lambda r: "virus::clamdscan" in r["raw"] and
          (r["rule"] == "virus::clamdscan" or r["kind"] == "plugin"),
          "plugin: by its three letters")
    check(["verdict:refused", "!plugin:naughty"],
          lambda r: r["verdict"] == "refused" and r["rule"] != "naughty",
          "several must all hold, ! turns one round")
    check(["--verdicts"], lambda r: r["verdict"], "--verdicts")
    check(["--severity", "warning"],
          lambda r: r["severity"] in ("warning", "error"), "--severity")
    qp = next(r for r in all_rows if r["kind"] == "queueing")["pid"]
    got = rows("log", "show", "--logs", gen, "qp:%d" % qp)
    point({"queueing", "taken", "info"} <= {r["kind"] for r in got},
          "qp: the number in all services", [r["raw"] for r in got])
    got = rows("log", "errors", "--logs", gen)
    point(got and all(r["severity"] in ("warning", "error") for r in got),
          "log errors: warnings and errors")
    third = all_rows[len(all_rows) // 3]["time"]
    half = all_rows[len(all_rows) // 2]["time"]
    got = rows("log", "show", "--logs", gen, "--since", third, "--until", half)
    want = [r for r in all_rows if r["time"] and third[:19] <= r["time"][:19]]
    first = next(r["raw"] for r in want if r["time"] >= third)
    point(got[0]["raw"] == first and got[-1]["time"] < half,
          "--since and --until to the nanosecond", got[0]["raw"])
    from_to = rows("log", "show", "--logs", gen, "--from", third, "--to", half)
    point(from_to == got, "--from and --to are the same")
    for n in (1, 7, 300):
        last = rows("log", "show", "--logs", gen, "-n", str(n))
        point([r["raw"] for r in last] == [r["raw"] for r in all_rows[-n:]],
              "the last %d lines" % n)
    last = rows("log", "show", "--logs", gen, "score>15", "-n", "2")
    want = [r["raw"] for r in all_rows if (r["score"] or 0) > 15][-2:]
    point([r["raw"] for r in last] == want, "the last 2 that pass")


def search(gen, all_rows):
    needle = "Sanesecurity"
    run = smemail("log", "search", "frédéric", "--logs", gen)
    point(run.returncode == 1 and run.stdout == b"" and
          b"reach back to 2017-11-27" in run.stderr,
          "nothing found: exit 1, and where was looked", run.stderr)
    for text in ("olga", "Heuristics", "250 Queued", needle):
        exact = text.lower() != text
        want = [r["raw"] for r in all_rows
                if (text in r["raw"] if exact else text in r["raw"].lower())]
        got = [r["raw"] for r in rows("log", "search", text, "--logs", gen)]
        point(got == want and (want or text == needle), "search " + text,
              "%d, not %d" % (len(got), len(want)))
    # the word of a column counts as what was written does
    want = [r["raw"] for r in all_rows
            if r["verdict"] == "refused" or "refused" in r["raw"].lower()]
    got = [r["raw"] for r in rows("log", "search", "refused", "--logs", gen)]
    point(got == want and len(want) > 100, "search refused", len(got))
    pair = next(r for r in all_rows if r["verdict"] == "refused" and
                r["from"] and r["to"])
    pasted = "%s -> %s" % (pair["from"], pair["to"][0])
    got = rows("log", "search", pasted, "--logs", gen)
    point(pair["raw"] in [r["raw"] for r in got], "search " + pasted)
    got = rows("log", "search", "/score=1[0-9]\\./", "qpsmtpd", "--logs", gen)
    want = [r["raw"] for r in all_rows if r["service"] == "qpsmtpd" and
            re.search(r"score=1[0-9]\.", r["raw"])]
    point([r["raw"] for r in got] == want, "search /pattern/")
    # context, as grep gives it for one file
    plain = gen + "/one"
    data = smemail("log", "show", "qmail", "--logs", gen, "--raw").stdout
    put(plain, data)
    for context in (["-A", "2"], ["-B", "1"], ["-C", "3"], ["-B", "2", "-A",
                                                            "1"]):
        want = subprocess.run(["grep", "-a", "-F", *context, "failure", plain],
                              stdout=subprocess.PIPE, check=True).stdout
        got = smemail("log", "search", "failure", plain, "--raw", *context)
        point(got.stdout == want, "context %s as grep's" % " ".join(context),
              got.stderr)


def forms(tmp):
    """LG-8 and LG-9: other stamps; plain files; standard input."""
    for name in sorted(n for n in os.listdir(DATA) if n.endswith(".log")):
        data = open(DATA + "/" + name, "rb").read()
        got = rows("log", "show", DATA + "/" + name)
        point(len(got) == data.count(b"\n") and
              [r["raw"].encode() for r in got] == data.split(b"\n")[:-1],
              name + ": every line, whatever its stamp")
    got = rows("log", "show", DATA + "/qmail-send.log")
    point([r["kind"] for r in got[:3]] == ["new", "info", "start"],
          "the name of a file tells its service", got[0])
    put(tmp + "/qpsmtpd.log", b"\n".join(
        label(9).encode() + b" " + text for text in (
            b"7 (rcpt) check_badrcptto: fail, NAUGHTY, x",
            b"9 (queue) queue::qmail_2dqueue: (for 7) Queuing to q",
            b"7 odd plugin (mail): skip", b"7 250 ok",
            b"7 (deny) logging::logterse: ` 192.0.2.1\ta\tb\t<c@d>\t\t"
            b"check_earlytalker\t901\tno\t")) + b"\n")
    got = rows("log", "show", tmp + "/qpsmtpd.log")
    point([[r[k] for k in ("pid", "hook", "plugin", "plugin_raw", "result")]
           for r in got] == [
               [7, "rcpt", "badrcptto", "check_badrcptto", "naughty"],
               [9, "queue", "queue::qmail-queue", "queue::qmail_2dqueue", None],
               [7, "mail", "odd", "odd", "skip"], [7, None, None, None, None],
               [7, "deny", "earlytalker", "check_earlytalker", None]],
          "what a plugin says (LG-27)", got)
    data = open(DATA + "/spamd.log", "rb").read()
    run = smemail("log", "show", "-", "--raw", data=data)
    point(run.stdout == data, "standard input")
    autumn = "".join("%s x %d\n" % (label(t), t) for t in
                     (1509238800 - 1, 1509238800, 1509242400 - 1, 1509242400))
    put(tmp + "/autumn", autumn.encode())
    got = rows("log", "show", tmp + "/autumn", zone="Europe/Paris")
    point([r["time"][19:] for r in got] == [
        ".000000005+02:00", ".000000005+01:00", ".000000005+01:00",
        ".000000005+01:00"] and len({r["time"] for r in got}) == 4,
        "a repeated hour stays distinct in JSON (LG-9)",
        [r["time"] for r in got])
    syslog = tmp + "/var/maillog"
    put(syslog, b"Nov 27 06:00:01 sme postfix/qmgr[9]: 4F1A2B3C4D: "
                b"from=<a@b.test>, size=10, nrcpt=1 (queue active)\n")
    put(syslog + "-20261120.gz", gzip.compress(
        b"Nov 20 06:00:01 sme dovecot: imap-login: Login: user=<u>, "
        b"method=PLAIN, rip=192.0.2.1, lip=192.0.2.2\n"))
    put(syslog + ".1", b"")
    got = rows("log", "show", "maillog", "--logs", tmp + "/var")
    point([r["kind"] for r in got] == ["dovecot-login", "postfix-from"],
          "syslog of release 11, rotated files first", got)
    export = (b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1511882133432617\n"
              b"SYSLOG_IDENTIFIER=postfix/smtpd\n_PID=77\n"
              b"MESSAGE=connect from mx.test[192.0.2.1]\n\n")
    put(tmp + "/journal", export)
    got = rows("log", "show", tmp + "/journal")
    point(got and got[0]["kind"] == "postfix-connect" and
          got[0]["client"]["ip"] == "192.0.2.1" and got[0]["pid"] == 77,
          "the journal's export", got)


def trouble(tmp):
    """Bad input: nothing is lost, nothing reaches the terminal raw."""
    bad = tmp + "/bad/qpsmtpd"
    lines = [label(1000).encode() + b" 7 (rcpt) a: \x1b[31mred\x9b2J\xc2\x9b "
             b"\xe2\x80\xaeback \x00nul",
             b"@4000000", b"@400000005A1D7D9F19C9381C upper",
             b"@400000005a1d7d9fffffffff too many ns",
             b"@c00000005a1d7d9f00000000 reserved", b"",
             label(2000).encode() + b" 8 dispatching " + b"x" * 1000000,
             label(3000).encode() + b" 9 " + b"y" * 3000000,
             label(1500).encode() + b" 7 the clock went back",
             label(4000).encode() + b" half a line"]
    put(bad + "/current", b"\n".join(lines))
    run = smemail("log", "show", "qpsmtpd", "--logs", tmp + "/bad", "--raw")
    point(run.returncode == 0 and run.stdout == b"\n".join(lines) + b"\n",
          "hostile bytes, long lines, half lines: all there", run.stderr)
    run = smemail("log", "show", "qpsmtpd", "--logs", tmp + "/bad")
    raw = [b for b in run.stdout if (b < 32 and b != 10) or b == 127]
    point(not raw and b"\xe2\x80\xae" not in run.stdout and
          b"\xc2\x9b" not in run.stdout and b"\x9b" not in run.stdout,
          "no control byte, bidi override or C1 in text", raw[:10])
    run = smemail("log", "show", "qpsmtpd", "--logs", tmp + "/bad", "--jsonl")
    for line in run.stdout.decode("utf-8").splitlines():
        json.loads(line)
    point(b"\x1b" not in run.stdout, "JSON escapes them")
    got = rows("log", "show", "qpsmtpd", "--logs", tmp + "/bad", "--since",
               "1970-01-01T00:24:00Z", "--until", "1970-01-01T00:26:00Z")
    point([r["pid"] for r in got] == [7] and "went back" in got[0]["raw"],
          "a line behind a step of the clock is found (LG-13)", got)
    empty = tmp + "/empty"
    os.makedirs(empty + "/qpsmtpd")
    run = smemail("log", "show", "--logs", empty)
    point(run.returncode == 0 and b"nothing found" in run.stderr,
          "an empty directory", run.stderr)
    run = smemail("log", "show", "--logs", tmp + "/nowhere")
    point(run.returncode == 100 and b"nowhere': no such file" in run.stderr,
          "no logs at all", (run.returncode, run.stderr))
    run = smemail("log", "show", "nonesuch", "--logs", tmp + "/bad")
    point(run.returncode == 2 and b"there are logs of qpsmtpd" in run.stderr,
          "an unknown service: the known ones are named", run.stderr)
    run = smemail("log", "show", tmp + "/bad/none")
    point(run.returncode == 100 and b"no such file" in run.stderr.lower(),
          "a path that is not there", (run.returncode, run.stderr))
    for option, value in (("--since", "tomorrowish"), ("-n", "x"),
                          ("--severity", "loud"), ("-A", "-1")):
        run = smemail("log", "show", option, value, "--logs", tmp + "/bad")
        point(run.returncode == 2 and run.stderr,
              "%s %s is refused" % (option, value), run.stderr)
    run = smemail("log", "show", "score>x", "--logs", tmp + "/bad")
    point(run.returncode == 2, "score>x is refused", run.stderr)
    for word, says in (("frm:anna", b"there are from: to: "),
                       ("kind:foo", b"next: smemail log show"),
                       ("result:foo", b"pass, fail, tolerated"),
                       ("!anna", b"unknown word '!anna'")):
        run = smemail("log", "show", word, "--logs", tmp + "/bad")
        point(run.returncode == 2 and says in run.stderr,
              "%s: what could stand there" % word, run.stderr)
    run = smemail("log", "search", "/[/", "--logs", tmp + "/bad")
    point(run.returncode == 2 and b"no pattern" in run.stderr,
          "a pattern that is none is told", run.stderr)
    run = smemail("log", "show", "--logs", tmp + "/bad", "--since", "today",
                  "--until", "yesterday")
    point(run.returncode == 2, "a range that ends before it begins",
          run.stderr)
    put(bad + "/" + label(500) + ".s.gz", b"\x1f\x8b no gzip at all")
    run = smemail("log", "show", "qpsmtpd", "--logs", tmp + "/bad")
    point(run.returncode == 100 and b".s.gz" in run.stderr and
          b"damaged" in run.stderr, "a damaged file is told", run.stderr)
    if os.getuid() == 0:
        print("# root may read everything: no permission is tried as nobody")
        os.chmod(tmp, 0o755)
        os.chmod(bad, 0o700)
        run = smemail("log", "show", "qpsmtpd", "--logs", tmp + "/bad",
                      user=65534, group=65534, extra_groups=[])
    else:
        os.chmod(bad, 0)
        run = smemail("log", "show", "qpsmtpd", "--logs", tmp + "/bad")
    point(run.returncode == 100 and b"ermission denied" in run.stderr,
          "no permission: said, with the path", run.stderr)


def memory(tmp, gen):
    """Memory does not grow with the log (LG-72)."""
    big = tmp + "/big/qpsmtpd"
    os.makedirs(big)
    data = smemail("log", "show", "qpsmtpd", "--logs", gen, "--raw").stdout
    with open(big + "/current", "wb") as f:
        for _ in range(64_000_000 // len(data) + 1):
            f.write(data)
    for words in (["show", "verdict:deferred"], ["search", "no such text"],
                  ["trace", "nobody@nowhere"], ["show", "-n", "1000"]):
        # a small parent: a child's figure begins with that of its parent
        run = subprocess.run([sys.executable, "-c", """
import resource, subprocess, sys
subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
""", SMEMAIL, "log", *words, "--logs", tmp + "/big"],
                             stdout=subprocess.PIPE, check=True)
        used = int(run.stdout)
        point(used < 64 * 1024, "%s: %d KiB of memory over 64 MB"
              % (" ".join(words), used))


def main():
    tmp = tempfile.mkdtemp(prefix="smemail-show.")
    try:
        gen, all_rows = generated(tmp)
        filters(gen, all_rows)
        search(gen, all_rows)
        packed(tmp, gen)
        forms(tmp)
        memory(tmp, gen)
        trouble(tmp)
    finally:
        shutil.rmtree(tmp)
    print("1..%d" % count)
    return failed > 0


sys.exit(main())
