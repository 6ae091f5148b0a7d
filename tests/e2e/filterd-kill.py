#!/usr/bin/env python3
"""smemail-filterd: parts that are killed, TERM, peers that vanish. No message
that was answered 250 is lost, whatever is killed when."""
import os
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

MESSAGE = "From: a@out.example\r\nMessage-Id: <%s>\r\n\r\n%s\r\n.\r\n"
CLIENTS = 10


class Senders:
    """Clients that send message after message and note each 250."""

    def __init__(self, daemon, size=2000):
        self.daemon = daemon
        self.size = size
        self.taken = set()
        self.refused = 0
        self.lost = 0  # connections without an answer
        self.go = True
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.send, args=(i,))
                        for i in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def one(self, name):
        peer = self.daemon.connect()
        try:
            if peer.begin()[0] != 354:
                return 0
            peer.send(MESSAGE % (name, "x" * self.size))
            return peer.reply()[0]
        finally:
            peer.close()

    def send(self, number):
        n = 0
        while self.go:
            n += 1
            name = "%d.%d@out.example" % (number, n)
            try:
                code = self.one(name)
            except OSError:
                code = 0
                time.sleep(0.01)
            with self.lock:
                if code == 250:
                    self.taken.add(name)
                elif code:
                    self.refused += 1
                else:
                    self.lost += 1

    def wait_for(self, more):
        with self.lock:
            goal = len(self.taken) + more
        return filterd.wait_for(lambda: len(self.taken) >= goal, 60)

    def end(self):
        self.go = False
        for thread in self.threads:
            thread.join()


def missing(daemon, taken):
    stored = set()
    for text in daemon.messages():
        head = text.split(b"\n\n", 1)[0].decode("latin-1")
        for line in head.splitlines():
            if line.startswith("Message-Id: <"):
                stored.add(line[13:-1])
    return taken - stored


def kill_part(tap, name):
    daemon = filterd.Daemon()
    with daemon:
        senders = Senders(daemon)
        good = senders.wait_for(50)
        for _ in range(3):
            pid = daemon.parts().get(name)
            os.kill(pid, signal.SIGKILL)
            good = good and filterd.wait_for(
                lambda: daemon.parts().get(name) not in (None, pid))
            good = good and senders.wait_for(50)
        senders.end()
        tap.ok(good, "the %s is started anew and mail flows again" % name,
               daemon.log())
        told = daemon.log()
        told = told.replace("worker 1 of %s" % daemon.env["WORKERS"],
                            "the worker")
        tap.ok("the %s ended by signal 9" % name in told, "its end is told",
               told)
        lost = missing(daemon, senders.taken)
        tap.ok(not lost, "%s killed: nothing answered 250 is lost" % name,
               "%d of %d lost" % (len(lost), len(senders.taken)))
    shutil.rmtree(daemon.folder)


def as_user():
    """As root, to run as another user: a master stays in front."""
    daemon = filterd.Daemon(args=["--user", "nobody"])
    shutil.chown(daemon.folder, "nobody")
    return daemon


def kill_first(tap, who, daemon):
    """One of those without which there is no daemon."""
    daemon.start()
    senders = Senders(daemon)
    good = senders.wait_for(100)
    parts = daemon.parts()
    os.kill(parts.get(who, daemon.process.pid), signal.SIGKILL)
    daemon.process.wait()
    senders.end()
    gone = filterd.wait_for(lambda: not any(
        os.path.exists("/proc/%d/fd" % pid) and
        open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[0] != "Z"
        for pid in parts.values()), 60)
    lost = missing(daemon, senders.taken)
    tap.ok(good and not lost, "%s killed: nothing is lost" % who,
           "%d lost" % len(lost))
    tap.ok(gone, "and the other parts end too")
    shutil.rmtree(daemon.folder)


def kill_all(tap):
    daemon = filterd.Daemon()
    daemon.start()
    senders = Senders(daemon)
    good = senders.wait_for(100)
    daemon.kill_all()
    senders.end()
    lost = missing(daemon, senders.taken)
    tap.ok(good and not lost, "all killed at once: nothing is lost",
           "%d lost" % len(lost))
    tap.ok(daemon.start(), "and it starts again", daemon.log())
    daemon.stop()
    shutil.rmtree(daemon.folder)


def keeps_dying(tap):
    """A part that cannot be kept running ends the daemon (with a message)."""
    with filterd.Daemon() as daemon:
        for _ in range(20):
            pid = daemon.parts().get("keeper")
            if pid:
                os.kill(pid, signal.SIGKILL)
            if filterd.wait_for(lambda: daemon.process.poll() is not None or
                                daemon.parts().get("keeper") not in
                                (None, pid)) and \
                    daemon.process.poll() is not None:
                break
        tap.ok(daemon.process.poll() == 111 and
               "giving up" in daemon.log(),
               "a part that dies again and again ends the daemon",
               daemon.log())
    shutil.rmtree(daemon.folder)


def term(tap):
    daemon = filterd.Daemon()
    with daemon:
        idle = daemon.connect()
        idle.reply()
        busy = daemon.connect()
        busy.begin()
        busy.send("From: a@out.example\r\n\r\nhalf")
        daemon.process.send_signal(signal.SIGTERM)
        tap.ok(idle.reply()[0] == 421, "TERM: an idle session gets 421")
        try:
            filterd.wait_for(lambda: daemon.connect().close())
            refused = False
        except OSError:
            refused = True
        tap.ok(refused, "no new session")
        busy.send(" and half\r\n.\r\n")
        tap.ok(busy.reply()[0] == 250, "a message under way is finished",
               daemon.log())
        tap.ok(busy.reply()[0] == 421, "and then its session ends")
        tap.ok(daemon.process.wait(30) == 0, "the daemon ends with 0",
               daemon.log())
        tap.ok(len(daemon.messages()) == 1, "the message is there")
    shutil.rmtree(daemon.folder)


def vanish(tap):
    daemon = filterd.Daemon({"loglevel": "6"})
    with daemon:
        for text in ("", "From: a\r\n\r\nhalf a message",
                     "From: a\r\n\r\n" + 3000 * "a long text, spooled away "
                     + "\r\n" + 9000 * "more of it\r\n"):
            peer = daemon.connect()
            peer.begin()
            peer.send(text)
            peer.close()
        ended = filterd.wait_for(
            lambda: daemon.log().count("click, disconnecting") == 3)
        tap.ok(ended and not daemon.messages(),
               "peers that vanish leave nothing (FL-32)", daemon.log())
        peer = daemon.connect()
        peer.begin()
        peer.send("From: a\r\n\r\nx\r\n.\r\n")
        peer.close()  # not waiting for the answer
        tap.ok(filterd.wait_for(lambda: len(daemon.messages()) == 1),
               "gone after the dot: it stays queued (FL-157)", daemon.log())
        left = os.listdir(os.path.join(daemon.maildir, "tmp"))
        tap.ok(not left, "nothing is left in tmp", left)
    shutil.rmtree(daemon.folder)


def queue_trouble(tap):
    daemon = filterd.Daemon()
    with daemon:
        with open(daemon.maildir, "w", encoding="ascii") as f:
            f.write("not a folder\n")
        peer = daemon.connect()
        peer.begin()
        peer.send("From: a\r\n\r\nx\r\n.\r\n")
        tap.ok(peer.reply()[0] == 451, "no Maildir: 451 (FL-33)",
               daemon.log())
        tap.ok(daemon.maildir in daemon.log(), "the log says which",
               daemon.log())
        os.unlink(daemon.maildir)
        peer.ask("MAIL FROM:<>")
        peer.ask("RCPT TO:<b@local.example>")
        peer.ask("DATA")
        peer.send("From: a\r\n\r\nx\r\n.\r\n")
        tap.ok(peer.reply()[0] == 250 and len(daemon.messages()) == 1,
               "once it can be made the session's next message is taken",
               daemon.log())
    shutil.rmtree(daemon.folder)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-kill.")
    tempfile.tempdir = folder
    os.chmod(folder, 0o755)
    try:
        kill_part(tap, "keeper")
        kill_part(tap, "worker")
        kill_first(tap, "listener", filterd.Daemon())
        if os.geteuid() == 0:
            kill_first(tap, "master", as_user())
            kill_first(tap, "listener", as_user())
        else:
            tap.skip("the master is killed", "not started as root")
        kill_all(tap)
        keeps_dying(tap)
        term(tap)
        vanish(tap)
        queue_trouble(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
