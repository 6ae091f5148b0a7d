#!/usr/bin/env python3
"""The units of the manual page, as they stand there, under a systemd of the
test's own: what it is told of starts, reloads, starts anew, stops and deaths,
and that no message is lost by any of them. Then its scripts for runit."""
import base64
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
import machine  # noqa: E402

UNIT = "smemail-filterd.service"
UNITS = "/etc/systemd/system/" + UNIT
SERVICE = "var/service/qpsmtpd"
PAGE = os.path.join(TOP, "man", "smemail-filterd.8")
CONFIG = SERVICE + "/config"
USER = 8025  # of no account of this system
ROLES = {"smtp": 25, "submission": 587, "smtps": 465}
TEXT = "From: a@out.example\r\nMessage-Id: <%s@out.example>\r\n\r\nhi\r\n."
# What stands for qmail-queue: it has not ended before it may.
SLOW = """#!/bin/sh
grep NoNewPrivs /proc/self/status >/var/mail/rights
cat >/var/mail/got
: >/var/mail/begun
while [ ! -e /var/mail/go ]; do sleep 0.05; done
: >/var/mail/done
"""


def blocks():
    """{name: text} of the files that the manual shows."""
    with open(PAGE, encoding="utf-8") as f:
        found = re.findall(
            r"^\.Pa (/etc/systemd/\S+|run|check)\s.*?\n\.Bd [^\n]*\n(.*?)^\.Ed$",
            f.read(), re.M | re.S)
    return {name: text.replace("\\e\n", "\\\n") for name, text in found}


class Host:
    """The machine and its daemon."""

    def __init__(self, tap, inside):
        self.tap = tap
        self.inside = inside
        self.asked_at = 0  # where the log was then
        self.config = os.path.join(inside.root, CONFIG)
        self.mail = os.path.join(inside.root, "var/mail")

    def plugins(self, *lines):
        filterd.write_config(self.config, {"plugins": "\n".join(lines)})

    def usual_plugins(self, *more):
        self.plugins("logging/logterse",
                     "tls ssl/cert.pem ssl/key.pem ssl/cert.pem", *more,
                     "rcpt_ok", "queue/maildir /var/mail/box")

    def prepare(self):
        filterd.write_config(self.config, {
            "me": "mx.local.example", "rcpthosts": "local.example",
            "badmailfrom": "a@bad.example",
            "spool_dir": "/var/spool/qpsmtpd", "loglevel": "6"})
        os.makedirs(self.config + "/ssl")
        filterd.certificate(self.config + "/ssl")
        for name in ("var/mail", "var/spool/qpsmtpd"):
            path = os.path.join(self.inside.root, name)
            os.makedirs(path)
            os.chown(path, USER, USER)
        for name in os.listdir(self.config + "/ssl"):
            os.chown(os.path.join(self.config, "ssl", name), USER, USER)
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "secret"], check=True,
            stdout=subprocess.PIPE, encoding="ascii").stdout.strip()
        self.inside.write("etc/shadow", "anna:%s:19000::::::\n" % hashed,
                          0o600)
        self.inside.write("etc/pam.d/mail",
                          "auth required pam_unix.so nodelay\n"
                          "account required pam_unix.so\n")

    def unit(self, action, *words):
        if action in ("reload", "kill", "stop"):
            self.asked_at = len(self.log())
        return self.inside.systemctl(action, *words, UNIT)

    def is_in(self, state, sub=None):
        now = self.inside.show(UNIT, "ActiveState", "SubState")
        return now["ActiveState"] == state and sub in (None, now["SubState"])

    def comes_to(self, state, sub=None):
        return filterd.wait_for(lambda: self.is_in(state, sub), 60)

    def main(self):
        return int(self.inside.show(UNIT, "MainPID")["MainPID"])

    def log(self):
        return self.inside.run("journalctl", "-q", "-o", "cat", "-u",
                               UNIT).stdout

    def logged(self, words):
        """Since the last that was asked of it."""
        return filterd.wait_for(
            lambda: words in self.log()[self.asked_at:], 60)

    def connect(self, role="smtp"):
        s = socket.create_connection(("127.0.0.1", ROLES[role]), 30)
        if role == "smtps":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            s = context.wrap_socket(s)
        return filterd.Peer(s)

    def answers(self):
        """The greetings of all ports, each at its first question."""
        found = []
        for role in ROLES:
            try:
                peer = self.connect(role)
                found.append(peer.reply()[0])
                peer.close()
            except OSError as error:
                found.append(error)
        return found

    def ids(self):
        found = []
        box = os.path.join(self.mail, "box/new")
        for name in os.listdir(box) if os.path.isdir(box) else ():
            with open(os.path.join(box, name), encoding="utf-8") as f:
                found += re.findall(r"^Message-Id: <(.*?)@", f.read(), re.M)
        return sorted(found)

    # what each unit must do

    def starts(self, name):
        done = self.unit("start")
        self.tap.ok(done.returncode == 0 and self.answers() == [220] * 3,
                    name + ": all ports answer when start returns",
                    done.stdout + self.log())
        self.tap.ok("takes mail" in self.unit("status").stdout,
                    name + ": status says so", self.unit("status").stdout)
        return done.returncode == 0

    def rights(self, name):
        """Which takes ports; CAP_NET_BIND_SERVICE is bit 10."""
        done = self.inside.run(
            "sh", "-c", "grep ^CapEff $(sed 's,.*,/proc/&/status,' "
            "/sys/fs/cgroup/system.slice/%s/cgroup.procs)" % UNIT)
        found = {int(pid): int(caps, 16) for pid, caps in re.findall(
            r"^/proc/(\d+)/.*?(\w+)$", done.stdout, re.M)}
        main = found.pop(self.main(), None)
        self.tap.ok(main == 1 << 10 and len(found) > 5 and
                    not any(found.values()),
                    name + ": no part has a right, the main process one",
                    done.stdout)

    def log_in(self, password):
        peer = self.connect("smtps")
        peer.reply()
        peer.ask("EHLO c.example")
        word = base64.b64encode(b"\0anna\0" + password.encode()).decode()
        code = peer.ask("AUTH PLAIN " + word)[0]
        peer.close()
        return code

    def asks_pam(self, when):
        """It compares with what only root may read."""
        if filterd.SANITIZED:
            self.tap.skip("PAM", "pam_unix cannot run under the sanitizer")
            return
        codes = [self.log_in("secret"), self.log_in("wrong")]
        self.tap.ok(codes == [235, 535], "PAM is asked as root " + when,
                    "%s\n%s" % (codes, self.log()))

    def takes_sender(self, sender):
        peer = self.connect()
        code = peer.begin(sender)[0]
        peer.close()
        return code == 354

    def reloads(self, name):
        main = self.main()
        plugins = os.path.join(self.config, "plugins")
        with open(plugins, encoding="utf-8") as f:
            good = f.read()
        before = self.takes_sender("a@bad.example")
        filterd.write_config(self.config, {
            "plugins": "check_badmailfrom\n" + good})
        done = self.unit("reload")
        self.tap.ok(done.returncode == 0 and before and
                    self.logged("plugin lists read anew") and
                    not self.takes_sender("a@bad.example"),
                    name + ": reload", done.stdout + self.log())
        filterd.write_config(self.config, {"plugins": "no_such\n" + good})
        self.unit("reload")
        self.tap.ok(self.logged("unknown plugin") and
                    self.takes_sender("a@out.example") and
                    not self.takes_sender("a@bad.example") and
                    self.is_in("active", "running") and self.main() == main,
                    name + ": a list that is not right changes nothing",
                    self.log())
        filterd.write_config(self.config, {"plugins": good})
        self.unit("reload")
        self.logged("plugin lists read anew")

    def begins_anew(self, name):
        main = self.main()
        peer = self.connect()
        begun = peer.begin()
        done = self.unit("kill", "-s", "USR2", "--kill-who=main")
        said = self.logged("started anew, the sessions of before go on")
        peer.send(TEXT % "anew" + "\r\n")
        self.tap.ok(begun[0] == 354 and peer.reply()[0] == 250 and said and
                    peer.ask("QUIT")[0] == 221 and
                    self.answers() == [220] * 3,
                    name + ": USR2 starts it anew, a session goes on",
                    done.stdout + self.log())
        now = self.comes_to("active", "running") and \
            self.inside.show(UNIT, "MainPID", "NRestarts", "StatusText")
        self.tap.ok(now == {"MainPID": str(main), "NRestarts": "0",
                            "StatusText": "takes mail"},
                    name + ": to systemd it is the same, and running", now)

    def dies(self, name):
        main = self.main()
        self.unit("kill", "-s", "KILL", "--kill-who=main")
        self.tap.ok(filterd.wait_for(lambda: self.main() not in (0, main), 60)
                    and self.comes_to("active", "running") and
                    self.answers() == [220] * 3 and
                    self.inside.show(UNIT, "NRestarts")["NRestarts"] == "1",
                    name + ": killed, it is started again", self.log())

    def stops(self, name):
        peer = self.connect()
        begun = peer.begin()
        self.unit("stop", "--no-block")
        waits = self.comes_to("deactivating") and self.logged("stopping: ")
        peer.send(TEXT % "stop" + "\r\n")
        self.tap.ok(begun[0] == 354 and waits and peer.reply()[0] == 250 and
                    self.comes_to("inactive") and "stop" in self.ids(),
                    name + ": stop has the message under way finished",
                    self.log())
        now = self.inside.show(UNIT, "Result", "ExecMainStatus")
        self.tap.ok(now == {"Result": "success", "ExecMainStatus": "0"},
                    name + ": and ends well", now)

    def program_goes_on(self):
        """What a part has started is ended by the part alone."""
        self.inside.write("var/qmail/bin/qmail-queue", SLOW, 0o755)
        self.plugins("rcpt_ok", "queue/qmail-queue")
        self.unit("start")
        peer = self.connect()
        peer.begin()
        peer.send(TEXT % "program" + "\r\n")
        begun = filterd.wait_for(
            lambda: os.path.exists(self.mail + "/begun"))
        self.unit("stop", "--no-block")
        self.comes_to("deactivating")
        open(self.mail + "/go", "w", encoding="ascii").close()
        self.tap.ok(begun and peer.reply()[0] == 250 and
                    self.comes_to("inactive") and
                    os.path.exists(self.mail + "/done"),
                    "a stop leaves qmail-queue to end", self.log())
        with open(self.mail + "/rights", encoding="ascii") as f:
            self.tap.ok(f.read().split() == ["NoNewPrivs:", "0"],
                        "which may become another user")

    def refused(self):
        self.plugins("no_such")
        done = self.unit("start")
        self.tap.ok(done.returncode and filterd.wait_for(
                    lambda: "unknown plugin" in self.unit("status").stdout),
                    "a configuration that is not right: start fails, status "
                    "says why", done.stdout + self.unit("status").stdout)
        now = self.inside.show(UNIT, "ActiveState", "ExecMainStatus",
                               "NRestarts")
        self.tap.ok(now == {"ActiveState": "failed", "ExecMainStatus": "100",
                            "NRestarts": "0"}, "and is not tried again", now)
        self.unit("reset-failed")


    # by runit

    def sv(self, *words):
        return self.inside.run("sv", *words, "/" + SERVICE)

    def runit(self, shown):
        if not shutil.which("runsv", path=machine.PATH):
            self.tap.skip("runit", "it is not installed")
            return
        for name in ("run", "check"):
            self.inside.write(SERVICE + "/" + name, shown[name], 0o755)
        self.inside.write(SERVICE + "/down", "")
        self.inside.run("systemd-run", "--unit=runit", "-p", "KillMode=mixed",
                        "runsv", "/" + SERVICE)
        filterd.wait_for(lambda: self.sv("status").returncode == 0)
        done = self.sv("-w", "60", "start")
        self.tap.ok(done.returncode == 0 and self.takes_sender("a@x.example"),
                    "sv start returns when mail is taken", done.stdout)
        peer = self.connect()
        begun = peer.begin()
        self.sv("2")
        said = filterd.wait_for(lambda: "started anew, the sess" in
                                self.inside.run("journalctl", "-q", "-u",
                                                "runit").stdout, 60)
        self.inside.run("sv", "-w", "0", "down", "/" + SERVICE)
        peer.send(TEXT % "runit" + "\r\n")
        self.tap.ok(begun[0] == 354 and said and peer.reply()[0] == 250,
                    "sv 2 starts it anew, a session goes on", self.log())
        done = self.sv("-w", "40", "down")
        log = self.inside.run("journalctl", "-q", "-u", "runit").stdout
        self.tap.ok("ok: down" in done.stdout and "runit" in self.ids() and
                    "not all messages ended" not in log,
                    "sv down has its message finished, and waits for no more",
                    done.stdout + log)


def limit_s(name):
    with open(os.path.join(TOP, "cmd", "filterd", "limits.h"),
              encoding="utf-8") as f:
        return int(re.search(name + r" = (\d+)", f.read()).group(1))


def checks(tap, inside, shown):
    host = Host(tap, inside)
    host.prepare()
    for path, name in ((UNITS, "root"), (UNITS + ".d/user.conf", "user")):
        root = name == "root"
        inside.write(path.strip("/"), shown[path])
        done = inside.run("systemd-analyze", "verify", "--man=no", UNIT)
        tap.ok(done.returncode == 0 and not done.stdout,
               name + ": systemd knows each word of the unit", done.stdout)
        inside.systemctl("daemon-reload")
        host.usual_plugins(*["auth/auth_pam service mail"] * (
            root and not filterd.SANITIZED))
        if not host.starts(name):
            tap.ok(False, "what else is to be seen",
                   inside.run("journalctl", "-q").stdout)
            return
        host.reloads(name)
        host.begins_anew(name)
        if root:
            host.asks_pam("after that")
        else:
            host.rights(name)
        host.dies(name)
        host.stops(name)
        if root:
            host.program_goes_on()
            host.refused()
    host.usual_plugins()
    host.runit(shown)
    sent = ["anew", "anew", "stop", "stop"]
    tap.ok(filterd.wait_for(lambda: [i for i in host.ids() if i != "runit"] == sent),
           "each message is there, once", host.ids())
    tap.ok(not re.search("going on without|AddressSanitizer|runtime error",
                         host.log()),
           "what systemd forbids is nothing that the daemon needs", host.log())
    done = inside.run("smemail", "log", "show", "journal", "--verdicts")
    tap.ok(re.search("queued .*<anew@out.example>", done.stdout),
           "smemail log understands it in the journal", done.stdout)
    patience = inside.show(UNIT, "TimeoutStopUSec")["TimeoutStopUSec"]
    tap.ok(re.fullmatch(r"\d+s", patience) and int(patience[:-1]) >
           limit_s("FILTERD_DRAIN_S") + limit_s("FILTERD_END_S"),
           "systemd is patient enough at a stop", patience)


def main():
    why = machine.lacks()
    if why:
        print("1..0 # SKIP " + why)
        return 0
    if not os.environ.get("SYSTEMD_INSIDE"):
        # the ports are no others' there
        return subprocess.run(
            ["unshare", "--net", sys.executable, __file__], check=False,
            env=dict(os.environ, SYSTEMD_INSIDE="1")).returncode
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-systemd.")
    os.chmod(folder, 0o755)
    variables = {k: v for k, v in os.environ.items()
                 if k.endswith("SAN_OPTIONS")}
    # the leak finder needs system calls that the parts give up
    variables["ASAN_OPTIONS"] = ":".join(filter(None, (
        variables.get("ASAN_OPTIONS"), "detect_leaks=0")))
    try:
        with machine.Machine(folder, filterd.BUILD, {"qpsmtpd": USER, "anna": USER + 1},
                             dict(variables, WORKERS="2")) as inside:
            checks(tap, inside, blocks())
    except machine.CannotBoot as error:
        tap.skip("all", "systemd does not run here: %s" % error)
    finally:
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
