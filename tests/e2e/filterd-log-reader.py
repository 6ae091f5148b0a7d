#!/usr/bin/env python3
"""smemail-filterd: the reader of its log hangs. A real multilog that is
stopped, and one at a socket (as journald has them): mail goes on; lines are
whole or lost, and those lost are counted to the last one."""
import array
import fcntl
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

MESSAGES = 60
LOST = re.compile(r"(\d+) lines of the log were lost")
COUNTER = re.compile(r"^smemail_filterd_log_lines_lost_total (\d+)$", re.M)
LINE = re.compile(r"@[0-9a-f]{24} (?:\d+ .*|filler\.*|)")
FILES = {"plugins": "logging/logterse\nrcpt_ok\nqueue/maildir @MAILDIR@",
         "loglevel": "7"}
HEAD = "From: a@out.example\r\nMessage-Id: <%d@x>\r\n\r\nText.\r\n."
MANY = ["%s%d@local.example" % ("b" * 50, i) for i in range(100)]


class LogDaemon(filterd.Daemon):
    """Its log goes where it is told; what came of it is in a folder."""

    def __init__(self, log_fd):
        self.log_fd = log_fd
        super().__init__(FILES)
        self.kept = os.path.join(self.folder, "main")
        self.control = os.path.join(self.folder, "control")

    def begin(self):
        self.process = subprocess.Popen(
            self.command("--foreground", "--listen", "smtp:127.0.0.1:0",
                         "--control", self.control),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.log_fd, env=self.env, cwd="/")
        if not filterd.wait_for(lambda: filterd.LISTENING.search(
                re.sub(r"(?m)^@\w+ ", "", self.log()))):
            raise RuntimeError("it does not start: " + self.log())
        self.port = int(filterd.LISTENING.search(
            re.sub(r"(?m)^@\w+ ", "", self.log()))[3])

    def log(self):
        path = os.path.join(self.kept, "current")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def lost(self):
        """By its counter."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(20)
            s.connect(self.control)
            text = b""
            while more := s.recv(65536):
                text += more
        return int(COUNTER.search(text.decode())[1])


def send(daemon, n, rcpts=("b@local.example",)):
    """Replies to the end of each text, and the longest time for one."""
    codes, longest = [], 0.0
    envelope = ["MAIL FROM:<a@out.example>"]
    envelope += ["RCPT TO:<%s>" % rcpt for rcpt in rcpts] + ["DATA"]
    for i in range(n):
        began = time.monotonic()
        peer = daemon.connect()
        peer.reply()
        peer.ask("EHLO client.example")
        peer.send("".join(line + "\r\n" for line in envelope))
        for _ in envelope:
            peer.reply()
        codes.append(peer.ask(HEAD % i)[0])
        peer.ask("QUIT")
        peer.close()
        longest = max(longest, time.monotonic() - began)
    return codes, longest


def lines(daemon):
    return [line for line in daemon.log().splitlines()
            if "filler" not in line]


def ends(daemon):
    """How many sessions have their last line."""
    return daemon.log().count(" click, disconnecting\n")


def told(daemon, n):
    """The lines once those of n more sessions are there, whole."""
    goal = ends(daemon) + n
    send(daemon, n)
    filterd.wait_for(lambda: ends(daemon) >= goal)
    return lines(daemon)


def terse(daemon):
    return [line for line in lines(daemon) if "logterse" in line]


def is_empty(fd):
    waiting = array.array("i", [0])
    fcntl.ioctl(fd, termios.FIONREAD, waiting)
    return waiting[0] == 0


def fill(fd):
    """To the last byte, beside the daemon, which is not waited for."""
    own = os.open("/proc/self/fd/%d" % fd, os.O_WRONLY | os.O_NONBLOCK)
    size = 4096
    while size > 0:
        try:
            os.write(own, b"filler".ljust(size - 1, b".") + b"\n"
                     if size > 7 else b"\n" * size)
        except BlockingIOError:
            size //= 2
    os.close(own)


def torn(daemon):
    return [line for line in daemon.log().splitlines()
            if not LINE.fullmatch(line)]


def look(tap, name, daemon, logger, block):
    before = len(told(daemon, 1))
    of_load = len(told(daemon, MESSAGES)) - before
    logger.send_signal(signal.SIGSTOP)
    block()
    codes, longest = send(daemon, MESSAGES)
    tap.ok(codes == [250] * MESSAGES and longest < 5,
           "%s: %d messages are taken while nobody reads the log" %
           (name, MESSAGES), (set(codes), longest))
    filterd.wait_for(lambda: daemon.lost() >= of_load)
    lost = daemon.lost()
    logger.send_signal(signal.SIGCONT)
    found = filterd.wait_for(lambda: LOST.search(daemon.log()))
    tap.ok(found and int(found[1]) == lost == of_load,
           "%s: the lines that were lost are told, all %d" % (name, of_load),
           (found and found[0], lost, of_load))
    after = told(daemon, 1)
    tap.ok("logterse" in "".join(after[-12:]) and not torn(daemon),
           name + ": it is written on, and no line is torn", torn(daemon)[:5])


def border(tap, daemon, logger, write_end):
    """A line of more than a page where one is free is lost, not torn."""
    filterd.write_config(daemon.config, {"loglevel": "1"})
    send(daemon, 1)
    filterd.wait_for(lambda: is_empty(write_end))
    logger.send_signal(signal.SIGSTOP)
    pages = fcntl.fcntl(write_end, fcntl.F_GETPIPE_SZ) // select.PIPE_BUF
    for _ in range(pages - 1):
        os.write(write_end, b"filler".ljust(select.PIPE_BUF - 1, b".") + b"\n")
    before = daemon.lost()
    codes = send(daemon, 1, MANY)[0] + send(daemon, 1)[0]
    lost = daemon.lost() - before
    logger.send_signal(signal.SIGCONT)
    filterd.wait_for(lambda: is_empty(write_end))
    codes += send(daemon, 1, MANY)[0]
    found = filterd.wait_for(lambda: len(LOST.findall(daemon.log())) == 2)
    whole = filterd.wait_for(lambda: daemon.log().endswith("\n") and
                             len(terse(daemon)[-1]) > select.PIPE_BUF)
    tap.ok(codes == [250] * 3 and lost == 1 and found and whole and
           not torn(daemon) and
           all(line.count("\t") >= 7 for line in terse(daemon)),
           "a long line is whole or lost",
           (codes, lost, LOST.findall(daemon.log()), torn(daemon)[:5]))


def pipe(tap):
    read_end, write_end = os.pipe()
    daemon = LogDaemon(write_end)
    logger = subprocess.Popen(["multilog", "t", "s16777215", daemon.kept],
                              stdin=read_end, stderr=subprocess.DEVNULL)
    os.close(read_end)
    try:
        daemon.begin()
        tap.ok(not fcntl.fcntl(write_end, fcntl.F_GETFL) & os.O_NONBLOCK,
               "who else holds the pipe finds no flag changed")
        look(tap, "pipe", daemon, logger, lambda: fill(write_end))
        border(tap, daemon, logger, write_end)
        logger.send_signal(signal.SIGSTOP)
        fill(write_end)
        began = time.monotonic()
        status = daemon.stop()
        tap.ok(status == 0 and time.monotonic() - began < 10,
               "it stops while nobody reads the log", status)
    finally:
        logger.kill()
        logger.wait()
        os.close(write_end)
        daemon.process.poll() is None and daemon.process.kill()


def stream(tap):
    ours, theirs = socket.socketpair()
    daemon = LogDaemon(ours.fileno())
    logger = subprocess.Popen(["multilog", "t", "s16777215", daemon.kept],
                              stdin=theirs, stderr=subprocess.DEVNULL)
    theirs.close()
    own = ours.dup()

    def block():
        try:
            while True:
                own.send(b"filler\n" * 100, socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass
    try:
        daemon.begin()
        look(tap, "socket", daemon, logger, block)
        tap.ok(daemon.stop() == 0, "socket: it stops")
    finally:
        logger.kill()
        logger.wait()
        daemon.process.poll() is None and daemon.process.kill()


def main():
    tap = filterd.Tap()
    with tempfile.TemporaryDirectory(prefix="filterd.") as top:
        tempfile.tempdir = top
        pipe(tap)
        stream(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
