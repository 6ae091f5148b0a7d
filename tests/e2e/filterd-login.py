#!/usr/bin/env python3
"""smemail-filterd has logins judged: file, CVM, Dovecot, PAM (FL-80 to FL-84,
FL-181); what hangs or dies stalls nobody else."""
import base64
import os
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import cvm  # noqa: E402
import filterd  # noqa: E402

QUEUE = "rcpt_ok\nqueue/maildir @MAILDIR@"
ROLES = ("smtp", "submission", "smtps")


def plain(user, password):
    return base64.b64encode(("\0%s\0%s" % (user, password)).encode()).decode()


def log_in(daemon, user, password, role="smtp"):
    """The code of the reply to AUTH PLAIN in clear."""
    peer = daemon.connect(role=role)
    peer.reply()
    peer.ask("EHLO client.example")
    code = peer.ask("AUTH PLAIN " + plain(user, password))[0]
    peer.close()
    return code


def daemon_with(plugins, **files):
    settings = {"plugins": plugins + "\n" + QUEUE, "loglevel": "7",
                "tls_before_auth": "0"}
    settings.update(files)
    return filterd.Daemon(settings)


def by_file(tap):
    def hashed(*how):
        return subprocess.run(["openssl", "passwd", *how], check=True,
                              stdout=subprocess.PIPE).stdout.decode().strip()
    users = "\n".join((
        "# passwords", "anna@test.example:se:cret",
        "ben@test.example:" + hashed("-6", "hashed six"),
        "eve@test.example:" + hashed("-1", "hashed md5"),
        "bad@test.example:$nonsense$x", "nodomain:secret"))
    with daemon_with("auth/auth_flat_file", flat_auth_pw=users) as daemon:
        for user, password, code in (
                ("anna@test.example", "se:cret", 235),
                ("ANNA@Test.Example", "se:cret", 235),
                ("anna@test.example", "se", 535),
                ("ben@test.example", "hashed six", 235),
                ("ben@test.example", "wrong", 535),
                ("eve@test.example", "hashed md5", 235),
                ("bad@test.example", "x", 454),
                ("nodomain", "secret", 535),
                ("none@test.example", "x", 535)):
            got = log_in(daemon, user, password)
            tap.ok(got == code, "flat file, %s: %d (FL-84)" % (user, code),
                   "%d\n%s" % (got, daemon.log()))
        with open(os.path.join(daemon.config, "flat_auth_pw"), "a") as f:
            f.write("new@test.example:fresh\n")
        tap.ok(log_in(daemon, "new@test.example", "fresh") == 235,
               "a new line counts at once (FL-36)", daemon.log())
        told = [w for w in ("se:cret", "hashed", "fresh", "c2U6Y3JldA",
                            plain("anna@test.example", "se:cret"))
                if w in daemon.log()]
        tap.ok(not told, "no password in the log at level 7 (FL-42)", told)
        tap.ok("login failed: user=ben@test.example address=127.0.0.1 "
               "mechanism=PLAIN" in daemon.log(),
               "a failure is logged for fail2ban (FL-81)", daemon.log())
    shutil.rmtree(daemon.folder)


def walls(tap):
    """Each part has its filter; those that run a program of another user may
    take that user's rights all the same (qmail-queue, unix_chkpwd)."""
    if os.geteuid() != 0:
        tap.skip("each part has a system call filter", "not root")
        return
    with daemon_with("auth/auth_flat_file",
                     flat_auth_pw="a@b.example:x") as daemon:
        parts = dict(daemon.parts(), listener=daemon.process.pid)
        with open("/proc/%d/task/%d/children" % (
                parts["keeper"], parts["keeper"])) as f:
            parts["courier"] = int(f.read().split()[0])
        told = {}

        def all_have_it():
            for name, pid in parts.items():
                with open("/proc/%d/status" % pid) as f:
                    status = dict(line.split(":\t") for line in f)
                told[name] = (status["Seccomp"].strip(),
                              status["NoNewPrivs"].strip())
            return told == {k: ("2", v) for k, v in wanted.items()}
        wanted = {"keeper": "1", "resolver": "1", "state": "1",
                  "auth": "0", "courier": "0", "listener": "0"}
        wanted.update((name, "1") for name in parts
                      if name.startswith("worker"))
        tap.ok(filterd.wait_for(all_have_it),
               "each part has a system call filter (FL-192)", told)
        tap.ok("without a system call filter" not in daemon.log(),
               "and none goes on without", daemon.log())
        tap.ok(log_in(daemon, "a@b.example", "x") == 235,
               "logins are judged behind it", daemon.log())
    shutil.rmtree(daemon.folder)


AS_NOBODY = [sys.executable, "-c", """import os, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
os.execv(sys.argv[1], sys.argv[1:])"""]


def status(daemon):
    """{part: (Seccomp, NoNewPrivs)} of those that may run programs."""
    parts = dict(daemon.parts(), listener=daemon.process.pid)
    with open("/proc/%d/task/%d/children" % (
            parts["keeper"], parts["keeper"])) as f:
        parts["courier"] = int(f.read().split()[0])
    told = {}
    for name in ("listener", "courier", "auth"):
        with open("/proc/%d/status" % parts[name]) as f:
            lines = dict(line.split(":\t") for line in f)
        told[name] = (lines["Seccomp"].strip(), lines["NoNewPrivs"].strip())
    return told


def walls_without_root(tap):
    """A filter costs the right to gain any: programs that need it come
    first."""
    if os.geteuid() != 0:
        tap.skip("walls without root", "needs root to become nobody")
        return
    for queue, wanted in (("queue/maildir @MAILDIR@", ("2", "1")),
                          ("queue/qmail-queue /bin/false", ("0", "0"))):
        daemon = filterd.Daemon({"plugins": "rcpt_ok\n" + queue})
        daemon.command_before = AS_NOBODY
        os.chmod(daemon.folder, 0o777)
        with daemon:
            tap.ok(filterd.wait_for(lambda: set(status(daemon).values()) ==
                                    {wanted}, 5),
                   "without root, %s: %s" % (queue.split()[0], wanted),
                   (status(daemon), daemon.log()))
            if wanted[0] == "0":
                continue
            filterd.write_config(daemon.config, {
                "plugins": "rcpt_ok\nqueue/qmail-queue /bin/false"})
            daemon.process.send_signal(signal.SIGHUP)
            tap.ok(daemon.logged("may not be enough: start the daemon anew"),
                   "a reload that comes too late is told", daemon.log())
            # in force where the queue is, not where it is read alone
            daemon.logged("plugin lists read anew")
            peer = daemon.connect()
            peer.begin()
            peer.send("From: a\r\n\r\nx\r\n.\r\n")
            tap.ok(peer.reply()[0] == 451, "and programs are run all the "
                   "same", daemon.log())
            peer.close()
        shutil.rmtree(daemon.folder)


def five_failures(tap):
    with daemon_with("auth/auth_flat_file",
                     flat_auth_pw="a@b.example:x") as daemon:
        peer = daemon.connect()
        peer.reply()
        peer.ask("EHLO client.example")
        begun = time.monotonic()
        codes = [peer.ask("AUTH PLAIN " + plain("a@b.example", "y"))[0]
                 for _ in range(5)]
        took = time.monotonic() - begun
        tap.ok(codes == [535] * 4 + [421] and peer.reply()[0] == 0 and
               took >= 5, "each failure costs a second, the fifth ends it "
               "(FL-81)", "%s %s" % (codes, took))
    shutil.rmtree(daemon.folder)


def by_cvm(tap):
    folder = tempfile.mkdtemp(prefix="filterd-cvm.")
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "socket")
    server = cvm.Cvm(path, {
        "joe@test.example": lambda p: 0 if p == b"secret" else 100,
        "joe@localhost": lambda p: 0,
        "hang@test.example": lambda p: None})
    plugin = "auth/auth_cvm_unix_local cvm_socket %s" % path
    files = {"flat_auth_pw": "file@test.example:secret"}
    with daemon_with(plugin + " enable_smtp yes\nauth/auth_flat_file",
                     **files) as daemon:
        tap.ok(log_in(daemon, "joe@test.example", "secret") == 235,
               "CVM says yes (FL-83)", daemon.log())
        tap.ok(server.requests == [b"\1joe\0test.example\0secret\0\0"],
               "and was asked in its words", server.requests)
        tap.ok(log_in(daemon, "joe@test.example", "x") == 535,
               "CVM says no", daemon.log())
        tap.ok(log_in(daemon, "joe", "x") == 235 and
               server.requests[-1] == b"\1joe\0localhost\0x\0\0",
               "no domain: localhost", server.requests)
        tap.ok(log_in(daemon, "file@test.example", "secret") == 235,
               "not known to CVM: the next is asked", daemon.log())
        hanging(tap, daemon)
        server.close()
        os.unlink(path)
        tap.ok(log_in(daemon, "joe@test.example", "secret") == 535 and
               "cannot connect to '%s'" % path in daemon.log(),
               "no CVM server is no login (FL-83)", daemon.log())
    shutil.rmtree(daemon.folder)
    shutil.rmtree(folder)


def hanging(tap, daemon):
    """CVM is silent: others go on; the part dies: 454, and nobody is lost."""
    peer = daemon.connect()
    peer.reply()
    peer.ask("EHLO client.example")
    peer.send("AUTH PLAIN " + plain("hang@test.example", "x") + "\r\n")
    begun = time.monotonic()
    good = log_in(daemon, "joe@test.example", "secret") == 235
    tap.ok(good and time.monotonic() - begun < 10,
           "a judge that hangs holds up nobody else", daemon.log())
    before = daemon.parts()
    os.kill(before["auth"], signal.SIGKILL)
    tap.ok(peer.reply()[0] == 454, "the part dies: 454", daemon.log())
    tap.ok(peer.ask("NOOP")[0] == 250, "and the session goes on")
    again = filterd.wait_for(
        lambda: log_in(daemon, "joe@test.example", "secret") == 235)
    after = daemon.parts()
    tap.ok(again and after["auth"] != before["auth"] and
           all(after[name] == before[name] for name in before
               if name != "auth"),
           "a new one judges, all others are the old ones", daemon.log())
    peer.close()


def stops(tap):
    """Told to end while a judge hangs: nobody waits for its answer."""
    folder = tempfile.mkdtemp(prefix="filterd-cvm.")
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "socket")
    server = cvm.Cvm(path, {"hang@test.example": lambda p: None})
    with daemon_with("auth/auth_cvm_unix_local cvm_socket %s enable_smtp yes" %
                     path) as daemon:
        peer = daemon.connect()
        peer.reply()
        peer.ask("EHLO client.example")
        peer.send("AUTH PLAIN " + plain("hang@test.example", "x") + "\r\n")
        filterd.wait_for(lambda: server.requests)
        begun = time.monotonic()
        status = daemon.stop()
        took = time.monotonic() - begun
        tap.ok(status == 0 and peer.reply()[0] == 421 and took < 10,
               "it ends without the answer of a judge that hangs: %.1f s" %
               took, daemon.log())
        peer.close()
    server.close()
    shutil.rmtree(daemon.folder)
    shutil.rmtree(folder)


def by_ports(tap):
    """FL-83: CVM serves smtps unless told otherwise, the others if told."""
    folder = tempfile.mkdtemp(prefix="filterd-ports.")
    pair = filterd.certificate(folder)
    tls = "tls %s %s %s\n" % (pair[0], pair[1], pair[0])
    offered = {}
    for arguments in ("", " enable_smtp yes enable_ssmtp no"):
        daemon = daemon_with(
            tls + "auth/auth_cvm_unix_local cvm_socket /none" + arguments)
        daemon.start(*ROLES)
        for role in ROLES:
            kind = smtplib.SMTP_SSL if role == "smtps" else smtplib.SMTP
            with kind("127.0.0.1", daemon.ports[role], timeout=20) as s:
                s.ehlo("client.example")
                offered[arguments, role] = s.has_extn("auth")
        daemon.stop()
        shutil.rmtree(daemon.folder)
    shutil.rmtree(folder)
    tap.ok([offered[k] for k in offered] ==
           [False, False, True, True, True, False],
           "CVM is asked on the ports that are enabled (FL-83)", offered)


def list_changes(tap):
    """FL-181: after a login the local list holds, relaying included."""
    files = {"plugins": "peers", "badmailfrom": "a@out.example",
             "peers/0": "auth/auth_flat_file\nbadmailfrom\n" + QUEUE,
             "peers/local": QUEUE, "loglevel": "6", "tls_before_auth": "0",
             "flat_auth_pw": "a@b.example:x"}
    with filterd.Daemon(files) as daemon:
        peer = daemon.connect()
        peer.reply()
        peer.ask("EHLO client.example")
        tap.ok(peer.ask("MAIL FROM:<a@out.example>")[0] == 550,
               "before a login the remote list holds", daemon.log())
        peer.ask("AUTH PLAIN " + plain("a@b.example", "x"))
        tap.ok(peer.ask("MAIL FROM:<a@out.example>")[0] == 250 and
               peer.ask("RCPT TO:<x@elsewhere.example>")[0] == 250,
               "after it the local one, and mail is relayed (FL-82, FL-181)",
               daemon.log())
        peer.close()
    shutil.rmtree(daemon.folder)


def queue_changes(tap):
    """FL-43: the queue is that of the local list too, for short texts and for
    long ones that are spooled."""
    files = {"plugins": "peers", "tls_before_auth": "0",
             "peers/0": "auth/auth_flat_file\nrcpt_ok\n"
                        "queue/maildir @MAILDIR@/remote",
             "peers/local": "rcpt_ok\nqueue/maildir @MAILDIR@/local",
             "flat_auth_pw": "a@b.example:x"}
    texts = ["short\r\n", ("y" * 70 + "\r\n") * 4000]
    with filterd.Daemon(files) as daemon:
        for auth in (False, True):
            peer = daemon.connect()
            peer.reply()
            peer.ask("EHLO client.example")
            if auth:
                peer.ask("AUTH PLAIN " + plain("a@b.example", "x"))
            for text in texts:
                peer.ask("MAIL FROM:<a@out.example>")
                peer.ask("RCPT TO:<b@local.example>")
                peer.ask("DATA")
                peer.send("From: a\r\n\r\n" + text + ".\r\n")
                tap.ok(peer.reply()[0] == 250, "queued", daemon.log())
            peer.close()
        counts = [len(os.listdir(os.path.join(daemon.maildir, where, "new")))
                  for where in ("remote", "local")]
        tap.ok(counts == [2, 2],
               "each by the queue of its own list (FL-43)", counts)
    shutil.rmtree(daemon.folder)


def by_dovecot(tap):
    if os.geteuid() != 0 or not shutil.which("doveadm"):
        tap.skip("Dovecot judges", "needs root and dovecot-core")
        return
    folder = tempfile.mkdtemp(prefix="filterd-dovecot.", dir="/tmp")
    os.chmod(folder, 0o755)
    filterd.certificate(folder)
    tool = [os.path.join(TOP, "tests", "tools", "dovecot-instance.sh"),
            folder, "0", "0", "0"]
    subprocess.run(tool + ["start"], check=True)
    path = os.path.join(folder, "run", "auth-client")
    try:
        with daemon_with("auth/auth_dovecot socket " + path) as daemon:
            good = filterd.wait_for(lambda: os.path.exists(path)) and \
                log_in(daemon, "joe", "secret") == 235
            tap.ok(good, "Dovecot says yes", daemon.log())
            tap.ok(log_in(daemon, "joe", "wrong") == 535,
                   "Dovecot says no", daemon.log())
            tap.ok(log_in(daemon, "nobody.such", "x") == 535,
                   "Dovecot does not know the name", daemon.log())
            subprocess.run(tool + ["stop"], check=True)
            gone = filterd.wait_for(
                lambda: log_in(daemon, "joe", "secret") == 454)
            tap.ok(gone, "Dovecot is gone: 454", daemon.log())
        shutil.rmtree(daemon.folder)
    finally:
        subprocess.run(tool + ["stop"], check=False,
                       stderr=subprocess.DEVNULL)
        shutil.rmtree(folder)


def kills_as(user, pid):
    """Such a user is the listener, which ends a part that hangs."""
    return subprocess.run(
        [sys.executable, "-c", "import os, sys\nos.setuid(%d)\n"
         "os.kill(%d, 9)" % (user, pid)], check=False).returncode == 0


def by_pam(tap):
    """In a mount namespace of its own, with users and a service of its own."""
    unshare = shutil.which("unshare")
    if filterd.SANITIZED:
        # it takes over the name crypt, and finds none to call
        tap.skip("PAM judges", "pam_unix cannot run under the sanitizer")
        return
    if os.geteuid() != 0 or not unshare or subprocess.run(
            [unshare, "-m", "true"], stderr=subprocess.DEVNULL,
            check=False).returncode:
        tap.skip("PAM judges", "needs root and mount namespaces")
        return
    daemon = daemon_with("auth/auth_pam service smemailtest")
    daemon.args += ["--user", "nobody"]
    os.chmod(daemon.folder, 0o755)
    etc = os.path.join(daemon.folder, "etc")
    shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
    hashed = subprocess.run(["openssl", "passwd", "-6", "secret"], check=True,
                            stdout=subprocess.PIPE).stdout.decode().strip()
    with open(etc + "/passwd", "a") as f:
        f.write("pamjoe:x:54321:65534::/nonexistent:/bin/false\n")
    with open(etc + "/shadow", "a") as f:
        f.write("pamjoe:%s:19000:0:99999:7:::\n" % hashed)
    with open(etc + "/pam.d/smemailtest", "w") as f:
        f.write("auth required pam_unix.so nodelay\n"
                "account required pam_unix.so\n")
    daemon.command_before = [
        unshare, "-m", "sh", "-c",
        "mount --bind '%s' /etc && exec \"$@\"" % etc, "sh"]
    with daemon:
        tap.ok(log_in(daemon, "pamjoe", "secret") == 235, "PAM says yes",
               daemon.log())
        tap.ok(log_in(daemon, "pamjoe", "wrong") == 535, "PAM says no",
               daemon.log())
        tap.ok(log_in(daemon, "none", "x") == 535,
               "PAM does not know the name", daemon.log())
        tap.ok("secret" not in daemon.log(), "no password in the log")
        judge = daemon.parts()["auth"]
        with open("/proc/%d/status" % judge, encoding="ascii") as f:
            user = re.search(r"^Uid:\s+(.*)$", f.read(), re.M).group(1)
        tap.ok(user.split()[:2] == ["0", "0"] and kills_as(65534, judge),
               "what asks PAM is root, and who is not can end it", user)
        tap.ok(daemon.logged("which may not be enough: start the daemon anew"),
               "the next one is none any more, which is told", daemon.log())
        daemon.process.send_signal(signal.SIGUSR2)
        tap.ok(daemon.logged("started anew") and
               log_in(daemon, "pamjoe", "secret") == 235,
               "started anew, PAM says yes again", daemon.log())
    shutil.rmtree(daemon.folder)


def refused(tap):
    for line, told in (
            ("auth/auth_cvm_unix_local", "cvm_socket is wanted"),
            ("auth/auth_cvm_unix_local cvm_socket /x enable_smtp maybe",
             "enable_smtp is yes or no, not 'maybe'"),
            ("tls /x", "certificate, key and authorities"),
            ("auth/auth_ldap_bind", "unknown plugin")):
        daemon = daemon_with(line)
        done = subprocess.run(daemon.command("--check"), check=False,
                              env=daemon.env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        tap.ok(done.returncode == 100 and told in done.stderr.decode() and
               re.search("plugins line 1", done.stderr.decode()),
               "--check: %s" % told, done.stderr.decode())
        shutil.rmtree(daemon.folder)


def main():
    tap = filterd.Tap()
    for part in (refused, by_file, five_failures, by_cvm, by_ports,
                 list_changes, queue_changes, stops, walls,
                 walls_without_root, by_dovecot, by_pam):
        part(tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
