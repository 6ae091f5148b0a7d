#!/usr/bin/env python3
"""smemail-filterd: command line, start, configuration, reload."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402


def run(*args, env=None):
    done = subprocess.run([filterd.FILTERD, *args], check=False, timeout=30,
                          env=dict({"PATH": "/usr/bin:/bin"}, **(env or {})),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def command_line(tap, daemon):
    status, out, err = run("--version")
    tap.ok(status == 0 and out.startswith("smemail-filterd ") and not err,
           "--version", out + err)
    status, out, err = run("--help")
    tap.ok(status == 0 and "--listen ROLE:ADDRESS:PORT" in out and not err,
           "--help", out + err)
    cases = [
        ((), "no configuration directory"),
        (("--frob",), "unknown option '--frob'"),
        (("--config",), "'--config' wants a value"),
        (("--config", daemon.config, "x"), "unexpected argument 'x'"),
        (("--config", "x", "--listen", "smtp:nowhere:25"), "not understood"),
        (("--config", "x", "--listen", "smtp:127.0.0.1:70000"),
         "not understood"),
        (("--config", "x", "--listen", "pop3s:127.0.0.1:995"),
         "not understood"),
        (("--config", "x", "--listen", "smtps"), "not understood"),
        (("--config", "x", "--instances", "0"), "from 1 to"),
    ]
    for args, told in cases:
        status, out, err = run(*args)
        tap.ok(status == 2 and told in err and not out,
               "usage: %s" % " ".join(args[-2:]), err)
    status, out, err = run("--role=worker")
    tap.ok(status == 2 and "by the daemon only" in err,
           "a part is not started by hand", err)


def checks(tap, daemon):
    status, out, err = run("--check", "--config", daemon.config)
    tap.ok(status == 0 and "is good" in out and not err, "--check, good",
           out + err)
    status, out, err = run("--check",
                           env={"QPSMTPD_CONFIG": daemon.config})
    tap.ok(status == 0, "QPSMTPD_CONFIG names the directory", err)
    for plugins, told in (
            ("rcpt_ok\nfrobnicate\nqueue/maildir /x\n", "plugins line 2"),
            ("rcpt_ok\nvirus/clamdscan\nqueue/maildir /x\n", "not built yet"),
            ("rcpt_ok\n", "no queue plugin"),
            ("", "no plugin lines")):
        other = filterd.Daemon({"plugins": plugins})
        status, out, err = run("--check", "--config", other.config)
        tap.ok(status == 100 and told in err and not out,
               "--check: %s" % told, err)
        tap.ok(not other.start() and other.process.wait() == 100 and
               told in other.log(), "and no start (FL-38, FL-160)",
               other.log())
        shutil.rmtree(other.folder)
    for spool in ("/nonexistent", "/dev/null", "/" + 5000 * "x"):
        other = filterd.Daemon({"spool_dir": spool})
        status, out, err = run("--check", "--config", other.config)
        tap.ok(status == 0 and "is good" in out and
               "cannot write in spool_dir '%s" % spool[:20] in err and
               "next: make that folder" in err,
               "--check: no spool_dir '%s'" % spool[:20], err)
        shutil.rmtree(other.folder)
    status, _, err = run("--check", "--config", "/nonexistent")
    tap.ok(status == 100 and "'/nonexistent'" in err, "--check: no directory",
           err)
    gone = filterd.Daemon()
    shutil.rmtree(gone.config)
    tap.ok(not gone.start() and gone.process.wait() == 100 and
           gone.config in gone.log(), "no start without the directory",
           gone.log())
    shutil.rmtree(gone.folder)


def unreadable(tap):
    daemon = filterd.Daemon()
    path = os.path.join(daemon.config, "rcpthosts")
    if os.geteuid() == 0:  # whom no mode stops
        os.unlink(path)
        os.mkfifo(path)
    else:
        os.chmod(path, 0)
    tap.ok(not daemon.start() and daemon.process.wait() == 100 and
           path in daemon.log(), "no start when a file cannot be read",
           daemon.log())
    shutil.rmtree(daemon.folder)


def port_in_use(tap, daemon):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        good = not daemon.start("smtp:127.0.0.1:%d" % port) and \
            daemon.process.wait() == 111
        told = "cannot listen on '127.0.0.1:%d'" % port
        tap.ok(good and told in daemon.log() and "next: " in daemon.log(),
               "port in use: told, with a next step, exit 111", daemon.log())


def sender(daemon, address):
    peer = daemon.connect()
    peer.reply()
    peer.ask("HELO x.example")
    code = peer.ask("MAIL FROM:<%s>" % address)[0]
    peer.close()
    return code


def settings_anew(tap):
    plugins = "badmailfrom\nrcpt_ok\nqueue/maildir @MAILDIR@"
    with filterd.Daemon({"plugins": plugins,
                         "badmailfrom": "$include more"}) as daemon:
        old = daemon.connect()
        old.reply()
        tap.ok(sender(daemon, "a@bad.example") == 250, "sender is taken")
        filterd.write_config(daemon.config,
                             {"badmailfrom": "@bad.example"})
        tap.ok(sender(daemon, "a@bad.example") == 550,
               "the next session has the changed setting (FL-36)")
        old.ask("HELO x.example")
        tap.ok(old.ask("MAIL FROM:<a@bad.example>")[0] == 250,
               "a session keeps the settings it began with")
        old.close()
        filterd.write_config(daemon.config, {
            "plugins": plugins.replace("badmailfrom\n", "").replace(
                "@MAILDIR@", daemon.maildir)})
        tap.ok(sender(daemon, "a@bad.example") == 550,
               "the plugin list waits for HUP (FL-36)")
        daemon.process.send_signal(signal.SIGHUP)
        tap.ok(daemon.logged("read anew"), "HUP is told", daemon.log())
        tap.ok(sender(daemon, "a@bad.example") == 250,
               "after HUP it is in force")


def broken_reload(tap):
    with filterd.Daemon() as daemon:
        parts = daemon.parts()
        filterd.write_config(daemon.config, {"plugins": "nonsense"})
        daemon.process.send_signal(signal.SIGHUP)
        tap.ok(daemon.logged("the one before stays in force") and
               "plugins line 1" in daemon.log(),
               "a broken configuration is told", daemon.log())
        tap.ok(sender(daemon, "a@b.example") == 250,
               "and the old one stays in force")
        filterd.write_config(daemon.config, {
            "plugins": "rcpt_ok\nqueue/maildir " + daemon.maildir,
            "smtpgreeting": "anew.example"})
        daemon.process.send_signal(signal.SIGHUP)
        tap.ok(daemon.logged("read anew"), "a good one is taken again",
               daemon.log())
        peer = daemon.connect()
        tap.ok("anew.example ESMTP" in peer.reply()[1], "it is in force")
        peer.close()
        shutil.rmtree(daemon.config)
        tap.ok(sender(daemon, "a@b.example") == 250,
               "it goes on without its directory")
        tap.ok(daemon.parts() == parts, "no part was started anew")


def several_sockets(tap):
    daemon = filterd.Daemon(args=["--listen", "smtp:127.0.0.2:0",
                                  "--listen", "smtp:[::1]:0"])
    if not daemon.start():
        tap.skip("several --listen", "no IPv6 loopback here")
        shutil.rmtree(daemon.folder)
        return
    found = filterd.LISTENING.findall(daemon.log())
    tap.ok([f[1] for f in found] == ["127.0.0.1", "127.0.0.2", "[::1]"],
           "several --listen", daemon.log())
    s = socket.create_connection(("::1", int(found[2][2])), 20)
    peer = filterd.Peer(s)
    peer.reply()
    tap.ok("[::1]" in peer.ask("HELO x.example")[1], "over IPv6")
    peer.close()
    daemon.stop()
    shutil.rmtree(daemon.folder)


def children_ignored(tap):
    """A supervisor that waits for none of its children leaves that behind:
    then no end of a part would be seen."""
    for args in [], ["--user", "nobody"]:
        if args and os.geteuid() != 0:
            continue
        daemon = filterd.Daemon(args=args)
        os.chmod(daemon.folder, 0o755)
        daemon.command_before = ["env", "--ignore-signal=CHLD"]
        tap.ok(daemon.start(), "started by one that ignores its children",
               daemon.log())
        worker = daemon.workers()[0]
        os.kill(worker, signal.SIGKILL)
        tap.ok(filterd.wait_for(lambda: worker not in daemon.workers() and
                                len(daemon.workers()) ==
                                int(daemon.env["WORKERS"])),
               "a part that ends is started anew", daemon.log())
        tap.ok(daemon.stop() == 0, "and a stop ends it", daemon.log())
        shutil.rmtree(daemon.folder)


def as_user(tap):
    if os.geteuid() != 0:
        tap.skip("root is given up", "not started as root")
        return
    daemon = filterd.Daemon(args=["--user", "nobody"])
    os.chmod(daemon.folder, 0o755)
    os.makedirs(daemon.maildir)
    os.chown(daemon.maildir, 65534, 65534)
    with daemon:
        owners = {}
        for name, pid in [("master", daemon.process.pid),
                          *daemon.parts().items()]:
            with open("/proc/%d/status" % pid) as f:
                owners[name] = [line.split()[1:4] for line in f
                                if line.startswith("Uid:")][0]
        tap.ok(owners.pop("master") == ["0"] * 3 and
               all(u == ["65534"] * 3 for u in owners.values()) and
               len(owners) == 5 + int(daemon.env["WORKERS"]),
               "root is given up (FL-192)", owners)
        for worker in daemon.workers():
            tap.ok(not os.listdir("/proc/%d/root" % worker),
                   "the worker's root is an empty folder")
            with open("/proc/%d/status" % worker) as f:
                text = f.read()
            tap.ok("Seccomp:\t2" in text and "NoNewPrivs:\t1" in text,
                   "the worker is behind a system call filter", text)
        peer = daemon.connect()
        peer.begin()
        peer.send("From: a\r\n\r\nx\r\n.\r\n")
        tap.ok(peer.reply()[0] == 250, "and still takes mail", daemon.log())
        peer.close()
    shutil.rmtree(daemon.folder)
    daemon = filterd.Daemon({"plugins": "no_such"}, ["--user", "nobody"])
    os.chmod(daemon.folder, 0o755)
    # who has given root up cannot kill a part that has not yet
    tap.ok(not daemon.start() and daemon.stop() == 100 and
           "unknown plugin" in daemon.log() and
           "left behind" not in daemon.log(),
           "what is not right is told after root is given up too",
           daemon.log())
    shutil.rmtree(daemon.folder)
    daemon = filterd.Daemon(args=["--user", "no-such-user"])
    tap.ok(not daemon.start() and daemon.process.wait() == 100 and
           "no such user" in daemon.log(), "an unknown user is told",
           daemon.log())
    shutil.rmtree(daemon.folder)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-start.")
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    os.chmod(folder, 0o755)
    try:
        daemon = filterd.Daemon()
        command_line(tap, daemon)
        checks(tap, daemon)
        unreadable(tap)
        port_in_use(tap, daemon)
        settings_anew(tap)
        broken_reload(tap)
        several_sockets(tap)
        children_ignored(tap)
        as_user(tap)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
