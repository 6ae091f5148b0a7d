#!/usr/bin/env python3
"""SIGUSR2 starts the daemon anew (also where it runs as another user than
root, who started it, FL-192): the same process, no connection refused, no
session dropped, no message lost or doubled; what cannot start is not started.
And what supervisors are told of it."""
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402

ANEW = "started anew, the sessions of before go on"
NOT_ANEW = "not started anew, all goes on as before"
TEXT = "From: a@out.example\r\nMessage-Id: <%s@out.example>\r\n\r\nhi\r\n."
TIMES = 5  # under load


class Place:
    """Where daemons are, and what they are started as: with a user as root,
    which only a part of them stays then."""

    def __init__(self, folder, user=None):
        self.folder = os.path.join(folder, user or "all")
        self.user = user
        os.makedirs(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def daemon(self, name, args=(), first=""):
        where = self.path(name)
        spool = os.path.join(where, "spool")
        os.makedirs(spool)
        cert, key = filterd.certificate(where)
        if self.user:
            args = [*args, "--user", self.user]
            for path in (where, spool, key):
                shutil.chown(path, self.user)
        return filterd.Daemon(
            {"spool_dir": spool, "loglevel": "6",
             "plugins": first + "tls %s %s %s\nrcpt_ok\n"
             "queue/maildir @MAILDIR@" % (cert, key, cert)},
            args, folder=where)


def anew(daemon, word=ANEW):
    """True when the log says so, and the process is the same."""
    before = daemon.log().count(word)
    daemon.process.send_signal(signal.SIGUSR2)
    return filterd.wait_for(
        lambda: daemon.log().count(word) > before) and \
        daemon.process.poll() is None


def children(daemon):
    """All parts; of two generations some have one name."""
    parents = {daemon.process.pid, daemon.parts().get("listener")}
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid) as f:
                parent = int(f.read().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent in parents:
            found.add(int(pid))
    return found


def to_data(peer, at=3):
    """The first 'at' steps of a message."""
    peer.reply()
    for line in ("EHLO client.example", "MAIL FROM:<a@out.example>",
                 "RCPT TO:<b@local.example>")[:at]:
        peer.ask(line)
    return peer


def under_tls(daemon):
    peer = daemon.connect()
    peer.reply()
    peer.ask("EHLO client.example")
    peer.ask("STARTTLS")
    context = ssl._create_unverified_context()
    peer.s = context.wrap_socket(peer.s)
    peer.ask("EHLO client.example")
    return peer


def finish(peer, name):
    """From behind RCPT to the end; the codes."""
    codes = [peer.ask("DATA")[0], peer.ask(TEXT % name)[0],
             peer.ask("QUIT")[0]]
    peer.close()
    return codes


def ids(daemon):
    found = [line[13:-1].decode() for text in daemon.messages()
             for line in text.splitlines()
             if line.startswith(b"Message-Id: <")]
    return sorted(name.removesuffix("@out.example") for name in found)


def sessions_go_on(tap, place):
    daemon = place.daemon("go-on")
    with daemon:
        old = children(daemon)
        idle = to_data(daemon.connect(), 1)
        half = to_data(daemon.connect())
        text = to_data(daemon.connect())
        text.ask("DATA")
        text.send("From: a@out.example\r\nMessage-Id: <text@out.exam")
        tls = under_tls(daemon)
        tap.ok(anew(daemon), "it starts anew", daemon.log())
        fresh = to_data(daemon.connect())
        new = children(daemon)
        tap.ok(finish(fresh, "fresh") == [354, 250, 221],
               "who comes then is served", daemon.log()[-2000:])
        tap.ok(new - old and new & old, "by other parts; the old ones go on",
               (old, new))
        tap.ok(finish(half, "half") == [354, 250, 221],
               "a session between two commands goes on", daemon.log()[-2000:])
        text.send("ple>\r\n\r\nhi\r\n.\r\n")
        tap.ok(text.reply()[0] == 250, "one within its text too")
        text.close()
        codes = [tls.ask(line)[0] for line in
                 ("MAIL FROM:<a@out.example>", "RCPT TO:<b@local.example>")]
        tap.ok(codes + finish(tls, "tls") == [250, 250, 354, 250, 221],
               "one under TLS too", daemon.log()[-2000:])
        tap.ok(anew(daemon), "it starts anew once more")
        codes = [idle.ask(line)[0] for line in
                 ("MAIL FROM:<a@out.example>", "RCPT TO:<b@local.example>")]
        tap.ok(codes + finish(idle, "idle") == [250, 250, 354, 250, 221],
               "a session outlives two of them", daemon.log()[-2000:])
        tap.ok(filterd.wait_for(lambda: ids(daemon) == [
            "fresh", "half", "idle", "text", "tls"]),
            "each message is there, once", ids(daemon))
        numbers = [line.split()[0] for line in daemon.log().splitlines()
                   if " Accepted connection " in line]
        tap.ok(len(numbers) == len(set(numbers)) >= 5,
               "no two sessions have one number", numbers)
        tap.ok(filterd.wait_for(
            lambda: not children(daemon) & (old | new)),
            "parts without sessions are gone", children(daemon))


def sessions_count_on(tap, place):
    """Limits hold for sessions of before and of now together (FL-21)."""
    daemon = place.daemon("count", ["--instances", "3",
                                    "--instances-per-ip", "2"],
                          "hosts_allow\n")

    def greeting(source):
        peer = daemon.connect(source)
        return peer, peer.reply()[0]
    with daemon:
        held = [to_data(daemon.connect("127.0.0.1")) for _ in range(2)]
        tap.ok(greeting("127.0.0.1")[1] == 421, "the third of an address")
        for times in ("once", "twice"):
            anew(daemon)
            tap.ok(greeting("127.0.0.1")[1] == 421,
                   "%s started anew it is still the third" % times,
                   daemon.log()[-2000:])
        other, code = greeting("127.0.0.2")
        late = daemon.connect("127.0.0.3")
        tap.ok(code == 220 and not select.select([late.s], [], [], 0.5)[0],
               "with one of another there are as many as may be")
        tap.ok(finish(held[0], "one") == [354, 250, 221] and
               late.reply()[0] == 220, "one of before ends: the next comes in",
               daemon.log()[-2000:])
        late.ask("QUIT")
        other.ask("QUIT")
        tap.ok(greeting("127.0.0.1")[1] == 220,
               "and the address has room again", daemon.log()[-2000:])
        held[1].close()
        tap.ok(filterd.wait_for(
            lambda: greeting("127.0.0.1")[1] == 220),
            "as after one that just went away", daemon.log()[-2000:])
        held = [to_data(daemon.connect("127.0.0.1")) for _ in range(2)]
        before = set(daemon.workers())
        anew(daemon)
        tap.ok(greeting("127.0.0.1")[1] == 421, "they count")
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        tap.ok(filterd.wait_for(
            lambda: greeting("127.0.0.1")[1] == 220),
            "those of a worker that is killed do no more",
            daemon.log()[-2000:])


def stops(tap, place):
    daemon = place.daemon("stops")
    with daemon:
        old = to_data(daemon.connect(), 1)
        text = to_data(daemon.connect())
        text.ask("DATA")
        anew(daemon)
        daemon.process.send_signal(signal.SIGTERM)
        tap.ok(old.reply()[0] == 421, "a stop reaches the sessions of before")
        text.send(TEXT % "last" + "\r\n")
        tap.ok(text.reply()[0] == 250, "their messages are finished first")
        tap.ok(daemon.stop() == 0 and ids(daemon) == ["last"],
               "and then it ends", daemon.log()[-2000:])


def is_refused(tap, place):
    daemon = place.daemon("refused")
    with daemon:
        peer = to_data(daemon.connect())
        parts = children(daemon)
        path = os.path.join(daemon.config, "plugins")
        with open(path) as f:
            good = f.read()
        with open(path, "w") as f:
            f.write("no_such_plugin\n" + good)
        tap.ok(anew(daemon, NOT_ANEW) and "no_such_plugin" in daemon.log(),
               "with a bad policy it does not, and says why", daemon.log())
        tap.ok(children(daemon) == parts and
               finish(peer, "kept") == [354, 250, 221], "all goes on then")
        with open(path, "w") as f:
            f.write(good)
        tap.ok(anew(daemon), "with a good one it does", daemon.log()[-2000:])


def by_a_script(tap, place):
    """Another port and another program are found there."""
    script = place.path("again")
    daemon = place.daemon("script", ["--again", script])
    with daemon:
        with open(script, "w") as f:
            # a shell that waits sees the end of parts in place of the daemon
            f.write("#!/bin/sh\n: $(sleep 1)\nexec %s\n" % " ".join(
                daemon.command("--foreground", *(
                    ["--user", place.user] if place.user else []), "--listen",
                               "smtp:127.0.0.1:%d" % daemon.port,
                               "--listen", "submission:127.0.0.1:0")))
        tap.ok(anew(daemon, NOT_ANEW) and script in daemon.log(),
               "a program that cannot be run is not tried", daemon.log())
        os.chmod(script, 0o755)
        peer = to_data(daemon.connect())
        tap.ok(anew(daemon) and "listening on submission:" in daemon.log(),
               "one by a script listens where that says", daemon.log()[-2000:])
        fresh = to_data(daemon.connect())
        tap.ok(finish(peer, "old") == finish(fresh, "new") == [354, 250, 221],
               "and those of before go on", daemon.log()[-2000:])
        tap.ok(anew(daemon) and daemon.stop() == 0,
               "it ends when all parts have, whoever saw it",
               daemon.log()[-2000:])


def told_to_systemd(tap, place):
    """sd_notify(3), and what runit's check asks."""
    where = place.path("told")
    os.mkdir(where)
    if place.user:
        shutil.chown(where, place.user)
    control = os.path.join(where, "control")
    inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    inbox.settimeout(30)
    inbox.bind(os.path.join(where, "notify"))

    def ready():
        return subprocess.run([filterd.FILTERD, "--ready", control],
                              stderr=subprocess.PIPE, text=True)
    daemon = place.daemon("told-d", ["--control", control])
    daemon.env["NOTIFY_SOCKET"] = os.path.join(where, "notify")
    tap.ok(ready().returncode == 111 and control in ready().stderr,
           "--ready: nobody answers", ready())
    with daemon:
        said = [inbox.recv(999).decode()]
        tap.ok(ready().returncode == 0, "--ready: it takes mail", ready())
        anew(daemon)
        said += [inbox.recv(999).decode() for _ in range(2)]
        tap.ok(filterd.wait_for(lambda: ready().returncode == 0),
               "and does so anew")
        held = to_data(daemon.connect())
        held.ask("DATA")
        daemon.process.send_signal(signal.SIGTERM)
        said.append(inbox.recv(999).decode())
        tap.ok(ready().returncode != 0, "but not while it stops", ready())
        held.close()
    words = [text.split("\n")[0] for text in said]
    tap.ok(words == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"] and
           "\nMONOTONIC_USEC=" in said[1], "systemd is told each time", said)
    inbox.close()


def cannot_run(tap, place):
    """What may be run, but cannot: an ordinary stop, for who supervises."""
    script = place.path("cannot")
    with open(script, "w") as f:
        f.write("#!/no/such/shell\n")
    os.chmod(script, 0o755)
    daemon = place.daemon("cannot-run", ["--again", script])
    with daemon:
        peer = to_data(daemon.connect())
        peer.ask("DATA")
        daemon.process.send_signal(signal.SIGUSR2)
        tap.ok(daemon.logged("stopping: "), "one that cannot run: it stops",
               daemon.log()[-2000:])
        peer.send(TEXT % "cut" + "\r\n")
        tap.ok(peer.reply()[0] == 250 and daemon.stop() == 0 and
               ids(daemon) == ["cut"], "messages are finished first",
               daemon.log()[-2000:])


class Load:
    """Clients one after the other in each thread, all the time."""

    def __init__(self, daemon, n):
        self.daemon = daemon
        self.go = True
        self.wrong = []
        self.taken = []
        self.threads = [threading.Thread(target=self.run, args=(i,))
                        for i in range(n)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        count = 0
        while self.go:
            count += 1
            name = "%d-%d" % (number, count)
            try:
                codes = finish(to_data(self.daemon.connect()), name)
            except OSError as error:
                codes = repr(error)
            if codes == [354, 250, 221]:
                self.taken.append(name)
            else:
                self.wrong.append((name, codes))

    def stop(self):
        self.go = False
        for thread in self.threads:
            thread.join()


def under_load(tap, place):
    daemon = place.daemon("load")
    with daemon:
        load = Load(daemon, 6)
        began = [anew(daemon) for _ in range(TIMES)]
        load.stop()
        tap.ok(all(began) and not load.wrong and len(load.taken) > TIMES,
               "%d times under load: nobody is refused" % TIMES,
               "%s\n%s" % (load.wrong[:5], daemon.log()[-1500:]))
        tap.ok(filterd.wait_for(lambda: ids(daemon) == sorted(load.taken)),
               "each of the messages is there, once", len(load.taken))
        tap.ok("without a log" not in daemon.log(),
               "the queue's log goes from one to the next", daemon.log())


def low_port():
    """One that root alone may listen at."""
    for port in range(1023, 600, -1):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def keeps_roots_port(tap, place):
    """Anew it could not listen there, nor change its user."""
    daemon = place.daemon("port")
    daemon.start("smtp:127.0.0.1:%d" % low_port())
    before = daemon.parts()
    held = to_data(daemon.connect())
    tap.ok(anew(daemon) and anew(daemon), "twice at a port of root's",
           daemon.log()[-2000:])
    after = daemon.parts()
    owners = {name: os.stat("/proc/%d" % pid).st_uid
              for name, pid in after.items()}
    tap.ok(set(before) == set(after) and not
           set(before.values()) & set(after.values()) and
           0 not in owners.values(), "all parts are new, none is root",
           (before, after, owners))
    fresh = to_data(daemon.connect())
    tap.ok(finish(fresh, "new") == finish(held, "old") == [354, 250, 221],
           "it answers there, and to who came before", daemon.log()[-2000:])
    tap.ok(daemon.stop() == 0, "then it ends", daemon.log()[-2000:])


def ends_with(tap, place, who):
    """No part stays behind when one of the first two is killed."""
    daemon = place.daemon("killed-" + who)
    daemon.start()
    held = to_data(daemon.connect(), 1)
    parts = daemon.parts()
    os.kill(parts.get(who, daemon.process.pid), signal.SIGKILL)
    tap.ok(filterd.wait_for(lambda: daemon.process.poll() is not None) and
           daemon.process.returncode != 0, "the %s is killed: it ends" % who,
           daemon.log()[-2000:])
    tap.ok(filterd.wait_for(lambda: not any(
        os.path.exists("/proc/%d/exe" % pid) and
        os.path.realpath("/proc/%d/exe" % pid) ==
        os.path.realpath(filterd.FILTERD) for pid in parts.values())),
        "and all its parts", parts)
    held.close()
    tap.ok(daemon.start() and daemon.stop() == 0, "another can be started",
           daemon.log()[-2000:])


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-anew.")
    os.chmod(folder, 0o755)
    places = [Place(folder)]
    if os.geteuid() == 0:
        places.append(Place(folder, "nobody"))
    else:
        tap.skip("root is given up", "not started as root")
    try:
        for place in places:
            print("# " + ("as root with --user" if place.user else "as it is"))
            for part in (sessions_go_on, sessions_count_on, stops, is_refused, by_a_script,
                         cannot_run, told_to_systemd, under_load):
                part(tap, place)
        for place in places[1:]:
            keeps_roots_port(tap, place)
            ends_with(tap, place, "master")
            ends_with(tap, place, "listener")
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
