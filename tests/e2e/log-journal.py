#!/usr/bin/env python3
"""The journal through the real journalctl: entries written by the package
systemd-journal-remote into a journal that only this test sees (LG-23, LG-24,
LG-26; the source of release 11)."""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
REMOTE = "/lib/systemd/systemd-journal-remote"
BASE = "/var/log/journal"
START = 1767225600
n = 0

ENTRIES = [
    ("postfix/smtpd", 77, "connect from mx.test[192.0.2.1]"),
    ("postfix/smtpd", 77, "4F2A91C3: client=mx.test[192.0.2.1]"),
    ("postfix/cleanup", 78, "4F2A91C3: message-id=<m@mx.test>"),
    ("postfix/qmgr", 79, "4F2A91C3: from=<a@mx.test>, size=392, nrcpt=1 "
                         "(queue active)"),
    ("dovecot", 80, "imap-login: Login: user=<anna>, method=PLAIN, "
                    "rip=192.0.2.7, lip=192.0.2.2, mpid=9, TLS, session=<x>"),
    ("postfix/local", 81, "4F2A91C3: to=<anna@acme.test>, relay=local, "
                          "delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, "
                          "status=sent (delivered to mailbox)"),
    ("postfix/qmgr", 79, "4F2A91C3: removed"),
    ("spamd", 82, "evil \x1b[31m\u202e bytes, and two\nlines"),
]


def ok(good, what, detail=""):
    global n
    n += 1
    print("%sok %d - %s" % ("" if good else "not ", n, what))
    for line in ("" if good else str(detail)).splitlines()[:12]:
        print("# " + line[:300])


def skip(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def export(machine):
    out = []
    for i, (program, pid, message) in enumerate(ENTRIES):
        fields = {"__REALTIME_TIMESTAMP": (START + i * 60) * 1000000 + 123,
                  "__MONOTONIC_TIMESTAMP": (i + 1) * 60000000,
                  "_BOOT_ID": "0123456789abcdef0123456789abcdef",
                  "_MACHINE_ID": machine, "_HOSTNAME": "sme", "PRIORITY": 6,
                  "SYSLOG_IDENTIFIER": program, "_PID": pid}
        out += [b"%s=%s\n" % (k.encode(), str(v).encode())
                for k, v in fields.items()]
        data = message.encode()
        out.append(b"MESSAGE\n" + struct.pack("<Q", len(data)) + data +
                   b"\n\n")
    return b"".join(out)


def smemail(*args):
    return subprocess.run([SMEMAIL, *args], capture_output=True, text=True,
                          timeout=60)


def rows(*args):
    done = smemail("log", "show", "journal", "--jsonl", *args)
    return [json.loads(line) for line in done.stdout.splitlines()] or \
        [{"kind": done.stderr}]


def inside(folder):
    """With a /var/log/journal of our own."""
    with open("/etc/machine-id") as f:
        machine = f.read().strip()
    subprocess.run(["mount", "-t", "tmpfs", "none", BASE], check=True)
    os.mkdir(BASE + "/" + machine)
    with open(folder + "/in.export", "wb") as f:
        f.write(export(machine))
    subprocess.run([REMOTE, "--split-mode=none", "--output=%s/%s/system.journal"
                    % (BASE, machine), folder + "/in.export"], check=True,
                   capture_output=True)

    got = rows()
    ok([r["kind"] for r in got][:7] == [
        "postfix-connect", "postfix-client", "postfix-message-id",
        "postfix-from", "dovecot-login", "postfix-delivery",
        "postfix-removed"], "entries of all programs are typed lines",
       [r["kind"] for r in got])
    ok(got[0].get("pid") == 77 and got[0]["client"]["ip"] == "192.0.2.1" and
       got[0]["time"].startswith("2026-01-01T00:00:00.000123"),
       "with pid, client and the time to a microsecond", got[0])
    got = rows("--from", "@%d" % (START + 240), "--to", "@%d" % (START + 330))
    ok([r["kind"] for r in got] == ["dovecot-login", "postfix-delivery"],
       "LG-49 a range is [from, to), though journalctl rounds it", got)
    got = smemail("log", "show", "journal")
    ok("evil" in got.stdout and "\x1b" not in got.stdout and
       "\u202e" not in got.stdout,
       "LG-24 its bytes do not reach a terminal raw", got.stdout)
    got = smemail("log", "trace", "4F2A91C3", "journal")
    ok(got.returncode == 0 and "delivered" in got.stdout and
       "anna@acme.test" in got.stdout,
       "LG-44 a queue id is traced in the journal", got.stdout + got.stderr)
    shutil.rmtree(BASE + "/" + machine)
    got = smemail("log", "show", "journal")
    ok(got.stdout == "", "an empty journal has no lines",
       got.stdout + got.stderr)


def main():
    if len(sys.argv) > 1:
        inside(sys.argv[1])
        print("1..%d" % n)
        return
    if not os.path.exists(REMOTE) or shutil.which("journalctl") is None:
        skip("systemd-journal-remote is not installed")
    if os.geteuid() != 0 or not os.path.exists("/etc/machine-id"):
        skip("needs root and a machine id")
    os.makedirs(BASE, exist_ok=True)
    if subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        skip("mount name spaces are not allowed here")
    folder = tempfile.mkdtemp(prefix="smemail-journal.")
    try:
        sys.exit(subprocess.run(["unshare", "-m", sys.executable, __file__,
                                 folder], check=False).returncode)
    finally:
        shutil.rmtree(folder)


main()
