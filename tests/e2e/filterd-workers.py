#!/usr/bin/env python3
"""smemail-filterd: several session workers. Sessions are spread over them,
one that is killed takes only its own with it, limits and what is remembered
are the same for all, and so are the counters."""
import os
import re
import shutil
import signal
import socket
import struct
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
import stolen  # noqa: E402

WORKERS = 3
GIVEN_UP = "going on without it for a while"
MESSAGE = "From: a@out.example\r\nMessage-Id: <%s>\r\n\r\nx\r\n.\r\n"
MESSAGE_ID = re.compile(rb"^Message-Id: <([^>]*)>", re.M)
VALUE = re.compile(r'^smemail_filterd_(\w+)(?:{\w+="([^"]*)"})? (\d+)$', re.M)


def several(files=None, args=()):
    daemon = filterd.Daemon(files, args=args)
    daemon.args += ["--workers", str(WORKERS), "--control",
                    os.path.join(daemon.folder, "control")]
    return daemon


def told(daemon):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(os.path.join(daemon.folder, "control"))
        text = b""
        while True:
            more = s.recv(65536)
            if not more:
                return text.decode()
            text += more


def values(daemon):
    return {(m[0], m[1]): int(m[2]) for m in VALUE.findall(told(daemon))}


def shares(daemon):
    """Sessions that run, by worker."""
    v = values(daemon)
    return [v[("worker_sessions", str(i + 1))] for i in range(WORKERS)]


def opened(daemon, n, source=None):
    """Sessions that have said who they are."""
    peers = [daemon.connect(source) for _ in range(n)]
    for peer in peers:
        assert peer.reply()[0] == 220
        assert peer.ask("HELO client.example")[0] == 250
    return peers


def alive(peers):
    good = 0
    for peer in peers:
        try:
            good += peer.ask("NOOP")[0] == 250
        except (OSError, ValueError):
            pass
    return good


def mail(peer, name):
    """One message in a session that is greeted; the last code."""
    for line in ("MAIL FROM:<a@out.example>", "RCPT TO:<b@local.example>",
                 "DATA"):
        code = peer.ask(line)[0]
    if code == 354:
        peer.send(MESSAGE % name)
        code = peer.reply()[0]
    return code


def spread(tap):
    with several() as daemon:
        tap.ok(len(daemon.workers()) == WORKERS, "as many as were asked for",
               daemon.parts())
        peers = opened(daemon, 12)
        tap.ok(shares(daemon) == [4, 4, 4], "sessions are spread evenly",
               shares(daemon))
        codes = [mail(peer, "%d@x" % i) for i, peer in enumerate(peers)]
        tap.ok(codes == [250] * 12 and len(daemon.messages()) == 12,
               "each takes mail", codes)
        for peer in peers[:4]:  # whoever has them
            peer.ask("QUIT")
            peer.close()
        filterd.wait_for(lambda: sum(shares(daemon)) == 8)
        more = opened(daemon, 4)
        tap.ok(shares(daemon) == [4, 4, 4],
               "new ones go to whom has the fewest", shares(daemon))
        v = values(daemon)
        tap.ok(v[("sessions_total", "smtp")] == 16 and
               v[("messages_queued_total", "")] == 12,
               "counters are those of all", v)
        last = [peers.pop(), more.pop(), peers.pop()]
        for peer in last:
            peer.ask("MAIL FROM:<last%d@out.example>" % last.index(peer))
            peer.ask("QUIT")
            peer.close()
            filterd.wait_for(lambda: "last%d@" % last.index(peer) in
                             told(daemon))
        order = re.findall(r"dispatching MAIL FROM:<last(\d)@", told(daemon))
        tap.ok(order == ["0", "1", "2"],
               "conversations of all stand in the order of their ends",
               order)
    shutil.rmtree(daemon.folder)


def one_dies(tap):
    with several() as daemon:
        peers = opened(daemon, 9)
        before = values(daemon)
        victim = daemon.workers()[1]
        os.kill(victim, signal.SIGKILL)
        filterd.wait_for(lambda: "starting it anew" in daemon.log())
        tap.ok(alive(peers) == 6, "one that is killed takes its own sessions",
               alive(peers))
        tap.ok(re.search(r"worker 2 of 3 ended by signal 9", daemon.log()) and
               "3 sessions are lost with it, 6 go on" in daemon.log(),
               "and the log says so", daemon.log())
        tried = []

        def new_one_serves():
            tried.append(opened(daemon, 1)[0])
            return shares(daemon)[1] == 1 or tried[-1].close()
        filterd.wait_for(new_one_serves)
        peers += opened(daemon, 2)
        tap.ok(shares(daemon) == [3, 3, 3],
               "the new one gets those that come", shares(daemon))
        after = values(daemon)
        tap.ok(after[("sessions_total", "smtp")] ==
               before[("sessions_total", "smtp")] + len(tried) + 2 and
               after[("workers_ended_total", "")] == 1,
               "counters go on, and tell of it", after)
    shutil.rmtree(daemon.folder)


def boards(daemon):
    """What the workers share with the listener, as files."""
    fds = "/proc/%d/fd" % daemon.process.pid
    return [os.path.join(fds, fd) for fd in os.listdir(fds)
            if "memfd:board" in os.readlink(os.path.join(fds, fd))]


def last_lines(tap):
    """A worker gathers the lines of a step for one write: those of one that
    dies in between are not lost. They are put there in its place: behind their
    length and a byte, where those of its last step were."""
    with several({"loglevel": "6"}) as daemon:
        peers = opened(daemon, WORKERS)
        for peer in peers:
            peer.ask("QUIT")
            peer.close()
        filterd.wait_for(lambda: daemon.log().count("click") == WORKERS)
        rest = ["9 gathered\n9 whole\n9 torn", "9 too long\n"]
        for path, text in zip(boards(daemon), rest):
            with open(path, "r+b") as f:
                at = re.search(rb"(\d+ [^\n\0]*\n)*\d+ click, disconnecting\n",
                               f.read()).start()
                f.seek(at)
                f.write(text.encode())
                f.seek(at - 5)
                f.write(struct.pack("=I", len(text) if "torn" in text
                                    else 1 << 20))
        for victim in daemon.workers():
            os.kill(victim, signal.SIGKILL)
        filterd.wait_for(lambda: len(re.findall(
            "worker [123] of 3 ended by signal 9", daemon.log())) == WORKERS)
        tap.ok(daemon.log().count("9 gathered\n9 whole\n") == 1 and
               "torn" not in daemon.log() and
               "too long" not in daemon.log(),
               "lines that a dead worker had not written yet are there, whole",
               daemon.log())
    shutil.rmtree(daemon.folder)


def two_die(tap):
    """A worker and a servant that it needs, seen by the listener together."""
    for servant in ("keeper", "state"):
        with several() as daemon:
            peers = opened(daemon, 6)
            parts = daemon.parts()
            os.kill(daemon.process.pid, signal.SIGSTOP)
            for name in ("worker:2", servant):
                os.kill(parts[name], signal.SIGKILL)
            os.kill(daemon.process.pid, signal.SIGCONT)
            filterd.wait_for(lambda: daemon.process.poll() is not None or all(
                daemon.parts().get(name) not in (None, parts[name])
                for name in ("worker:2", servant)))
            tap.ok(daemon.process.poll() is None and alive(peers) == 4,
                   "a worker and the %s die together: both come back" %
                   servant, daemon.log())
            if daemon.process.poll() is None:
                peers = opened(daemon, 3)
                tap.ok([mail(p, "z%d@x" % i) for i, p in enumerate(peers)] ==
                       [250] * 3, "and mail is taken by all", daemon.log())
        shutil.rmtree(daemon.folder)


def dies_too_often(tap):
    """It is done without while others run."""
    with several() as daemon:
        for _ in range(6):
            pid = daemon.parts().get("worker:2")
            os.kill(pid, signal.SIGKILL)
            filterd.wait_for(lambda: daemon.parts().get("worker:2") != pid)
            filterd.wait_for(lambda: daemon.parts().get("worker:2") or
                             GIVEN_UP in daemon.log())
            if GIVEN_UP in daemon.log():
                break
        tap.ok(GIVEN_UP in daemon.log(),
               "one that dies again and again is done without", daemon.log())
        peers = opened(daemon, 6)
        tap.ok([mail(p, "y%d@x" % i) for i, p in enumerate(peers)] ==
               [250] * 6 and shares(daemon) == [3, 0, 3],
               "and the others serve", shares(daemon))
    shutil.rmtree(daemon.folder)


class Sender(threading.Thread):
    """Session after session; what was answered 250, and what was cut off."""

    def __init__(self, daemon, number):
        super().__init__()
        self.daemon_, self.number = daemon, number
        self.taken, self.cut, self.go = set(), 0, True
        self.start()

    def run(self):
        n = 0
        while self.go:
            n += 1
            name = "s%d-%d@x" % (self.number, n)
            try:
                peer = self.daemon_.connect()
                peer.reply()
                peer.ask("HELO client.example")
                code = mail(peer, name)
                peer.close()
            except (OSError, ValueError):
                code = 0
            if code == 250:
                self.taken.add(name)
            self.cut += code == 0


def under_load(tap):
    """Killed and reloaded at work: nothing that was answered 250 is lost."""
    plugins = "rcpt_ok\nqueue/maildir @MAILDIR@"
    with several({"plugins": plugins}) as daemon:
        senders = [Sender(daemon, i) for i in range(9)]

        def more(n):
            goal = sum(len(s.taken) for s in senders) + n
            return filterd.wait_for(
                lambda: sum(len(s.taken) for s in senders) >= goal, 60)
        good = more(50)
        for i in range(WORKERS):
            pid = daemon.workers()[i]
            os.kill(pid, signal.SIGKILL)
            good = good and filterd.wait_for(
                lambda: pid not in daemon.workers() and
                len(daemon.workers()) == WORKERS)
            filterd.write_config(daemon.config, {
                "plugins": "noop_counter %d\n" % (i + 5) +
                           plugins.replace("@MAILDIR@", daemon.maildir)})
            daemon.process.send_signal(signal.SIGHUP)
            good = good and filterd.wait_for(lambda: daemon.log().count(
                "plugin lists read anew") == i + 1)
            good = good and more(50)
        for s in senders:
            s.go = False
        for s in senders:
            s.join()
        tap.ok(good, "mail flows on, and reloads are told", daemon.log())
        cut = sum(s.cut for s in senders)
        tap.ok(cut <= WORKERS * len(senders) / 2,
               "few sessions are lost: %d" % cut)
        there = [MESSAGE_ID.search(m).group(1).decode()
                 for m in daemon.messages()]
        taken = set().union(*(s.taken for s in senders))
        tap.ok(taken <= set(there) and len(set(there)) == len(there),
               "%d answered 250: all are there, once" % len(taken),
               (taken - set(there), len(there)))
    shutil.rmtree(daemon.folder)


def in_force(tap):
    """FL-36: a setting that changed holds at each of them."""
    with several() as daemon:
        filterd.write_config(daemon.config, {"smtpgreeting": "new.example"})
        peers = [daemon.connect() for _ in range(6)]
        texts = [peer.reply()[1] for peer in peers]
        tap.ok(all("new.example" in text for text in texts) and
               shares(daemon) == [2, 2, 2],
               "a changed setting is in force at all", texts)
    shutil.rmtree(daemon.folder)


def limits(tap):
    """FL-21, FL-44: of an address, of a network, in all."""
    with several({"plugins": "hosts_allow\nrcpt_ok\nqueue/maildir @MAILDIR@",
                  "instances_per_network": "5"},
                 ["--instances-per-ip", "4", "--instances", "7"]) as daemon:
        there = opened(daemon, 4, "127.0.0.9")
        fifth = daemon.connect("127.0.0.9").reply()
        tap.ok(fifth[0] == 421 and "127.0.0.9" in fifth[1],
               "sessions of an address are counted over all workers", fifth)
        filterd.wait_for(lambda: sum(shares(daemon)) == 4)
        there += opened(daemon, 1, "127.0.0.8")
        sixth = daemon.connect("127.0.0.7").reply()
        tap.ok(sixth[0] == 421 and "network" in sixth[1],
               "so are those of a network", sixth)
        there += opened(daemon, 2, "127.1.0.1")
        waits = daemon.connect("127.2.0.1", timeout=1)
        try:
            answer = waits.reply()
        except socket.timeout:
            answer = None
        tap.ok(answer is None and shares(daemon) == [3, 2, 2],
               "and all of them together", (answer, shares(daemon)))
    shutil.rmtree(daemon.folder)


def first_refusal(peer):
    """The code of MAIL or RCPT; 250: of neither."""
    for line in ("MAIL FROM:<a@out.example>", "RCPT TO:<b@local.example>"):
        code = peer.ask(line)[0]
        if code != 250:
            break
    return code


def remembered(tap):
    """FL-125: who was put off by one worker is let in by the others."""
    folder = tempfile.mkdtemp()
    plugins = ("greylisting black_timeout 1 db_dir %s\nrcpt_ok\n"
               "queue/maildir @MAILDIR@" % folder)
    with several({"plugins": plugins}) as daemon:
        peers = opened(daemon, 6, "127.0.0.33")
        code = first_refusal(peers[0])
        tap.ok(code == 450, "a stranger is put off", (code, daemon.log()))
        time.sleep(1.1)
        codes = [first_refusal(peer) for peer in peers]
        tap.ok(codes == [250] * 6, "and let in by all workers later", codes)
    shutil.rmtree(daemon.folder)
    shutil.rmtree(folder)


def given_up(tap):
    """A servant and a worker that have lost each other are joined anew."""
    with several() as daemon:
        worker = daemon.workers()[1]
        there = opened(daemon, 6)
        with stolen.channels(worker) as channels:
            if channels is None:
                tap.skip("channels are joined anew",
                         "descriptors of others cannot be had here")
                return
            broken = [s for fd, s in channels if fd != stolen.OF_THE_LISTENER]
            for s in broken:
                s.shutdown(socket.SHUT_RDWR)
        tap.ok(len(broken) == 4 and filterd.wait_for(
            lambda: daemon.log().count("joining them anew") == 4),
            "a worker that was given up is joined to each anew", daemon.log())
        tap.ok("worker 2 of 3 has lost the keeper" in daemon.log(),
               "and the log says to whom", daemon.log())
        codes = [mail(peer, "h%d@x" % i) for i, peer in enumerate(there)]
        tap.ok(codes == [250] * 6 and daemon.workers()[1] == worker,
               "its sessions go on with mail", (codes, daemon.log()))
    shutil.rmtree(daemon.folder)


def reads_nothing(tap):
    """Answers for a worker that stands still hold up none of the others'."""
    with several() as daemon:
        victim, keeper = daemon.workers()[1], daemon.parts()["keeper"]
        peers = [daemon.connect() for _ in range(60)]
        for peer in peers:
            assert peer.begin()[0] == 354
        with stolen.channels(keeper) as channels:
            if channels is None:
                tap.skip("a worker that reads nothing holds up nobody",
                         "descriptors of others cannot be had here")
                return
            for _, s in channels:  # room for a few answers only
                s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        os.kill(keeper, signal.SIGSTOP)
        for i, peer in enumerate(peers):  # each wants a file for its text
            peer.send("Message-Id: <r%d@x>\r\n\r\n" % i +
                      ("x" * 70 + "\r\n") * 3000 + ".\r\n")
        time.sleep(0.5)
        os.kill(victim, signal.SIGSTOP)
        os.kill(keeper, signal.SIGCONT)
        # they were spread in turn; it stands still until all others know, and
        # is not given up for that
        first = [peer.reply()[0] for i, peer in enumerate(peers) if i % 3 != 1]
        tap.ok(first == [250] * 40 and "takes no answers" not in daemon.log(),
               "others have their answers meanwhile", (first, daemon.log()))
        os.kill(victim, signal.SIGCONT)
        later = [peer.reply()[0] for i, peer in enumerate(peers) if i % 3 == 1]
        tap.ok(later == [250] * 20 and len(daemon.messages()) == 60 and
               "takes no answers" not in daemon.log(),
               "it gets those that waited for it", (later, daemon.log()))
    shutil.rmtree(daemon.folder)


def nobody_takes_one(tap):
    """FL-21: all workers stand still and their channels are full. One
    connection is held, others wait behind it, and the listener does its other
    work; what is held too long is left and told. Nobody else is lost."""
    with several() as daemon:
        workers = daemon.workers()
        with stolen.channels(daemon.process.pid) as channels:
            if channels is None:
                tap.skip("a connection that no worker takes is held",
                         "descriptors of others cannot be had here")
                return
            for _, s in channels:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        peers = [daemon.connect("127.0.0.9", 60) for _ in range(100)]
        told_so = daemon.logged("is left: no worker takes a session")
        given = sum(shares(daemon))
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        codes = [peer.reply()[0] for peer in peers]
        left = daemon.log().count("is left: no worker takes a session")
        tap.ok(told_so and 0 < given < 100 - left,
               "what no worker takes is held, then left and told",
               (given, daemon.log()))
        tap.ok(codes.count(220) == 100 - left and codes.count(0) == left and
               daemon.workers() == workers,
               "all others are greeted when workers go on", codes)
    shutil.rmtree(daemon.folder)


def asker_dies(tap):
    """Questions about places are answered when their worker is gone, and
    another is in its place already: the answer reaches nobody else."""
    geo = os.path.join(TOP, "tests", "data", "geo")
    with several({"plugins": "ident/geoip db_dir %s\nrcpt_ok\n"
                  "queue/maildir @MAILDIR@" % geo}) as daemon:
        resolver, victim = daemon.parts()["resolver"], daemon.workers()[1]
        others = [daemon.connect() for _ in range(9)]
        codes = [peer.reply()[0] for peer in others]
        # it alone asks: the first question that is heard is its own, and who
        # hears that learns of the new worker before it answers
        for peer in others[1::3]:
            peer.close()
        filterd.wait_for(lambda: shares(daemon) == [3, 0, 3])
        os.kill(resolver, signal.SIGSTOP)
        peers = [daemon.connect() for _ in range(3)]
        filterd.wait_for(lambda: shares(daemon) == [3, 3, 3])
        time.sleep(0.3)  # so that they have asked
        os.kill(victim, signal.SIGKILL)
        filterd.wait_for(lambda: victim not in daemon.workers() and
                         len(daemon.workers()) == WORKERS)
        time.sleep(0.3)  # so that the resolver was told
        os.kill(resolver, signal.SIGCONT)
        codes += [peer.reply()[0] for peer in peers]
        peers = opened(daemon, 3)
        tap.ok(codes == [220] * 9 + [0] * 3 and
               daemon.parts().get("resolver") == resolver and
               alive(peers) == 3,
               "a question outlives its worker", (codes, daemon.log()))
    shutil.rmtree(daemon.folder)


def session_ends_first(tap):
    """The answer to what is remembered comes when nobody is there."""
    folder = tempfile.mkdtemp()
    plugins = ("karma penalty_days 1 negative 2 strikes 3 reject naughty "
               "db_dir %s\ngreylisting black_timeout 1 db_dir %s\nrcpt_ok\n"
               "queue/maildir @MAILDIR@" % (folder, folder))
    with several({"plugins": plugins}) as daemon:
        state, workers = daemon.parts()["state"], daemon.workers()
        peers = opened(daemon, 6, "127.0.0.34")
        os.kill(state, signal.SIGSTOP)
        new = [daemon.connect("127.0.0.35") for _ in range(6)]
        for peer in peers:
            peer.send("MAIL FROM:<a@out.example>\r\n"
                      "RCPT TO:<b@local.example>\r\n")
        time.sleep(0.2)
        for peer in peers + new:
            peer.close()
        filterd.wait_for(lambda: sum(shares(daemon)) == 0, 2)
        os.kill(state, signal.SIGCONT)
        peers = opened(daemon, 6, "127.0.0.36")
        tap.ok(alive(peers) == 6 and daemon.workers() == workers and
               daemon.parts()["state"] == state,
               "sessions that end before their answer harm nobody",
               daemon.log())
    shutil.rmtree(daemon.folder)
    shutil.rmtree(folder)


def sleeps(pids):
    """How often they slept so far."""
    n = 0
    for pid in pids:
        with open("/proc/%d/status" % pid, encoding="ascii") as f:
            n += sum(int(line.split()[1]) for line in f
                     if line.startswith("voluntary_ctxt_switches"))
    return n


def rests(tap):
    """Without sessions clocks are not looked at: whether a worker still works
    is asked every 5 s, nothing more."""
    with several() as daemon:
        peers = opened(daemon, WORKERS)
        for peer in peers:
            peer.ask("QUIT")
            peer.close()
        workers = daemon.workers()

        def few():
            before = sleeps(workers)
            time.sleep(4)
            return sleeps(workers) - before <= 2 * WORKERS
        tap.ok(filterd.wait_for(few, 60), "workers without sessions sleep on")
        tap.ok(alive(opened(daemon, 3)) == 3, "and wake up for the next")
    shutil.rmtree(daemon.folder)


def options(tap):
    for number in ("0", "17", "many", ""):
        done = subprocess.run(
            [filterd.FILTERD, "--config", "/", "--workers", number],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, check=False, text=True)
        tap.ok(done.returncode == 2 and "from 1 to 16" in done.stderr,
               "--workers '%s'" % number, done.stderr)
    done = subprocess.run(
        [filterd.FILTERD, "--config", "/"], env={"WORKERS": "17"},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, check=False, text=True)
    tap.ok(done.returncode == 2 and "WORKERS wants" in done.stderr,
           "WORKERS=17", done.stderr)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-workers.")
    tempfile.tempdir = folder
    try:
        for test in (options, spread, one_dies, last_lines, two_die, dies_too_often, under_load,
                     in_force, limits, remembered, given_up, reads_nothing, nobody_takes_one,
                     asker_dies, session_ends_first, rests):
            test(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
