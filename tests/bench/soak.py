#!/usr/bin/env python3
"""Mixed load for a long time: mail in clear, under STARTTLS and after a login,
refused senders, big messages, aborted and idle sessions, a reload now and then.
Prints of each process over time "RssAnon/Pss KB, open files", and the counts.

    tests/bench/soak.py [MINUTES [PER_SECOND]]

Under load that depends on how many sessions the machine's other work keeps
waiting, so each quarter of the time ends with a rest: all sessions over, no
more come. Ends with 1 when a message answered 250 is missing, when an answer is
not the one expected, or when a process has at the last rest more memory
(RssAnon) than at the second by a twentieth and 128 KB, or more open files than
at the first.
"""
import base64
import collections
import os
import random
import shutil
import signal
import ssl
import sys
import threading
import time

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

HEAD = "From: a@out.example\r\nMessage-Id: <%s>\r\nSubject: soak\r\n\r\n"
LINE = "y" * 70 + "\r\n"
PLUGINS = ("tls %s %s %s\nauth/auth_flat_file\nhosts_allow\nearlytalker\n"
           "count_unrecognized_commands 4\nbadmailfrom\nrcpt_ok\nheaders\n"
           "logging/logterse\nqueue/maildir @MAILDIR@")
THREADS_OF_RATE = 2  # most wait for earlytalker, a second each
IDLE = 200
SAMPLE_S = 30
REST_S = 15
RESTS = 4


def field(pid, name, key):
    """A size in KB of a file of /proc; 0 where it may not be read."""
    try:
        with open("/proc/%d/%s" % (pid, name)) as f:
            return [int(line.split()[1]) for line in f
                    if line.startswith(key + ":")][0]
    except PermissionError:
        return 0


def files(pid):
    try:
        return len(os.listdir("/proc/%d/fd" % pid))
    except PermissionError:
        return 0


def courier(keeper):
    """The keeper's own child."""
    with open("/proc/%d/task/%d/children" % (keeper, keeper)) as f:
        return {"courier": int(pid) for pid in f.read().split()[:1]}


def processes(daemon):
    found = {"listener": daemon.process.pid, **daemon.parts()}
    return {**found, **courier(found["keeper"])}


def measure(pids):
    """{name: (RssAnon, Pss, open files)}"""
    return {name: (field(pid, "status", "RssAnon"),
                   field(pid, "smaps_rollup", "Pss"), files(pid))
            for name, pid in sorted(pids.items())}


class Soak:
    def __init__(self, daemon, rate):
        self.daemon = daemon
        self.threads = int(rate * THREADS_OF_RATE) + 1
        self.pause = self.threads / rate
        self.go = True
        self.resting = threading.Event()
        self.busy = 0
        self.counts = collections.Counter()
        self.taken = 0
        self.lock = threading.Lock()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self.acts = [(self.clear, 8), (self.starttls, 4), (self.login, 3),
                     (self.refused, 4), (self.big, 1), (self.aborted, 4),
                     (self.nonsense, 1)]

    def greet(self, role="smtp"):
        peer = self.daemon.connect(role=role, timeout=60)
        assert peer.reply()[0] == 220
        assert peer.ask("EHLO client.example")[0] == 250
        return peer

    def secure(self, peer):
        assert peer.ask("STARTTLS")[0] == 220
        peer.s = self.context.wrap_socket(peer.s)
        assert peer.ask("EHLO client.example")[0] == 250

    def send(self, peer, text):
        name = "%x@soak.example" % random.getrandbits(64)
        assert peer.ask("MAIL FROM:<a@out.example>")[0] == 250
        assert peer.ask("RCPT TO:<b@local.example>")[0] == 250
        assert peer.ask("DATA")[0] == 354
        peer.send(HEAD % name + text + ".\r\n")
        assert peer.reply()[0] == 250
        with self.lock:
            self.taken += 1
        assert peer.ask("QUIT")[0] == 221

    def clear(self):
        peer = self.greet()
        self.send(peer, LINE * random.randrange(1, 100))
        return peer

    def starttls(self):
        peer = self.greet()
        self.secure(peer)
        self.send(peer, LINE * random.randrange(1, 100))
        return peer

    def login(self):
        peer = self.greet("submission")
        self.secure(peer)
        good = random.random() < 0.7
        word = "\0anna@local.example\0" + ("geheim" if good else "x")
        code = peer.ask("AUTH PLAIN " +
                        base64.b64encode(word.encode()).decode())[0]
        assert code == (235 if good else 535), code
        if good:
            self.send(peer, LINE)
        return peer

    def refused(self):
        peer = self.greet()
        assert peer.ask("MAIL FROM:<x@bad.example>")[0] == 550
        return peer

    def big(self):
        peer = self.greet()
        self.send(peer, LINE * random.randrange(1000, 60000))
        return peer

    def aborted(self):
        peer = self.greet()
        peer.ask("MAIL FROM:<a@out.example>")
        peer.ask("RCPT TO:<b@local.example>")
        peer.ask("DATA")
        peer.send(HEAD % "aborted" + LINE * random.randrange(1, 3000))
        return peer

    def nonsense(self):
        peer = self.greet()
        for _ in range(4):
            peer.send(os.urandom(20).hex() + "\r\n")
        return peer

    def work(self):
        acts = [act for act, weight in self.acts for _ in range(weight)]
        while self.go:
            if self.resting.is_set():
                time.sleep(0.2)
                continue
            with self.lock:
                self.busy += 1
            act = random.choice(acts)
            begun = time.monotonic()
            try:
                act().close()
                how = act.__name__
            except (AssertionError, OSError, ValueError) as e:
                how = "WRONG %s: %r" % (act.__name__, e)
            with self.lock:
                self.counts[how] += 1
                self.busy -= 1
            time.sleep(max(0, random.random() * 2 * self.pause -
                           (time.monotonic() - begun)))

    def idle(self):
        """Sessions that do nothing, each for some minutes."""
        peers = []
        while self.go:
            if self.resting.is_set():
                while peers:
                    peers.pop().close()
                time.sleep(0.2)
                continue
            try:
                if len(peers) < IDLE:
                    peers.append(self.greet())
                elif random.random() < 0.3:
                    peers.pop(random.randrange(IDLE)).close()
                    with self.lock:
                        self.counts["idle"] += 1
            except (AssertionError, OSError) as e:
                with self.lock:
                    self.counts["WRONG idle: %r" % e] += 1
            time.sleep(0.02 if len(peers) < IDLE else 0.3)
        for peer in peers:
            peer.close()


def clean(daemon):
    """How many were delivered; they are taken away."""
    new = os.path.join(daemon.maildir, "new")
    names = os.listdir(new) if os.path.isdir(new) else ()
    for name in names:
        os.unlink(os.path.join(new, name))
    return len(names)


def show(sizes):
    return "  ".join("%s %d/%d,%d" % (name, *size)
                     for name, size in sizes.items())


def rest(soak, pids):
    """Measured when all is over."""
    soak.resting.set()
    while soak.busy > 0:
        time.sleep(0.2)
    time.sleep(REST_S)
    sizes = measure(pids)
    soak.resting.clear()
    print("at rest                %s" % show(sizes), flush=True)
    return sizes


def grown(rests):
    found = []
    for name, now in rests[-1].items():
        if now[0] > rests[1][name][0] * 1.05 + 128:
            found.append(name)
        if now[2] > rests[0][name][2]:
            found.append(name + "'s files")
    return found


def run(daemon, minutes, rate):
    soak = Soak(daemon, rate)
    threads = [threading.Thread(target=soak.work, daemon=True)
               for _ in range(soak.threads)]
    threads.append(threading.Thread(target=soak.idle, daemon=True))
    began = time.monotonic()
    rests, delivered, reloads = [], 0, 0
    parts = processes(daemon)
    for thread in threads:
        thread.start()
    while len(rests) < RESTS:
        time.sleep(SAMPLE_S)
        delivered += clean(daemon)
        filterd.write_config(daemon.config, {"databytes": str(
            50000000 + reloads)})
        daemon.process.send_signal(signal.SIGHUP)
        reloads += 1
        now = time.monotonic() - began
        print("%5d s %6d messages  %s" % (
            now, soak.taken, show(measure(parts))), flush=True)
        if now >= minutes * 60 * (len(rests) + 1) / RESTS:
            rests.append(rest(soak, parts))
    soak.go = False
    for thread in threads:
        thread.join()
    delivered += clean(daemon)
    for how, n in sorted(soak.counts.items()):
        print("%7d %s" % (n, how))
    same = parts == processes(daemon)
    grew = grown(rests)
    wrong = [how for how in soak.counts if how.startswith("WRONG")]
    print("%d answered 250, %d delivered, %d reloads, %s, %s" % (
        soak.taken, delivered, reloads,
        "every process is the one of the start" if same
        else "a process was started anew",
        "grown: " + ", ".join(grew) if grew else "memory is flat"))
    return same and not grew and not wrong and delivered == soak.taken


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 100
    folder = filterd.tempfile.mkdtemp(prefix="soak.")
    pair = filterd.certificate(folder)
    spool = os.path.join(folder, "spool")
    os.mkdir(spool)
    daemon = filterd.Daemon(
        {"plugins": PLUGINS % (pair[0], pair[1], pair[0]),
         "badmailfrom": "@bad.example", "spool_dir": spool,
         "flat_auth_pw": "anna@local.example:geheim"},
        folder=os.path.join(folder, "daemon"))
    try:
        if not daemon.start("smtp", "submission"):
            print(daemon.log())
            return 1
        good = run(daemon, minutes, rate)
        return 0 if daemon.stop() == 0 and good else 1
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
