#!/usr/bin/env python3
"""kill -9 at any moment of set, apply and undo: the database is the old or the
new one, the journal agrees with it, and the next apply finishes the work."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD") or os.path.join(TOP, "build")
SMEMAIL = os.environ.get("SMEMAIL") or os.path.join(BUILD, "smemail")
FILTERD = os.environ.get("FILTERD") or os.path.join(BUILD, "smemail-filterd")
KILLS = int(os.environ.get("KILLS", "500"))
SEED = int(os.environ.get("SEED", str(os.getpid())))

PLACES = {
    "smtp.greeting": ("smtpd", "Greeting"),
    "spam.retention-days": ("spamassassin", "MessageRetentionTime"),
}
chance = random.Random(SEED)
number = 0


def point(ok, what, detail=""):
    global number
    number += 1
    print("%sok %d - %s" % ("" if ok else "not ", number, what))
    if not ok:
        print("\n".join("# " + x for x in str(detail).splitlines()[:20]))
        point.failed = True


point.failed = False


class Moments:
    """Random moments in the life of a process, for every machine and load: the
    latest one follows how long the process lives now. About three of four
    come before it has ended, and all of its life is reached."""

    def __init__(self, seconds):
        self.latest = seconds

    def next(self):
        return chance.random() * self.latest

    def came(self, in_time):
        self.latest *= 1.02 if in_time else 0.94


class Root:
    def __init__(self, path):
        self.path = path
        self.env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
                    "SMEMAIL_ROOT": path, "SMEMAIL_FILTERD": FILTERD}

    def run(self, *words):
        return subprocess.run([SMEMAIL, *words], env=self.env, check=False,
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def kill(self, moments, *words):
        """True when the process was killed before it ended by itself."""
        p = subprocess.Popen([SMEMAIL, *words], env=self.env,
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        time.sleep(moments.next())
        p.kill()
        killed = p.wait() == -signal.SIGKILL
        moments.came(killed)
        return killed

    def read(self, path):
        with open(self.path + path, encoding="utf-8") as f:
            return f.read()

    def records(self):
        text = self.read("/home/e-smith/db/configuration")
        return dict(x.split("=", 1) for x in text.splitlines()
                    if x and not x.startswith("#"))

    def journal_says(self, name):
        """The newest value, as the journal is read now."""
        r = self.run("--json", "blame", name)
        if r.returncode not in (0, 1) or "damaged" in r.stderr:
            return "journal: %d %s" % (r.returncode, r.stderr)
        rows = json.loads(r.stdout)["rows"]
        return rows[0]["new"] if rows else None

    def stored(self, name):
        """Read past smemail, from the file."""
        record, prop = PLACES[name]
        parts = self.records().get(record, "").split("|")[1:]
        return dict(zip(parts[::2], parts[1::2])).get(prop)


def duration(root, *words):
    began = time.monotonic()
    root.run(*words)
    return time.monotonic() - began


def agree(root, name):
    says, has = root.journal_says(name), root.stored(name)
    return says == has, "%s: journal %s, database %s" % (name, says, has)


def finish(root, look):
    """The next apply ends well, and after it nothing waits."""
    r = root.run("apply")
    if r.returncode != 0:
        return "apply: %d %s" % (r.returncode, r.stderr)
    if look:
        r = root.run("plan", "--exit-code")
        if r.returncode != 0:
            return "plan: %d %s" % (r.returncode, r.stdout)
    greeting = root.read("/var/service/qpsmtpd/config/smtpgreeting").strip()
    if greeting != root.stored("smtp.greeting"):
        return "the file says %s" % greeting
    return None


FRAGMENTS = ["/etc/e-smith/templates-custom/var/service/qpsmtpd/config/peers/"
             "%s/01connection_time" % x for x in ("0", "local")]


def files(root, moments):
    """A setting of two files, set together with one of a database."""
    killed, half, wrong = 0, 0, []
    for i in range(KILLS // 8):
        value = ("installed", "absent")[i % 2]
        killed += root.kill(moments, "set", "filter.connection-time=" + value,
                            "smtp.greeting=f%d.test" % i)
        there = [os.path.exists(root.path + x) for x in FRAGMENTS]
        half += there[0] != there[1]
        says = root.journal_says("filter.connection-time")
        if says is not None and (says == "installed") != there[0]:
            wrong.append("journal %s, files %s" % (says, there))
        root.run("set", "spam.retention-days", str(30 + i % 60))
        there = [os.path.exists(root.path + x) for x in FRAGMENTS]
        if there[0] != there[1]:
            wrong.append("still half: %s" % there)
    point(killed >= KILLS // 80, "%d kills between files, %d in halves"
          % (killed, half))
    # as a kill leaves it between the two files: the write is not ended
    root.run("set", "filter.connection-time", "absent")
    root.run("set", "filter.connection-time", "installed")
    with open(root.path + "/var/lib/smemail/journal", "rb+") as f:
        text = f.read()
        f.truncate(text.rindex(b"ended"))
    os.unlink(root.path + FRAGMENTS[1])
    root.run("set", "spam.retention-days", "29")
    there = [os.path.exists(root.path + x) for x in FRAGMENTS]
    point(there == [True, True], "the next writer finishes what was half done",
          there)
    point(not wrong, "a setting of two files is whole, as the journal says",
          "\n".join(wrong))


def main():
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as path:
        root = Root(path)
        root.run("--root", path, "init")
        root.run("set", "smtp.greeting=g0.test", "spam.retention-days=30")
        root.run("apply")
        before = {k: v for k, v in root.records().items()
                  if k not in ("smtpd", "spamassassin")}
        moments = {
            "set": Moments(duration(root, "set", "smtp.greeting", "a.test")),
            "apply": Moments(duration(root, "apply")),
        }
        moments["undo"] = Moments(moments["apply"].latest)
        killed = {"set": 0, "apply": 0, "undo": 0}
        wrong = {"database": [], "journal": [], "finish": []}
        i = 0
        while sum(killed.values()) < KILLS and i < 20 * KILLS:
            i += 1
            # undo takes back what the apply before it has finished
            what = ("set", "set", "set", "apply", "undo", "set", "set", "set")[i % 8]
            if what == "set":
                old = root.stored("smtp.greeting")
                new = "g%d.test" % i
                days = str(30 + i % 60)
                cut = root.kill(moments[what], "set", "smtp.greeting=" + new,
                                "spam.retention-days=" + days)
                killed[what] += cut
                if root.stored("smtp.greeting") not in (
                        {old, new} if cut else {new}):
                    wrong["database"].append(root.stored("smtp.greeting"))
            else:
                if what == "apply":
                    root.run("set", "smtp.greeting=h%d.test" % i)
                killed[what] += root.kill(moments[what], what)
                told = finish(root, i // 8 % 4 == 0)
                if told is not None:
                    wrong["finish"].append("%s: %s" % (what, told))
            same, told = agree(root, list(PLACES)[i // 3 % 2])
            if not same:
                wrong["journal"].append("%s: %s" % (what, told))
        after = {k: v for k, v in root.records().items()
                 if k not in ("smtpd", "spamassassin")}
        point(sum(killed.values()) >= KILLS,
              "%d kills in %d tries" % (sum(killed.values()), i), killed)
        point(min(killed.values()) >= KILLS // 25,
              "set %(set)d, apply %(apply)d, undo %(undo)d" % killed)
        point(not wrong["database"], "each value is the old or the new one",
              wrong["database"])
        point(before == after, "all other records are untouched")
        point(not wrong["journal"], "the journal agrees with the database",
              "\n".join(wrong["journal"]))
        point(not wrong["finish"], "the next apply finishes",
              "\n".join(wrong["finish"]))
        told = finish(root, True)
        point(told is None, "at the end nothing waits", told)
        files(root, moments["set"])
        print("# seed %d" % SEED)
    print("1..%d" % number)
    sys.exit(1 if point.failed else 0)


main()
