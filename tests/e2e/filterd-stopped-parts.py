#!/usr/bin/env python3
"""smemail-filterd: a part that hangs, as SIGSTOP makes it, with sessions in
every phase, in clear and under TLS. Each gets an answer in bounded time; a part
that goes on soon is not missed, one that does not is ended and started anew;
afterwards mail flows, and what was not answered 250 is not there.

The parts are looked at side by side, a daemon each: most of it is waiting."""
import base64
import itertools
import os
import re
import shutil
import signal
import ssl
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))
import filterd  # noqa: E402
from lib_zone import Zone  # noqa: E402
from nexthop import NextHop  # noqa: E402

LOGIN = base64.b64encode(b"\0anna@local.example\0geheim").decode()
PLUGINS = ("tls %s %s %s\nident/geoip db_dir @GEO@\n"
           "karma penalty_days 1 negative 2 strikes 3 reject naughty "
           "db_dir @DIR@/karma\nauth/auth_flat_file\nresolvable_fromhost\n"
           "check_smtp_forward\nrcpt_ok\nqueue/maildir @MAILDIR@")
HEAD = "From: a@out.example\r\nMessage-Id: <%s>\r\n\r\n"
MESSAGE_ID = re.compile(rb"^Message-Id: <([^>]*)>", re.M)
LOCAL, ROUTED = "RCPT TO:<b@local.example>", "RCPT TO:<c@routed.example>"
LONG = "x" * 70 + "\r\n"

# phase: what was said before, what is asked then; its usual code
PHASES = {
    "connect": (None, None, 220),
    "EHLO": ([], "EHLO client.example", 250),
    "AUTH": (["EHLO c"], "AUTH PLAIN " + LOGIN, 235),
    "MAIL": (["EHLO c"], "MAIL", 250),
    "RCPT": (["EHLO c", "MAIL"], LOCAL, 250),
    "RCPT elsewhere": (["EHLO c", "MAIL"], ROUTED, 250),
    "DATA": (["EHLO c", "MAIL", LOCAL], "DATA", 354),
    "end of data": (["EHLO c", "MAIL", LOCAL, "DATA"], "TEXT", 250),
    "end of a long one": (["EHLO c", "MAIL", LOCAL, "DATA"], "LONG", 250),
    "end of one elsewhere": (["EHLO c", "MAIL", ROUTED, "DATA"], "TEXT", 250),
    "QUIT": (["EHLO c"], "QUIT", 221),
}
ENDED = {0}  # the connection
NUMBERS = itertools.count()
# part: (seconds that all is over in, what it answers otherwise)
STOPPED = {
    "resolver": (20, {"MAIL": {250, 450, 451}}),
    "decoder": (20, {"MAIL": {250, 450, 451}}),
    "auth": (25, {"AUTH": {454}}),
    "courier": (30, {"end of one elsewhere": {451}}),
    # one that is new may be asked
    "carriers": (40, {"end of one elsewhere": {250, 451}}),
    "state": (8, {}),
    "keeper": (40, {"end of data": {451}, "end of a long one": {451, 452},
                    "end of one elsewhere": {451}}),
    "worker": (40, dict({phase: ENDED for phase in PHASES},
                        connect={0, 220})),
}
# ended once it is stuck, and started anew
WATCHED = ["resolver", "auth", "courier", "state", "keeper", "worker"]


class Session(threading.Thread):
    """Brought to a phase; run() takes the next step."""

    def __init__(self, test, phase, secure):
        super().__init__(daemon=True)
        self.test, self.phase, self.secure = test, phase, secure
        self.code = self.peer = None
        self.name_ = "%s-%d@x" % (re.sub("[^a-z]+", "-", phase.lower()),
                                  next(NUMBERS))
        before = PHASES[phase][0]
        if before is not None:
            self.connect()
            for what in before:
                code = self.say(what)
                assert code in (220, 250, 354), (phase, what, code)

    def connect(self):
        self.peer = self.test.daemon.connect(
            timeout=60, role="smtps" if self.secure else "smtp")
        if self.secure:
            self.peer.s = self.test.tls.wrap_socket(self.peer.s)
        return self.peer.reply()[0]

    def say(self, what):
        if what == "MAIL":
            # a name of its own each: an answer from memory asks nobody
            what = "MAIL FROM:<a@%s.out.example>" % self.name_.split("@")[0]
        if what in ("TEXT", "LONG"):
            more = "x\r\n" if what == "TEXT" else LONG * 3000
            self.peer.send(HEAD % self.name_ + more + ".\r\n")
            return self.peer.reply()[0]
        return self.peer.ask(what)[0]

    def run(self):
        began = time.monotonic()
        step = PHASES[self.phase][1]
        try:
            self.code = self.connect() if step is None else self.say(step)
        except (ConnectionError, ssl.SSLError):
            self.code = 0
        except OSError as e:
            self.code = repr(e)
        self.took = time.monotonic() - began


class Test:
    def __init__(self, folder, pair, zone):
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE
        self.hop = NextHop()
        spool = os.path.join(folder, "spool")
        os.makedirs(spool)
        plugins = PLUGINS.replace("@DIR@", folder).replace(
            "@GEO@", os.path.join(TOP, "tests", "data", "geo")) % (
                pair[0], pair[1], pair[0])
        self.daemon = filterd.Daemon(
            {"plugins": plugins, "flat_auth_pw": "anna@local.example:geheim",
             "tls_before_auth": "0", "spool_dir": spool,
             "queue_log": "1048576", "queue_timeout": "5",
             "rcpthosts": "local.example\nrouted.example",
             "smtproutes": "routed.example:127.0.0.1:%d" % self.hop.port},
            env={"SMEMAIL_DNS": zone.dns}, folder=os.path.join(folder, "d"))
        if not self.daemon.start("smtp", "smtps"):
            raise RuntimeError(self.daemon.log())

    def find(self, name):
        parts = dict(self.daemon.parts(), listener=self.daemon.process.pid)
        under = {"courier": "keeper", "decoder": "resolver"}
        if name == "carriers":
            return children(self.find("courier"))
        if name == "worker":
            return self.daemon.workers()
        if name in under:
            return children(self.find(under[name]))
        return [parts[name]] if name in parts else []

    def sessions(self):
        return [Session(self, phase, secure) for phase in PHASES
                for secure in (False, True)]

    def one_more(self):
        """Mail for here and elsewhere, by a new session: the last code."""
        try:
            session = Session(self, "RCPT", False)
            return [session.say(what) for what in (
                LOCAL, ROUTED, "DATA", "TEXT")][-1]
        except (OSError, AssertionError):
            return 0

    def stored(self, session):
        there = [MESSAGE_ID.search(text) for text in self.daemon.messages()]
        return [hit.group(1).decode() for hit in there if hit].count(
            session.name_) + self.hop.ids.count(session.name_)


def children(pids):
    found = []
    for pid in pids:
        try:
            with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
                found += [int(child) for child in f.read().split()]
        except OSError:
            pass
    return found


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def stop_part(test, name, seconds):
    """Stop it with sessions in each phase, for so long (None: for good); what
    became of the sessions."""
    assert test.one_more() == 250  # so that each has its children
    sessions = test.sessions()
    pids = test.find(name)
    assert pids, name
    signal_all(pids, signal.SIGSTOP)
    for session in sessions:
        session.start()
    if seconds is not None:
        time.sleep(seconds)
        signal_all(pids, signal.SIGCONT)
    for session in sessions:
        session.join(70)
    return pids, sessions


def judge(sessions, other, limit):
    """Those with an answer that is not right or too late."""
    return ["%s%s: %s after %.1f s" % (
        s.phase, " under TLS" if s.secure else "", s.code, s.took)
        for s in sessions if s.took > limit or
        s.code not in other.get(s.phase, {PHASES[s.phase][2]})]


def unlike(test, sessions):
    """Messages that are there without a 250, twice, or not with one."""
    ends = [s for s in sessions if s.phase.startswith("end of")]

    def wrong():
        return [(s.name_, s.code, test.stored(s)) for s in ends
                if test.stored(s) != (s.code == 250)]
    filterd.wait_for(lambda: not wrong(), step=0.1)
    return wrong()


# its own patience is shorter: an answer that nobody can read is none
SHORTLY = {"decoder": {"MAIL": {250, 450}}}


def shortly(test, name, say):
    _, sessions = stop_part(test, name, 2)
    bad = judge(sessions, SHORTLY.get(name, {}), 15)
    say(not bad, "%s: not missed for 2 s" % name, bad)
    say(not unlike(test, sessions), "%s: each message is there once" % name,
        unlike(test, sessions))


def for_good(test, name, say):
    limit, other = STOPPED[name]
    pids, sessions = stop_part(test, name, None)
    bad = judge(sessions, other, limit)
    slowest = max(s.took for s in sessions)
    say(not bad, "%s: stopped for good, every session has its answer "
        "(after %.1f s at most)" % (name, slowest), bad)
    if name in WATCHED:
        say(filterd.wait_for(
            lambda: test.find(name) not in ([], pids), 40), "%s: is started "
            "anew" % name, test.daemon.log())
    say(filterd.wait_for(lambda: test.one_more() == 250, 20),
        "%s: mail flows again" % name, test.daemon.log())
    signal_all(pids, signal.SIGCONT)
    wrong = unlike(test, sessions)
    say(not wrong, "%s: what is there was answered 250" % name, wrong)


def listener(test, say):
    """Sessions that are there do without; new ones wait for it."""
    sessions = test.sessions()
    pids = test.find("listener")
    signal_all(pids, signal.SIGSTOP)
    late = [s for s in sessions if s.phase == "connect"]
    for session in sessions:
        session.start()
    there = [s for s in sessions if s not in late]
    for session in there:
        session.join(20)
    bad = judge(there, {}, 5)
    say(not bad, "listener: sessions do without it", bad)
    # longer than the patience with any part: they are not to blame
    time.sleep(33)
    signal_all(pids, signal.SIGCONT)
    for session in late:
        session.join(10)
    say([s.code for s in late] == [220, 220],
        "listener: who came meanwhile is greeted", [s.code for s in late])
    say("does not answer" not in test.daemon.log(),
        "listener: no part is blamed for its own pause", test.daemon.log())
    say(test.one_more() == 250, "listener: mail flows")


def one(folder, pair, zone, name, lines):
    def say(good, what, detail=""):
        lines.append((bool(good), what, detail))
    test = None
    try:
        test = Test(os.path.join(folder, name), pair, zone)
        if name == "listener":
            listener(test, say)
        else:
            shortly(test, name, say)
            for_good(test, name, say)
    except Exception as e:  # told, not lost with the thread
        say(False, "%s: goes through" % name, repr(e))
    if test:
        say(test.daemon.stop() == 0, "%s: and it ends as told" % name,
            test.daemon.log())
        test.hop.close()


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-stopped.")
    pair = filterd.certificate(folder)
    names = {"*.out.example": {"MX": [[10, "mx.out.example"]]},
             "mx.out.example": {"A": ["203.0.113.5"]}}
    wanted = sys.argv[1:] or [*STOPPED, "listener"]
    told = {name: [] for name in wanted}
    try:
        with Zone(names) as zone:
            threads = [threading.Thread(
                target=one, args=(folder, pair, zone, name, told[name]))
                for name in wanted]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        shutil.rmtree(folder)
    for name in wanted:
        for line in told[name]:
            tap.ok(*line)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
