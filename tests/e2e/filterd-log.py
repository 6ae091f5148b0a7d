#!/usr/bin/env python3
"""smemail-filterd's write-ahead log (T-4): killed at random moments, no message
that was answered 250 is lost and none is there twice; a full disk, a log that
is removed, foreign, damaged or in use by another daemon."""
import os
import random
import re
import shutil
import signal
import subprocess
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
KILLS = int(os.environ.get("KILLS", "204"))
CLIENTS = 8
PAUSE = 0.05  # of each: enough under way for a kill, and not a full disk
SIZE = 1 << 20  # a small log: it is written round and round


def new_daemon(name, **files):
    folder = os.path.join(tempfile.tempdir, name)
    spool = os.path.join(folder, "spool")
    os.makedirs(spool)
    base = {"spool_dir": spool, "queue_log": str(SIZE)}
    base.update(files)
    daemon = filterd.Daemon(base, folder=folder)
    daemon.spool = spool
    daemon.log_file = os.path.join(spool, "queue-log")
    return daemon


def stored(daemon):
    """{message id: how often} in new and cur."""
    found = {}
    for sub in ("new", "cur"):
        folder = os.path.join(daemon.maildir, sub)
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            with open(os.path.join(folder, name), "rb") as f:
                head = f.read().split(b"\n\n", 1)[0].decode("latin-1")
            for line in head.splitlines():
                if line.startswith("Message-Id: <"):
                    found[line[13:-1]] = found.get(line[13:-1], 0) + 1
    return found


class Load:
    """Senders, and a reader that moves messages from new to cur."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.taken = set()
        self.sent = 0
        self.other = 0
        self.go = True
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.send, args=(i,))
                        for i in range(CLIENTS)]
        self.threads.append(threading.Thread(target=self.read))
        for thread in self.threads:
            thread.start()

    def one(self, name):
        peer = self.daemon.connect()
        try:
            if peer.begin()[0] != 354:
                return 0
            peer.send(MESSAGE % (name, "x" * random.randrange(1, 9000)))
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
            except (OSError, ValueError):
                code = 0
            time.sleep(PAUSE)
            with self.lock:
                self.sent += 1
                if code == 250:
                    self.taken.add(name)
                elif code:
                    self.other += 1

    def read(self):
        new = os.path.join(self.daemon.maildir, "new")
        while self.go:
            names = os.listdir(new) if os.path.isdir(new) else ()
            for name in names:
                if random.random() < 0.5:
                    os.rename(os.path.join(new, name), os.path.join(
                        self.daemon.maildir, "cur", name + ":2,S"))
            time.sleep(0.02)

    def wait_for(self, more):
        goal = len(self.taken) + more
        return filterd.wait_for(lambda: len(self.taken) >= goal, 60)

    def end(self):
        self.go = False
        for thread in self.threads:
            thread.join()


def judge(daemon, load):
    """(lost, doubled) once all that was taken should be there: a log that was
    not delivered is, each of its messages looked for in all the Maildir."""
    filterd.wait_for(lambda: not load.taken - set(stored(daemon)), 120, 0.5)
    there = stored(daemon)
    return (load.taken - set(there),
            [name for name, n in there.items() if n > 1])


def random_kills(tap):
    daemon = new_daemon("kills")
    good = daemon.start()
    load = Load(daemon)
    kills = 0
    while good and kills < KILLS:
        # a part may end five times in a minute, then the daemon gives up
        for part in random.sample(["keeper", "keeper", "worker"], 3):
            good = good and load.wait_for(random.randrange(1, 30))
            time.sleep(random.random() * 0.02)
            pid = daemon.parts().get(part)
            if pid:
                os.kill(pid, signal.SIGKILL)
                kills += 1
            good = good and filterd.wait_for(
                lambda: daemon.parts().get(part) not in (None, pid))
        good = good and load.wait_for(random.randrange(1, 30))
        time.sleep(random.random() * 0.02)
        daemon.kill_all()
        kills += 1
        good = good and daemon.start()
    load.end()
    lost, doubled = judge(daemon, load)
    count = "%d kills, %d sent, %d answered 250" % (
        kills, load.sent, len(load.taken))
    tap.ok(good, "%s: mail flows on each time" % count, daemon.log())
    tap.ok(not lost, "none of them is lost", "%d lost" % len(lost))
    tap.ok(not doubled, "none is there twice", "%s" % doubled)
    tap.ok("damaged" not in daemon.log() and "of a run before" in daemon.log(),
           "the log was never damaged, and was needed", daemon.log())
    left = [p for p in daemon.parts() if p]
    tap.ok(daemon.stop() == 0 and left, "and it stops as always",
           daemon.log())
    shutil.rmtree(daemon.folder)


def send_one(daemon, name="m@out.example", size=100):
    peer = daemon.connect()
    try:
        peer.begin()
        peer.send(MESSAGE % (name, "x" * size))
        return peer.reply()[0]
    finally:
        peer.close()


def arrives(daemon, *names):
    return filterd.wait_for(
        lambda: all(stored(daemon).get(n) == 1 for n in names))


def stop_delivers(tap):
    daemon = new_daemon("stop")
    daemon.start()
    names = ["s%d@out.example" % i for i in range(40)]
    codes = {send_one(daemon, name) for name in names}
    tap.ok(daemon.stop() == 0 and codes == {250}, "TERM", daemon.log())
    tap.ok(sorted(stored(daemon)) == sorted(names),
           "all is delivered when it has ended", daemon.log())
    daemon.start()
    tap.ok(send_one(daemon, "later@out.example") == 250 and
           "of a run before" not in daemon.log(),
           "nothing is left for the next start", daemon.log())
    daemon.stop()


def not_ready(tap):
    daemon = new_daemon("trouble")
    with daemon:
        with open(daemon.maildir, "w", encoding="ascii") as f:
            f.write("not a folder\n")
        tap.ok(send_one(daemon) == 451 and daemon.maildir in daemon.log(),
               "no Maildir: 451 and not into the log (FL-33)", daemon.log())
        os.unlink(daemon.maildir)
        tap.ok(send_one(daemon) == 250 and arrives(daemon, "m@out.example"),
               "once it can be made mail is taken", daemon.log())
        big = 3 << 20
        tap.ok(send_one(daemon, "big@out.example", big) == 250 and
               "big@out.example" in stored(daemon),
               "a message larger than the log is delivered without it",
               daemon.log())


def others_file(tap):
    daemon = new_daemon("foreign")
    with open(daemon.log_file, "w", encoding="ascii") as f:
        f.write("notes\n" * 10)
    with daemon:
        tap.ok("is no queue log and is left alone" in daemon.log() and
               "next: mv " in daemon.log(),
               "a foreign file is told, with the next step", daemon.log())
        tap.ok(send_one(daemon) == 250 and len(stored(daemon)) == 1,
               "and mail is delivered without a log", daemon.log())
        with open(daemon.log_file, encoding="ascii") as f:
            tap.ok(f.read() == "notes\n" * 10, "the file is as it was")


def two_daemons(tap):
    first = new_daemon("first")
    second = new_daemon("second", spool_dir=first.spool)
    second.log_file = first.log_file
    with first:
        with second:
            tap.ok("is in use by another daemon" in second.log(),
                   "two daemons on one log: the second says so",
                   second.log())
            tap.ok(send_one(second) == 250 and len(stored(second)) == 1 and
                   send_one(first) == 250 and
                   arrives(first, "m@out.example"),
                   "and both take mail")
            first.stop()
            time.sleep(1.1)
            send_one(second, "n@out.example")
            held = subprocess.run(
                ["lsof", "-t", first.log_file], capture_output=True,
                check=False).stdout if shutil.which("lsof") else None
            holder = any(os.path.realpath("/proc/%d/fd/%s" % (pid, fd)) ==
                         first.log_file
                         for pid in second.parts().values()
                         for fd in os.listdir("/proc/%d/fd" % pid))
            tap.ok(holder, "the second has it once the first has ended",
                   "%s\n%s" % (held, second.log()))


def removed(tap):
    daemon = new_daemon("removed")
    with daemon:
        codes = [send_one(daemon, "r0@out.example")]
        os.unlink(daemon.log_file)
        codes += [send_one(daemon, "r%d@out.example" % i)
                  for i in range(1, 4)]
        tap.ok(codes == [250] * 4, "a removed log is made anew", codes)
        taken = ["r%d@out.example" % i for i, c in enumerate(codes)
                 if c == 250]
        tap.ok(arrives(daemon, *taken), "what was taken is there",
               daemon.log())
        tap.ok(filterd.wait_for(lambda: send_one(daemon) == 250 and
                                os.path.exists(daemon.log_file)),
               "and a new log is made", daemon.log())


def block(daemon):
    """Nothing can be delivered where a file stands: messages wait. The
    keeper looks at a mailbox until it has seen it."""
    send_one(daemon, "seen@out.example")
    arrives(daemon, "seen@out.example")
    shutil.rmtree(daemon.maildir)
    with open(daemon.maildir, "w", encoding="ascii") as f:
        f.write("in the way\n")


def removed_while_they_wait(tap, what, take_away):
    """T-4: killed at once afterwards, what was answered 250 is there, once."""
    daemon = new_daemon("waiting-" + what.replace(" ", "-"))
    daemon.start()
    names = ["w%d@out.example" % i for i in range(6)]
    codes = [send_one(daemon, names[0])]
    arrives(daemon, names[0])
    block(daemon)
    codes += [send_one(daemon, n) for n in names[1:4]]
    take_away(daemon)
    told = filterd.wait_for(lambda: os.path.exists(daemon.log_file) and
                            "is made anew with all that it held" in
                            daemon.log())
    tap.ok(told, "%s: the log is made anew, nobody has to send for it" % what,
           daemon.log())
    take_away(daemon)
    codes += [send_one(daemon, n) for n in names[4:]]
    daemon.kill_all()
    tap.ok(codes == [250] * 6 and os.path.exists(daemon.log_file),
           "%s again: the next message sees to it" % what, codes)
    os.unlink(daemon.maildir)
    daemon.start()
    good = arrives(daemon, *names[1:])
    tap.ok(good and all(stored(daemon).get(n) == 1 for n in names[1:]),
           "%s: after a kill all are there once" % what,
           "%s\n%s" % (stored(daemon), daemon.log()))
    daemon.stop()


def in_its_place(tap):
    """Where it cannot be made anew that is told, and nothing is promised."""
    daemon = new_daemon("in-its-place")
    daemon.start()
    send_one(daemon, "p0@out.example")
    arrives(daemon, "p0@out.example")
    block(daemon)
    codes = [send_one(daemon, "p1@out.example")]
    shutil.rmtree(daemon.spool)
    with open(daemon.spool, "w", encoding="ascii") as f:
        f.write("in the way\n")
    tap.ok(daemon.logged("would be lost by a crash"),
           "one that cannot be made anew is told", daemon.log())
    codes.append(send_one(daemon, "p2@out.example"))
    tap.ok(codes == [250, 451], "and mail is answered 451", codes)
    os.unlink(daemon.spool)
    tap.ok(filterd.wait_for(lambda: os.path.exists(daemon.log_file)),
           "once it can it is", daemon.log())
    daemon.kill_all()
    os.unlink(daemon.maildir)
    daemon.start()
    tap.ok(arrives(daemon, "p1@out.example"), "and nothing is lost",
           daemon.log())
    daemon.stop()


def removed_logs(tap):
    removed(tap)
    removed_while_they_wait(tap, "a removed file",
                            lambda d: os.unlink(d.log_file))
    removed_while_they_wait(tap, "a removed folder",
                            lambda d: shutil.rmtree(d.spool))
    moved = iter(range(9))
    removed_while_they_wait(
        tap, "a folder moved away",
        lambda d: os.rename(d.spool, "%s.%d" % (d.spool, next(moved))))
    in_its_place(tap)


def damaged(tap):
    daemon = new_daemon("damaged")
    daemon.start()
    send_one(daemon, "d0@out.example")
    arrives(daemon, "d0@out.example")
    block(daemon)
    codes = [send_one(daemon, "d%d@out.example" % i) for i in range(1, 4)]
    daemon.kill_all()
    os.unlink(daemon.maildir)
    with open(daemon.log_file, "r+b") as f:
        text = f.read()
        at = text.find(b"d2@out.example")
        f.seek(at)
        f.write(b"X")
    tap.ok(codes == [250] * 3 and at > 0,
           "three messages in the log, one byte of the second changed",
           codes)
    daemon.start()
    tap.ok(daemon.logged("is damaged, 1 of its messages are lost"),
           "the next start tells it", daemon.log())
    tap.ok(arrives(daemon, "d1@out.example", "d3@out.example") and
           "d2@out.example" not in stored(daemon),
           "and delivers the others", daemon.log())
    daemon.stop()


def mount_small(folder, size="256k"):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size,
                           "filterd", folder], capture_output=True,
                          check=False).returncode == 0


def fill(folder):
    filler = os.path.join(folder, "filler")
    with open(filler, "wb", buffering=0) as f:
        try:
            while f.write(b"x" * 4096):
                pass
        except OSError:
            pass
    return filler


def disk_full(tap):
    """The disk of all mailboxes is full: nothing is promised that it has no
    room for. Then it is read-only."""
    if os.geteuid() != 0:
        tap.skip("a full disk", "needs root to mount one")
        return
    daemon = new_daemon("full")
    os.mkdir(daemon.maildir)
    if not mount_small(daemon.maildir):
        tap.skip("a full disk", "mounting is not allowed here")
        return
    try:
        with daemon:
            send_one(daemon, "f@out.example")
            filterd.wait_for(lambda: stored(daemon))
            filler = fill(daemon.maildir)
            codes = [send_one(daemon, "f%d@out.example" % i, 8000)
                     for i in range(5)]
            tap.ok(codes == [451] * 5 and stored(daemon) ==
                   {"f@out.example": 1}, "disk full: 451 at once", codes)
            tap.ok("no space left" in daemon.log().lower(),
                   "the log says why", daemon.log()[-2000:])
            os.unlink(filler)
            logged = len(daemon.log())
            codes = [send_one(daemon, "g%d@out.example" % i, 8000)
                     for i in range(60)]
            taken = ["g%d@out.example" % i for i, c in enumerate(codes)
                     if c == 250]
            tap.ok(0 < len(taken) < 60 and filterd.wait_for(
                lambda: all(stored(daemon).get(n) == 1 for n in taken)),
                "one that fills up takes %d of 60 messages, and has them" %
                len(taken), (codes, daemon.log()[-2000:]))
            log = daemon.log()[logged:]
            tap.ok("stays in the queue log" not in log and
                   ("make room there" in log or "no space left" in log),
                   "none of them had to wait, and why others were not taken "
                   "is told", log[-2000:])
            subprocess.run(["mount", "-o", "remount,size=64m", "filterd",
                            daemon.maildir], check=True)
            tap.ok(send_one(daemon, "again@out.example") == 250,
                   "with room again mail is taken")
            subprocess.run(["mount", "-o", "remount,ro", "filterd",
                            daemon.maildir], check=True)
            code = send_one(daemon, "ro@out.example")
            big = send_one(daemon, "robig@out.example", 3 << 20)
            tap.ok(code in (250, 451) and big == 451,
                   "read-only: only what the log holds is promised",
                   "%s %s" % (code, big))
            subprocess.run(["mount", "-o", "remount,rw", "filterd",
                            daemon.maildir], check=True)
            tap.ok(code == 451 or filterd.wait_for(
                lambda: stored(daemon).get("ro@out.example") == 1, 70, 0.2),
                   "and kept", daemon.log()[-2000:])
    finally:
        subprocess.run(["umount", "-l", daemon.maildir], check=False)


def mailbox_full(tap):
    """One mailbox is on a disk of its own, which nobody looks at before: what
    it has no room for waits in the log, others pass it, and it is told."""
    if os.geteuid() != 0:
        tap.skip("a full mailbox", "needs root to mount one")
        return
    daemon = new_daemon("boxfull", plugins="rcpt_ok\n"
                        "queue/maildir @MAILDIR@ %l")
    box = os.path.join(daemon.maildir, "b")
    os.makedirs(box)
    if not mount_small(box):
        tap.skip("a full mailbox", "mounting is not allowed here")
        return

    def there(user, name):
        new = os.path.join(daemon.maildir, user, "new")
        for f in os.listdir(new) if os.path.isdir(new) else ():
            with open(os.path.join(new, f), "rb") as g:
                if b"<%s>" % name.encode() in g.read():
                    return True
        return False

    def count():
        return len(os.listdir(os.path.join(box, "new")))

    def send_to(user, name):
        peer = daemon.connect()
        peer.begin(rcpts=(user + "@local.example",))
        peer.send(MESSAGE % (name, "x" * 8000))
        code = peer.reply()[0]
        peer.close()
        return code
    try:
        with daemon:
            send_to("b", "first@x")
            filterd.wait_for(lambda: there("b", "first@x"))
            filler = fill(box)
            code = send_to("b", "waits@x")
            tap.ok(code == 250 and filterd.wait_for(
                lambda: "stays in the queue log" in daemon.log()),
                "a full mailbox: the log takes its message, and is told",
                daemon.log()[-2000:])
            tap.ok("no space left" in daemon.log().lower() and
                   "next: make room there" in daemon.log(),
                   "why, and what to do", daemon.log()[-2000:])
            code = send_to("c", "passes@x")
            tap.ok(code == 250 and filterd.wait_for(
                lambda: there("c", "passes@x")), "others pass it")
            os.kill(daemon.parts()["keeper"], signal.SIGKILL)
            os.unlink(filler)
            tap.ok(filterd.wait_for(lambda: there("b", "waits@x"), 70, 0.2)
                   and count() == 2, "with room again it is delivered, once, "
                   "by the next keeper too", daemon.log()[-2000:])
    finally:
        subprocess.run(["umount", "-l", box], check=False)


def time_is_over(tap):
    """Behind the life time of the queue a message that its mailbox does not
    take is given up: its sender is told (RFC 3464), the others have it."""
    daemon = new_daemon("over", queuelifetime="3", plugins="rcpt_ok\n"
                        "queue/maildir @MAILDIR@ %l")
    report = re.compile(r"^Final-Recipient: rfc822; (\S+)$", re.M)

    def there(user):
        found = []
        for sub in ("new", "cur"):
            folder = os.path.join(daemon.maildir, user, sub)
            for name in os.listdir(folder) if os.path.isdir(folder) else ():
                with open(os.path.join(folder, name), encoding="ascii") as f:
                    found.append(f.read())
        return found

    def send(*users):
        peer = daemon.connect()
        peer.begin("a@local.example", [u + "@local.example" for u in users])
        peer.send(MESSAGE % ("over@x", "text"))
        code = peer.reply()[0]
        peer.close()
        return code

    def empty(user):
        folder = os.path.join(daemon.maildir, user, "new")
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
    with daemon:
        for n in 1, 2:  # the keeper has seen mailboxes that it finds there
            send("a", "b", "c")
            filterd.wait_for(lambda n=n: all(len(there(u)) == n
                                             for u in "abc"))
        shutil.rmtree(os.path.join(daemon.maildir, "b"))
        with open(os.path.join(daemon.maildir, "b"), "w",
                  encoding="ascii") as f:
            f.write("in the way\n")
        empty("a")
        empty("c")
        code = send("c", "b")
        tap.ok(code == 250 and filterd.wait_for(lambda: len(there("c")) == 1),
               "one of two mailboxes cannot take it: the other has it",
               (code, daemon.log()[-2000:]))
        empty("c")  # read, and moved elsewhere
        told = filterd.wait_for(lambda: there("a"), 60)
        text = "".join(there("a"))
        tap.ok(told and report.findall(text) == ["b@local.example"] and
               "Status: 5.4.7" in text and "Action: failed" in text and
               "cannot be written, tried for " in text and
               "Remote-MTA" not in text and daemon.maildir not in text and
               "Message-Id: <over@x>" in text,
               "after the life time its sender is told of the one",
               text or daemon.log()[-2000:])
        tap.ok("given up after" in daemon.log(), "and the log tells it")
        daemon.stop()
        os.unlink(os.path.join(daemon.maildir, "b"))
        daemon.start()
        send("a")
        tap.ok(filterd.wait_for(lambda: len(there("a")) == 2) and
               not there("b") and not there("c") and
               daemon.log().count("given up after") == 1,
               "then it is gone, and nobody had it twice",
               (there("b"), there("c"), daemon.log()[-1500:]))


def no_room_for_log(tap):
    if os.geteuid() != 0:
        tap.skip("a full spool disk", "needs root to mount one")
        return
    daemon = new_daemon("spoolfull")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "filterd",
                       daemon.spool], capture_output=True,
                      check=False).returncode != 0:
        tap.skip("a full spool disk", "mounting is not allowed here")
        return
    try:
        with daemon:
            tap.ok("cannot make the queue log" in daemon.log() and
                   os.path.getsize(daemon.log_file) == 0,
                   "no room for the log: told, and none is taken",
                   daemon.log())
            tap.ok(send_one(daemon) == 250 and len(stored(daemon)) == 1,
                   "mail is delivered without it", daemon.log())
    finally:
        subprocess.run(["umount", "-l", daemon.spool], check=False)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-log.")
    tempfile.tempdir = folder
    try:
        for test in (stop_delivers, not_ready, others_file, two_daemons,
                     removed_logs, damaged, disk_full, mailbox_full,
                     time_is_over,
                     no_room_for_log, random_kills):
            test(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
