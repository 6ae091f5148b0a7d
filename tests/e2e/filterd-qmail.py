#!/usr/bin/env python3
"""queue/qmail-queue (FL-155 ... FL-157): a stand-in for qmail's program notes
what it got on its descriptors, and ends in every way there is."""
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

# The sender's local part says what to do: "exit-31", "signal-9", "hang" ...
STAND_IN = r"""#!/usr/bin/env python3
import os, signal, sys, time
here = os.path.dirname(os.path.abspath(__file__))
def read(fd):
    text = b""
    while True:
        more = os.read(fd, 65536)
        if not more:
            return text
        text += more
def act(word):
    what, _, n = word.partition("-")
    if what == "exit":
        os._exit(int(n))
    if what == "signal":
        os.kill(os.getpid(), int(n))
    if what == "hang":
        open(os.path.join(here, "hangs"), "a").write("%d\n" % os.getpid())
        time.sleep(600)
mode = open(os.path.join(here, "mode")).read().strip()
if mode:
    act(mode)
message = read(0)
envelope = read(1)
word = envelope[1:].split(b"@")[0].decode("latin-1")
if word.startswith("sleep"):
    time.sleep(float(word.partition("-")[2]))
n = "%d.%d" % (time.time_ns(), os.getpid())
for name, text in (("message", message), ("envelope", envelope),
                   ("fds", "\n".join(sorted(os.listdir("/proc/self/fd")))
                    .encode())):
    with open(os.path.join(here, "got", name + "." + n), "wb") as f:
        f.write(text)
act(word)
os._exit(0)
"""


def new_daemon(name, **files):
    folder = os.path.join(tempfile.tempdir, name)
    os.makedirs(os.path.join(folder, "qmail", "got"))
    program = os.path.join(folder, "qmail", "qmail-queue")
    with open(program, "w", encoding="ascii") as f:
        f.write(STAND_IN)
    os.chmod(program, 0o755)
    base = {"plugins": "logging/logterse\nrcpt_ok\nqueue/qmail-queue " +
            program}
    base.update(files)
    daemon = filterd.Daemon(base, folder=folder)
    daemon.qmail = os.path.join(folder, "qmail")
    set_mode(daemon, "")
    return daemon


def set_mode(daemon, mode):
    path = os.path.join(daemon.qmail, "mode")
    with open(path + ".new", "w", encoding="ascii") as f:
        f.write(mode)
    os.rename(path + ".new", path)


def got(daemon, name):
    folder = os.path.join(daemon.qmail, "got")
    texts = []
    for entry in sorted(os.listdir(folder)):
        if entry.startswith(name + "."):
            with open(os.path.join(folder, entry), "rb") as f:
                texts.append(f.read())
    return texts


def send(daemon, sender, rcpts=("b@local.example",), text="x\r\n",
         timeout=30.0):
    peer = daemon.connect(timeout=timeout)
    try:
        peer.begin(sender, rcpts)
        peer.send("From: a@out.example\r\nMessage-Id: <m@out.example>\r\n"
                  "\r\n" + text + ".\r\n")
        return peer.reply()
    finally:
        peer.close()


def protocol(tap):
    daemon = new_daemon("protocol")
    with daemon:
        before = int(time.time())
        code, text = send(daemon, "a@out.example",
                          ("b@local.example", "C.d@local.example",
                           '"e \\"f"@local.example'),
                          "one\r\n..two\r\n\xe9\r\n")
        words = text.split()
        tap.ok(code == 250 and words[2] == "Queued!" and
               before <= int(words[3]) <= time.time() and words[4] == "qp" and
               int(words[5]) > 1 and words[6] == "<m@out.example>",
               '250 "Queued!" TIME qp PID MESSAGE-ID (FL-155)', text)
        tap.ok(got(daemon, "envelope") == [
            b'Fa@out.example\0Tb@local.example\0TC.d@local.example\0'
            b'Te "f@local.example\0\0'], "the envelope on descriptor 1",
            got(daemon, "envelope"))
        message = got(daemon, "message")[0]
        tap.ok(message.startswith(b"Received: from ") and
               b"\r" not in message and
               message.endswith(b"\n\none\n.two\n\xc3\xa9\n"),
               "the message on 0, lines end in LF (FL-27)", message)
        fds = got(daemon, "fds")[0].split()
        tap.ok(set(fds) <= {b"0", b"1", b"2", b"3"},
               "and no other descriptor of ours", fds)
        code, text = send(daemon, "", text="x\r\n" * 200000)
        tap.ok(code == 250 and got(daemon, "envelope")[1] ==
               b"F\0Tb@local.example\0\0" and
               got(daemon, "message")[1].endswith(b"\n\n" + b"x\n" * 200000),
               "null sender, and a long message out of the spool", text)
        tap.ok("\tqueued\t" in daemon.log(), "the terse line is written",
               daemon.log())


def exits(tap):
    daemon = new_daemon("exits")
    with daemon:
        wrong = []
        answers = {}

        def run(numbers):
            for n in numbers:
                answers[n] = send(daemon, "exit-%d@out.example" % n)
        threads = [threading.Thread(target=run, args=(range(i, 131, 6),))
                   for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for n in range(131):
            code, text = answers[n]
            want = 250 if n == 0 else 554 if 11 <= n <= 40 else 451
            if code != want or (n and "#%d)" % n not in text):
                wrong.append((n, code, text))
        tap.ok(not wrong and len(answers) == 131,
               "exit 0 to 130: 250, 554 for 11 to 40, else 451, "
               "with the number (FL-156)", wrong)
        tap.ok("address too long" in answers[11][1] and
               "refused" in answers[31][1], "11 and 31 in words")
        tap.ok("ended with 53" in daemon.log(), "the log has it")
        log = daemon.log()
        tap.ok(log.count("\tqueue::qmail_2dqueue\t901\t") == 30 and
               log.count("\tqueue::qmail_2dqueue\t902\t") == 100 and
               log.count("\tqueued\t") == 1 and
               "<exit-11@out.example>\t<b@local.example>\tqueue::qmail_2dqueue"
               "\t901\t" in log,
               "each that was not taken is a denial of the terse log (FL-175)",
               [line for line in log.splitlines() if "logterse" in line][:3])
        for n in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
            code, text = send(daemon, "signal-%d@out.example" % n)
            tap.ok(code == 451 and "signal %d" % n in text,
                   "signal %d: 451 (FL-156)" % n, text)
        set_mode(daemon, "exit-54")
        code, text = send(daemon, "a@out.example", text="y\r\n" * 300000)
        tap.ok(code == 451 and "#54" in text,
               "one that ends without reading", text)
        set_mode(daemon, "exit-0")
        code, text = send(daemon, "a@out.example", text="y\r\n" * 300000)
        tap.ok(code == 451, "even with 0: it cannot have queued all", text)
        set_mode(daemon, "")
        os.rename(os.path.join(daemon.qmail, "qmail-queue"),
                  os.path.join(daemon.qmail, "away"))
        tap.ok(send(daemon, "a@out.example")[0] == 451 and
               "cannot run" in daemon.log(), "no program: 451",
               daemon.log())


def hanging(tap):
    daemon = new_daemon("hang", queue_timeout="4")
    with daemon:
        set_mode(daemon, "hang")
        began = time.monotonic()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(
            send(daemon, "a@out.example", text="z\r\n" * 100000)))
            for _ in range(5)]
        for thread in threads:
            thread.start()
        filterd.wait_for(lambda: os.path.exists(
            os.path.join(daemon.qmail, "hangs")))
        # they hold nobody up
        set_mode(daemon, "")
        code, _ = send(daemon, "a@out.example")
        fast = time.monotonic() - began
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        tap.ok(code == 250 and fast < took,
               "hanging ones hold up no other", daemon.log())
        hung = [a for a in answers if a[0] == 451]
        with open(os.path.join(daemon.qmail, "hangs"),
                  encoding="ascii") as f:
            pids = [int(line) for line in f]
        tap.ok(len(hung) == len(pids) and pids and
               "did not end within 4 s and was killed" in daemon.log(),
               "they are killed at their limit: 451",
               "%s %s %s" % (answers, pids, daemon.log()))
        gone = filterd.wait_for(lambda: not any(
            os.path.exists("/proc/%d" % pid) for pid in pids), 5)
        tap.ok(gone and took < 15, "and are gone", pids)


def at_once(tap):
    daemon = new_daemon("many")
    with daemon:
        answers = []
        began = time.monotonic()
        threads = [threading.Thread(target=lambda: answers.append(
            send(daemon, "sleep-1@out.example")[0])) for _ in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        tap.ok(answers == [250] * 60 and len(got(daemon, "message")) == 60,
               "60 messages at once that take a second each: all queued",
               answers)
        tap.ok(took < 30, "and not one after the other", took)


def deaths(tap):
    """FL-157: 250 only after exit 0, and the message stays queued."""
    daemon = new_daemon("deaths")
    with daemon:
        peer = daemon.connect()
        peer.begin("sleep-1@out.example")
        peer.send("From: a\r\n\r\nx\r\n.\r\n")
        peer.close()
        tap.ok(filterd.wait_for(lambda: len(got(daemon, "message")) == 1),
               "the peer has gone: it stays queued (FL-157)", daemon.log())
        answers = []
        set_mode(daemon, "hang")
        thread = threading.Thread(target=lambda: answers.append(
            send(daemon, "a@out.example")))
        thread.start()
        filterd.wait_for(lambda: os.path.exists(
            os.path.join(daemon.qmail, "hangs")))
        set_mode(daemon, "")
        keeper = daemon.parts()["keeper"]
        courier = [pid for pid in os.listdir("/proc") if pid.isdigit() and
                   parent(pid) == keeper]
        carriers = [pid for pid in os.listdir("/proc") if pid.isdigit() and
                    courier and parent(pid) == int(courier[0])]
        for pid in carriers:
            os.kill(int(pid), signal.SIGKILL)
        thread.join()
        tap.ok(len(courier) == 1 and carriers and answers[0][0] == 451 and
               "the process for it died" in daemon.log(),
               "a child of the courier is killed: 451", daemon.log())
        tap.ok(send(daemon, "a@out.example")[0] == 250,
               "and the next message goes through", daemon.log())
        os.kill(int(courier[0]), signal.SIGKILL)
        tap.ok(filterd.wait_for(lambda: daemon.parts().get("keeper") not in
                                (None, keeper)) and
               filterd.wait_for(lambda: send(
                   daemon, "a@out.example")[0] == 250),
               "the courier is killed: both are started anew", daemon.log())
        with open(os.path.join(daemon.qmail, "hangs"),
                  encoding="ascii") as f:
            for line in f:
                try:
                    os.kill(int(line), signal.SIGKILL)
                except ProcessLookupError:
                    pass


def parent(pid):
    try:
        with open("/proc/%s/stat" % pid, encoding="latin-1") as f:
            return int(f.read().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError):
        return 0


def by_environment(tap):
    daemon = new_daemon("environment")
    other = os.path.join(daemon.folder, "other")
    shutil.copytree(daemon.qmail, other)
    daemon.env["QMAILQUEUE"] = os.path.join(other, "qmail-queue")
    with daemon:
        tap.ok(send(daemon, "a@out.example")[0] == 250 and
               not got(daemon, "message") and
               len(os.listdir(os.path.join(other, "got"))) == 3,
               "QMAILQUEUE wins (FL-155)", daemon.log())
    daemon = new_daemon("default", plugins="rcpt_ok\nqueue/qmail-queue")
    os.mkdir(os.path.join(daemon.folder, "bin"))
    for name in os.listdir(daemon.qmail):
        os.rename(os.path.join(daemon.qmail, name),
                  os.path.join(daemon.folder, "bin", name))
    daemon.qmail = os.path.join(daemon.folder, "bin")
    daemon.env["QMAIL"] = daemon.folder
    with daemon:
        tap.ok(send(daemon, "a@out.example")[0] == 250 and
               len(got(daemon, "message")) == 1,
               "$QMAIL/bin/qmail-queue is the default", daemon.log())


def set_user_id(tap):
    """qmail-queue changes its user: nothing of ours may take that away."""
    if os.geteuid() != 0:
        tap.skip("a program with the set-user-ID bit", "needs root")
        return
    daemon = new_daemon("setuid")
    program = os.path.join(daemon.qmail, "id")
    shutil.copy(shutil.which("id"), program)
    os.chown(program, 65534, 65534)
    os.chmod(program, 0o4755)
    for folder in (tempfile.tempdir, daemon.folder, daemon.qmail):
        os.chmod(folder, 0o755)
    wrapper = os.path.join(daemon.qmail, "wrapper")
    with open(wrapper, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\ncat >/dev/null\ncat <&1 >/dev/null\n"
                "[ \"$(%s -u 2>&1)\" = 65534 ] || exit 33\n" % program)
    os.chmod(wrapper, 0o755)
    daemon.env["QMAILQUEUE"] = wrapper
    daemon.args += ["--user", "daemon"]
    with daemon:
        code, text = send(daemon, "a@out.example")
        tap.ok(code == 250, "a program with the set-user-ID bit becomes its "
               "owner", text + daemon.log())


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-qmail.")
    tempfile.tempdir = folder
    try:
        for test in (protocol, exits, hanging, at_once, deaths,
                     by_environment, set_user_id):
            test(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
