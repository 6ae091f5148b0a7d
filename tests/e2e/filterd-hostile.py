#!/usr/bin/env python3
"""What starters and peers do to the daemon: limits of a process, descriptors
left open or closed, costly bytes, very long terse lines."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../tools"))
import filterd  # noqa: E402
import ports  # noqa: E402

HEAD = "From: a@out.example\r\nDate: x\r\n\r\n"
TERSE = {"plugins": "rcpt_ok\nlogging/logterse\nqueue/maildir @MAILDIR@"}
TICKS = os.sysconf("SC_CLK_TCK")


class Started(filterd.Daemon):
    """Started by a shell that does something first."""

    def __init__(self, first, **more):
        super().__init__(**more)
        self.first = first

    def command(self, *args):
        return ["sh", "-c", self.first + '; exec "$@"', "sh",
                *super().command(*args)]


def cpu(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def send_one(daemon, text="hi\r\n"):
    peer = daemon.connect()
    peer.begin()
    peer.send(HEAD + text + ".\r\n")
    return peer.reply()[0]


def file_size(tap):
    """A file larger than the process may write ends no part."""
    with Started("ulimit -f 2000") as daemon:
        parts = daemon.parts()
        code = send_one(daemon, ("y" * 70 + "\r\n") * 20000)
        tap.ok(code in (451, 452), "over the limit of file sizes: 4xx", code)
        tap.ok(send_one(daemon) == 250 and daemon.parts() == parts and
               len(daemon.messages()) == 1,
               "and the next one is taken, no part died", daemon.log())


def few_files(tap):
    """FL-21: sessions fit the limit of open files; nothing is lost."""
    with Started("ulimit -n 80") as daemon:
        peers = [daemon.connect() for _ in range(6)]
        good = all(p.reply()[0] == 220 for p in peers)
        long = ("y" * 70 + "\r\n") * 3000
        good = good and send_one(daemon, long) == 250
        tap.ok(good and len(daemon.messages()) == 1,
               "few open files: fewer sessions, mail flows", daemon.log())


def open_files(pid):
    found = []
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            found.append(os.readlink("/proc/%d/fd/%s" % (pid, fd)))
        except OSError:
            pass
    return found


def foreign_files(tap):
    """FL-192: a file that the starter left open reaches no part."""
    name = os.path.abspath(__file__)
    with Started("exec 7<'%s' 9<'%s'" % (name, name)) as daemon:
        every = list(daemon.parts().values()) + [daemon.process.pid]
        try:
            held = [pid for pid in every if name in open_files(pid)]
        except PermissionError:  # parts that cannot be traced
            tap.skip("a foreign descriptor is not kept",
                     "only root may look into these processes")
            return
        tap.ok(len(every) == 5 + len(daemon.workers()) and not held,
               "a foreign descriptor is not kept", held)


def no_standard_files(tap):
    """Started without standard descriptors the log goes nowhere, not into
    a socket."""
    daemon = filterd.Daemon()
    daemon.port = ports.free_port()
    daemon.process = subprocess.Popen(
        ["sh", "-c", 'exec 0<&- 1>&- 2>&-; exec "$@"', "sh",
         *daemon.command("--foreground", "--listen",
                         "smtp:127.0.0.1:%d" % daemon.port)], cwd="/",
        env=daemon.env)

    def greeted():
        try:
            return daemon.connect().reply()[0] == 220
        except OSError:
            return False
    good = filterd.wait_for(greeted) and send_one(daemon) == 250
    tap.ok(good, "no standard descriptors: mail flows")
    try:
        second = {os.readlink("/proc/%d/fd/2" % pid) for pid in
                  list(daemon.parts().values()) + [daemon.process.pid]}
        tap.ok(second == {"/dev/null"}, "nothing else is written to", second)
    except PermissionError:  # parts that cannot be traced
        tap.skip("nothing else is written to",
                 "only root may look into these processes")
    tap.ok(daemon.stop() == 0, "and it ends in order")


def terse_line(tap):
    """FL-176: all fields are there, however many recipients are."""
    rcpts = ["recipient-number-%04d@local.example" % i for i in range(1000)]
    with filterd.Daemon(files=TERSE) as daemon:
        peer = daemon.connect()
        peer.begin(rcpts=rcpts)
        peer.send("Message-Id: <many@x>\r\n" + HEAD + "hi\r\n.\r\n")
        code = peer.reply()[0]
        lines = [x for x in daemon.log().splitlines() if "` " in x]
        fields = lines[0].split("\t") if lines else []
        tap.ok(code == 250 and len(lines) == 1 and len(fields) == 9 and
               fields[4].endswith(">,...") and fields[5] == "queued" and
               fields[7] == "<many@x>", "terse line of 1,000 recipients",
               fields and [x[-60:] for x in fields])


def costly_bytes(tap):
    """A CR or NUL in every second byte costs no more than other text."""
    if filterd.SANITIZED:
        tap.skip("costly bytes", "sanitizers change what things cost")
        return
    with filterd.Daemon() as daemon:
        worker = daemon.parts()["worker"]
        used = []
        for what in (b"\rX", b"\0X", b"\r\0"):
            peer = daemon.connect()
            peer.begin()
            before = cpu(worker)
            for _ in range(16):
                peer.send(what * (1 << 19))
            peer.send(b"\r\n.\r\n")
            refused = peer.reply()[0] == 550
            used.append(cpu(worker) - before if refused else 99)
        tap.ok(max(used) < 1.0, "16 MB of CR and NUL take little time", used)


def main():
    tap = filterd.Tap()
    file_size(tap)
    few_files(tap)
    foreign_files(tap)
    no_standard_files(tap)
    terse_line(tap)
    costly_bytes(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
