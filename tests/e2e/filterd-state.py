#!/usr/bin/env python3
"""smemail-filterd remembers: karma (FL-165 to FL-169, FL-44) and greylisting
(FL-125, FL-126) over connections, restarts and kills of the part that owns the
files; a file that is locked, broken, full or not to be written holds up nobody
(FL-194)."""
import concurrent.futures
import os
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

KARMA = ("karma penalty_days 1 negative 2 strikes 3 reject naughty db_dir "
         "@DIR@/karma\n")
GREY = "greylisting black_timeout 2 db_dir @DIR@/grey\n"
REST = "naughty\nrcpt_ok\nqueue/maildir @MAILDIR@\n"
# whoever writes as x.info is a bad one: -3 and out
BAD = "a@x.info"
CHECKS = [0]
GIVEN_UP = "going on without it for a while"


def daemon_of(folder, plugins, **files):
    os.makedirs(os.path.join(folder, "state"), exist_ok=True)
    return filterd.Daemon(
        dict({"plugins": plugins.replace(
            "@DIR@", os.path.join(folder, "state")) + REST,
            "karma_tlds": "info:-3\norg:3", "loglevel": "6"}, **files),
        folder=os.path.join(folder, "d"))


def talk(daemon, source, sender="a@b.example", limit=20):
    """Codes of MAIL and RCPT, the last text, and the seconds it took."""
    began = time.monotonic()
    peer = daemon.connect(source, timeout=limit)
    codes, text = [], ""
    try:
        codes.append(peer.reply()[0])
        codes.append(peer.ask("EHLO client.example")[0])
        for line in ("MAIL FROM:<%s>" % sender, "RCPT TO:<b@local.example>"):
            code, text = peer.ask(line)
            codes.append(code)
            if code != 250:
                break
        if codes[-1] == 250:
            peer.ask("QUIT")
    except (OSError, ValueError):
        codes.append(-1)
    finally:
        peer.close()
    return codes, text, time.monotonic() - began


def number(ip):
    a, b, c, d = (int(x) for x in ip.split("."))
    return str(a << 24 | b << 16 | c << 8 | d)


def record(path, key):
    try:
        db = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=5)
        row = db.execute("SELECT value FROM state WHERE key = ?",
                         (key,)).fetchone()
        db.close()
    except sqlite3.Error:
        return None
    return row and row[0]


def wait_record(path, key, wanted):
    """The record, once it ends as wanted."""
    return filterd.wait_for(
        lambda: (record(path, key) or "").endswith(wanted), 10)


def karma(tap, folder):
    daemon = daemon_of(folder, KARMA)
    path = os.path.join(folder, "state", "karma", "karma.sqlite")
    bad, good, other = "127.0.0.21", "127.0.0.22", "127.0.0.23"
    with daemon:
        for times in (1, 2):
            codes, text, _ = talk(daemon, bad, BAD)
            tap.ok(codes == [220, 250, 250, 250], "bad session %d is taken" %
                   times, text)
            tap.ok(wait_record(path, number(bad), ":%d:0:%d" % (times, times)),
                   "and counted", record(path, number(bad)))
        codes, text, _ = talk(daemon, bad)
        tap.ok(codes[-1] == 550 and "(karma) You were naughty. You cannot "
               "connect for 1.00 more days." in text,
               "the third is shut out (FL-166)", (codes, text))
        codes, _, _ = talk(daemon, other)
        tap.ok(codes[-1] == 250, "its neighbour is not")
        for _ in range(3):
            talk(daemon, good, "a@x.org")
        tap.ok(wait_record(path, number(good), ":0:3:3"), "good ones are "
               "counted too", record(path, number(good)))
        tap.ok("negative, sent to penalty box, (msg: -3, his: -2)" in
               daemon.log(), "the log says so (FL-169)", daemon.log())
        tap.ok(oct(os.stat(path).st_mode & 0o777) == "0o600",
               "the file is nobody else's")
    with daemon:
        codes, text, _ = talk(daemon, bad)
        tap.ok(codes[-1] == 550, "and after a restart", text)
        parts = daemon.parts()
        os.kill(parts["state"], signal.SIGKILL)
        tap.ok(filterd.wait_for(lambda: daemon.parts().get("state") not in
                                (None, parts["state"])), "its part is killed "
               "and comes back")
        tap.ok(filterd.wait_for(lambda: talk(daemon, bad)[0][-1] == 550),
               "and still knows")
        tap.ok({k: v for k, v in daemon.parts().items() if k != "state"} ==
               {k: v for k, v in parts.items() if k != "state"},
               "no other part ended")
    before = record(path, number(bad))
    db = sqlite3.connect(path)
    start = int(before.split(":")[0])
    db.execute("UPDATE state SET value = ? WHERE key = ?", (
        ":".join([str(start - 86400)] + before.split(":")[1:]), number(bad)))
    db.commit()
    db.close()
    with daemon:
        tap.ok(talk(daemon, bad)[0][-1] == 250 and
               "penalty expired" in daemon.log(), "after a day it may again")


def hosts_allow(tap, folder):
    """FL-44, with karma in the list of peers as SME has it."""
    daemon = daemon_of(folder, "hosts_allow\npeers\n", **{
        "peers/0": (KARMA + REST).replace("@DIR@", folder + "/state")})
    path = os.path.join(folder, "state", "karma", "karma.sqlite")
    bad = "127.0.0.31"
    daemon.args += ["--instances-per-ip", "5"]
    with daemon:
        talk(daemon, bad, BAD)
        wait_record(path, number(bad), ":1:0:1")
        first = daemon.connect(bad)
        first.reply()
        second = daemon.connect(bad)
        code, text = second.reply()
        tap.ok(code in (421, 450, 451) and "too many connections" in text,
               "a bad one has one session at once (FL-44)", (code, text))
        first.close()
        second.close()


def greylisting(tap, folder):
    daemon = daemon_of(folder, GREY)
    path = os.path.join(folder, "state", "grey", "greylist.sqlite")
    one, two = "127.0.0.41", "127.0.0.42"
    with daemon:
        tap.ok([talk(daemon, ip)[0][-1] for ip in (one, one, two)] ==
               [450] * 3, "unknown ones are asked to come back (FL-126)")
        tap.ok(record(path, number(one)).endswith(":1:1:0"), "once too early",
               record(path, number(one)))
    time.sleep(2.1)
    with daemon:
        tap.ok(talk(daemon, one)[0][-1] == 250, "who does is taken, after a "
               "restart between", daemon.log()[-2000:])
        tap.ok(talk(daemon, one)[0][-1] == 250, "and from then on")
        tap.ok(record(path, number(one)).endswith(":1:1:2"), "as white",
               record(path, number(one)))
    # older than white_timeout: forgotten at start (FL-127)
    db = sqlite3.connect(path)
    db.executemany("INSERT INTO state VALUES (?, ?, ?)", (
        ("old%d" % i, "1000:1:0:0", 1000) for i in range(2500)))
    db.commit()
    with daemon:
        talk(daemon, one)
        tap.ok(filterd.wait_for(lambda: db.execute(
            "SELECT count(*) FROM state").fetchone()[0] == 2),
            "old records are forgotten, the others stay")
    db.close()


def trouble(tap, folder, name, breaks, logs, taken=True):
    """Nobody waits, mail flows, the log says why (FL-194)."""
    place = os.path.join(folder, name)
    os.makedirs(place)
    daemon = daemon_of(place, KARMA + GREY)
    state = os.path.join(place, "state")
    with daemon:
        undo = breaks(state, daemon)
        took, codes = 0, []
        for _ in range(3):
            got, _, seconds = filterd.in_time(
                lambda: talk(daemon, "127.0.0.51"), 1.5)
            took = max(took, seconds)
            codes.append(got[-1])
        tap.ok((codes == [250] * 3) == taken and took < 1.5,
               "%s: mail flows, %.1f s at most" % (name, took), codes)
        tap.ok(all(text in daemon.log() for text in logs), "%s: the log "
               "says so" % name, daemon.log()[-3000:])
        undo()
        tap.ok(filterd.wait_for(lambda: talk(
            daemon, "127.0.0.%d" % next_address())[0][-1] == 450, 20, 0.3),
            "%s: cured, strangers are asked to come back again" % name,
            daemon.log()[-3000:])


def next_address():
    CHECKS[0] += 1
    return 100 + CHECKS[0] % 100


def locked(state, daemon):
    talk(daemon, "127.0.0.50")
    dbs = []
    for name in ("karma/karma", "grey/greylist"):
        db = sqlite3.connect(os.path.join(state, name + ".sqlite"),
                             isolation_level=None, timeout=5)
        db.execute("BEGIN EXCLUSIVE")
        dbs.append(db)

    def undo():
        for db in dbs:
            db.execute("ROLLBACK")
            db.close()
    return undo


def garbage(state, _):
    for name in ("karma/karma", "grey/greylist"):
        path = os.path.join(state, name + ".sqlite")
        os.makedirs(os.path.dirname(path))
        with open(path, "wb") as f:
            f.write(os.urandom(20000))
    return lambda: None


def foreign(state, _):
    """A database of another program."""
    for name in ("karma/karma", "grey/greylist"):
        path = os.path.join(state, name + ".sqlite")
        os.makedirs(os.path.dirname(path))
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE state (id INTEGER, other TEXT)")
        db.commit()
        db.close()
    return lambda: None


def no_folder(state, _):
    """A plain file where the folder should be."""
    for name in ("karma", "grey"):
        with open(os.path.join(state, name), "w", encoding="utf-8"):
            pass

    def undo():
        for name in ("karma", "grey"):
            os.unlink(os.path.join(state, name))
    return undo


def full(state, daemon):
    """No byte can be written any more by the part."""
    talk(daemon, "127.0.0.50")
    pid = daemon.parts()["state"]
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    return lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def stopped(_, daemon):
    """The part hangs, as on a disk that does not answer."""
    pid = daemon.parts()["state"]
    os.kill(pid, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


def hanging(tap, folder):
    place = os.path.join(folder, "hanging")
    os.makedirs(place)
    daemon = daemon_of(place, GREY)
    with daemon:
        undo = stopped(None, daemon)
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            found = list(pool.map(lambda i: talk(daemon, "127.0.0.%d" % i),
                                  range(60, 80)))
        tap.ok(all(f[0][-1] == 250 and f[2] < 5 for f in found),
               "a part that hangs: 20 at once go on in %.1f s" % max(
                   f[2] for f in found), found)
        tap.ok("its keeper does not answer" in daemon.log(), "and why",
               daemon.log()[-2000:])
        undo()
        tap.ok(filterd.wait_for(lambda: talk(
            daemon, "127.0.0.99")[0][-1] == 450), "until it goes on")


def killed(tap, folder):
    """kill -9 under load; then a crash loop, which ends without the part and
    never the daemon."""
    place = os.path.join(folder, "killed")
    os.makedirs(place)
    daemon = daemon_of(place, KARMA)
    path = os.path.join(place, "state", "karma", "karma.sqlite")
    go = [True]
    sent = [0] * 8

    def load(i):
        while go[0]:
            codes, _, _ = talk(daemon, "127.0.1.%d" % (i + 1), "a@x.org")
            if codes[-1] != 250:
                go.append(codes)
            sent[i] += 1
    with daemon:
        others = {k: v for k, v in daemon.parts().items() if k != "state"}
        threads = [threading.Thread(target=load, args=(i,)) for i in range(8)]
        for t in threads:
            t.start()
        kills = 0
        for _ in range(9):
            pid = filterd.wait_for(lambda: daemon.parts().get("state") or
                                   GIVEN_UP in daemon.log())
            if pid is True:
                break
            time.sleep(0.2)
            os.kill(pid, signal.SIGKILL)
            filterd.wait_for(lambda: daemon.parts().get("state") != pid)
            kills += 1
        go[0] = False
        for t in threads:
            t.join()
        tap.ok(len(go) == 1 and kills >= 5, "%d kills, %d sessions, each "
               "answered 250" % (kills, sum(sent)), go[1:])
        tap.ok(GIVEN_UP in daemon.log() and
               others == {k: v for k, v in daemon.parts().items()
                          if k != "state"},
               "a part that always dies is done without", daemon.log()[-2000:])
    db = sqlite3.connect(path)
    rows = dict(db.execute("SELECT key, value FROM state"))
    told = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    counts = [int(rows.get(number("127.0.1.%d" % (i + 1)), "0:0:0:0")
                  .split(":")[2]) for i in range(8)]
    tap.ok(told == "ok" and 0 < sum(counts) <= sum(sent) and
           all(c <= s for c, s in zip(counts, sent)),
           "the file is sound, %d of %d counted, none twice" % (
               sum(counts), sum(sent)), (told, counts, sent))


def parallel(tap, folder):
    """Sessions at the same time are all counted."""
    place = os.path.join(folder, "parallel")
    os.makedirs(place)
    daemon = daemon_of(place, KARMA)
    path = os.path.join(place, "state", "karma", "karma.sqlite")
    with daemon:
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: talk(daemon, "127.0.0.90", "a@x.org"),
                          range(200)))
        tap.ok(wait_record(path, number("127.0.0.90"), ":0:200:200"),
               "200 sessions, 16 at a time: each is counted",
               record(path, number("127.0.0.90")))


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-state.")
    not_remembered = "is not remembered"
    crit = "error, not asked to come back: "
    try:
        for name, test in (("karma", karma), ("hosts", hosts_allow),
                           ("grey", greylisting)):
            place = os.path.join(folder, name)
            os.makedirs(place)
            test(tap, place)
        trouble(tap, folder, "locked", locked, (not_remembered, crit))
        trouble(tap, folder, "no-folder", no_folder, (not_remembered, crit))
        # the part could not even write to the log
        trouble(tap, folder, "disk-full", full, (crit,))
        trouble(tap, folder, "broken", garbage,
                (crit, ".sqlite.broken'; beginning anew"), taken=False)
        trouble(tap, folder, "foreign", foreign,
                (crit, ".sqlite.broken'; beginning anew"), taken=False)
        hanging(tap, folder)
        parallel(tap, folder)
        killed(tap, folder)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
