#!/usr/bin/env python3
"""smemail-filterd: settings that change and HUP with good and bad plugin lists,
all under load: no session is dropped, no message lost, each bad list told."""
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

TEXT = "From: a@out.example\r\n\r\nx\r\n.\r\n"
CHANGES = 200
RELOADS = 40


def storm(daemon, stop):
    """Connections without end, so that the listener is always at it."""
    while not stop.is_set():
        try:
            peer = daemon.connect()
            peer.reply()
            peer.close()
        except OSError:
            pass


def in_force_at_once(tap):
    """FL-36: who connects after the change has the new setting."""
    with filterd.Daemon() as daemon:
        stop = threading.Event()
        threads = [threading.Thread(target=storm, args=(daemon, stop))
                   for _ in range(6)]
        for thread in threads:
            thread.start()
        wrong = []
        for i in range(CHANGES):
            time.sleep(random.random() * 0.01)
            # both come while it is in the middle of something
            daemon.process.send_signal(signal.SIGSTOP)
            filterd.write_config(daemon.config,
                                 {"smtpgreeting": "g%d.example" % i})
            peer = daemon.connect()
            daemon.process.send_signal(signal.SIGCONT)
            text = peer.reply()[1]
            if "g%d.example" % i not in text:
                wrong.append((i, text))
            peer.close()
        stop.set()
        for thread in threads:
            thread.join()
        tap.ok(not wrong, "a changed setting is in force for the next who "
               "connects, however busy the listener is", wrong)
    shutil.rmtree(daemon.folder)


class Session(threading.Thread):
    """One long session that sends message after message."""

    def __init__(self, daemon):
        super().__init__()
        self.peer = daemon.connect()
        self.go = True
        self.taken = 0
        self.wrong = None
        self.start()

    def run(self):
        try:
            self.peer.reply()
            self.peer.ask("EHLO client.example")
            while self.go:
                codes = [self.peer.ask(line)[0] for line in (
                    "MAIL FROM:<a@out.example>",
                    "RCPT TO:<b@local.example>", "DATA")]
                self.peer.send(TEXT)
                codes.append(self.peer.reply()[0])
                if codes != [250, 250, 354, 250]:
                    self.wrong = codes
                    return
                self.taken += 1
        except OSError as e:
            self.wrong = e
        finally:
            self.peer.close()


def short_ones(daemon, stop, found):
    while not stop.is_set():
        try:
            peer = daemon.connect()
            peer.begin()
            peer.send(TEXT)
            code = peer.reply()[0]
            peer.close()
        except OSError as e:
            code = e
        found.append(code)


def under_load(tap):
    plugins = "rcpt_ok\nqueue/maildir @MAILDIR@"
    with filterd.Daemon({"plugins": plugins}) as daemon:
        parts = daemon.parts()
        good = plugins.replace("@MAILDIR@", daemon.maildir)
        sessions = [Session(daemon) for _ in range(4)]
        stop, found = threading.Event(), []
        threads = [threading.Thread(target=short_ones,
                                    args=(daemon, stop, found))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        told = True
        for i in range(RELOADS):
            bad = i % 2 == 0
            filterd.write_config(daemon.config, {
                "plugins": "frobnicate\n" + good if bad else
                "# %d\nnoop_counter\n%s" % (i, good)})
            daemon.process.send_signal(signal.SIGHUP)
            what = "stays in force" if bad else "read anew"
            told = told and filterd.wait_for(
                lambda: daemon.log().count(what) == i // 2 + 1)
            time.sleep(0.05)
        stop.set()
        for session in sessions:
            session.go = False
        for thread in threads + sessions:
            thread.join()
        tap.ok(told, "%d reloads, every second one bad: each is told" %
               RELOADS, daemon.log()[-3000:])
        wrong = [s.wrong for s in sessions if s.wrong]
        tap.ok(not wrong and min(s.taken for s in sessions) > 5,
               "sessions that go on through all of them", wrong)
        other = [code for code in found if code != 250]
        tap.ok(not other and len(found) > 20, "and %d that come and go" %
               len(found), other)
        taken = sum(s.taken for s in sessions) + len(found)
        tap.ok(len(daemon.messages()) == taken,
               "%d answered 250, all are there, once" % taken,
               len(daemon.messages()))
        tap.ok(daemon.parts() == parts, "no part was started anew")
    shutil.rmtree(daemon.folder)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-reload.")
    tempfile.tempdir = folder
    try:
        in_force_at_once(tap)
        under_load(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
