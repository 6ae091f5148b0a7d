#!/usr/bin/env python3
"""check_smtp_forward (FL-75): a recipient is asked of the server that its
mail goes to. Servers of ours that answer as they are told, or misbehave; then
Postfix; then a domain given to a server with smemail."""
import os
import shutil
import signal
import socket
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
import mailroot  # noqa: E402
import ports  # noqa: E402
from asked import Asked  # noqa: E402

LIST = "logging/logterse\nrelay\ncheck_smtp_forward%s\nrcpt_ok\n" \
    "queue/maildir @MAILDIR@"


def new_daemon(name, server, more="", **files):
    base = {"plugins": LIST % more, "loglevel": "6", "queue_failures": "0",
            "rcpthosts": "local.example\nfwd.example\ntwo.example",
            "smtproutes": "fwd.example:127.0.0.1:%d" %
            (server if isinstance(server, int) else server.port)}
    base.update(files)
    return filterd.Daemon(base, folder=os.path.join(tempfile.tempdir, name))


def begin(daemon, sender="a@out.example", timeout=30.0):
    peer = daemon.connect(timeout=timeout)
    peer.reply()
    peer.ask("EHLO client.example")
    peer.ask("MAIL FROM:<%s>" % sender)
    return peer


def rcpt(daemon, address, **more):
    """The answer to one RCPT, and how long it took."""
    peer = begin(daemon, **more)
    began = time.monotonic()
    code, text = peer.ask("RCPT TO:<%s>" % address)
    took = time.monotonic() - began
    peer.close()
    return code, text, took


def answers(tap):
    server = Asked({"RCPT TO:<bad@": "550 5.1.1 <bad>: no such user",
                    "RCPT TO:<lines@": "550-5.1.1 first\r\n550-5.1.1 second"
                    "\r\n550 5.1.1 last",
                    "RCPT TO:<bare@": "551 gone",
                    "RCPT TO:<empty@": "550",
                    "RCPT TO:<full@": "452 4.2.2 full",
                    "RCPT TO:<shut@": "421 4.3.2 closing",
                    "RCPT TO:<odd@": "354 go on",
                    "RCPT TO:<will@": "251 will forward"})
    daemon = new_daemon("answers", server)
    with daemon:
        peer = begin(daemon)
        for local, want, text in (
                ("bad", 550, "550 5.1.1 <bad>: no such user"),
                ("lines", 550, "550-5.1.1 first\n550-5.1.1 second\n"
                               "550 5.1.1 last"),
                ("bare", 550, "550 5.7.1 gone"),
                ("empty", 550, "550 5.7.1 the server behind does not take "
                               "this recipient"),
                ("full", 450, "450 4.2.2 full"),
                ("shut", 450, "450 4.3.2 closing"),
                ("will", 250, "250 2.1.5 <will@fwd.example>, recipient OK"),
                ("odd", 250, "250 2.1.5 <odd@fwd.example>, recipient OK"),
                ("bad", 550, "550 5.1.1 <bad>: no such user")):
            got = peer.ask("RCPT TO:<%s@fwd.example>" % local)
            if text.startswith("550 5.7.1"):  # our own status: any
                got = (got[0], "550 5.7.1" + got[1][9:])
            tap.ok(got == (want, text), "%s: %d and the server's text" %
                   (local, want), got)
        tap.ok(peer.ask("RCPT TO:<b@local.example>")[0] == 250,
               "a domain that is kept here is not asked about")
        peer.close()
        talks = [c for c in server.heard if c]
        tap.ok(talks[0] == ["EHLO mx.local.example",
                            "MAIL FROM:<a@out.example>",
                            "RCPT TO:<bad@fwd.example>", "RSET", "QUIT"],
               "EHLO me, MAIL, RCPT, RSET, QUIT", talks)
        tap.ok(len(talks) == 7 + 1, "a reply is kept for the session, by host"
               " and address; an odd one is none", talks)
        tap.ok("\tcheck_smtp_forward\t901\t5.1.1 <bad>: no such user\t" in
               daemon.log() and
               "\tcheck_smtp_forward\t902\t4.2.2 full\t" in daemon.log(),
               "FL-176: the terse log names plugin, number and text",
               daemon.log()[-3000:])
        tap.ok(rcpt(daemon, "bad@fwd.example", sender="")[0] == 550 and
               server.heard[-1][1] == "MAIL FROM:<>", "the null sender",
               server.heard[-1])
        code, _, _ = rcpt(daemon, '"x y"@fwd.example')
        tap.ok(code == 250 and server.heard[-1][2] ==
               'RCPT TO:<"x y"@fwd.example>', "a quoted address, as it came",
               server.heard[-1])
        n = len(server.heard)
        code, _, _ = rcpt(daemon, "\u00fcser@fwd.example".encode().decode(
            "latin-1"))
        tap.ok(code == 501 and len(server.heard) == n,
               "SMTPUTF8 is not offered: such an address is asked of nobody",
               code)
        server.replies["MAIL"] = "550 5.7.1 not from you"
        code, text, _ = rcpt(daemon, "c@fwd.example")
        tap.ok((code, text) == (550, "550 5.7.1 not from you"),
               "a sender that the server refuses is refused at RCPT", text)
        server.replies["MAIL"] = "451 4.7.1 greylisted"
        tap.ok(rcpt(daemon, "c@fwd.example")[0] == 450,
               "or deferred")


def hostile(tap):
    server = Asked()
    daemon = new_daemon("hostile", server, " timeout 3")
    with daemon:
        for what, reply, want in (
                ("controls", b"550 \x1b[2J\x00\x07\xff\r\n", 550),
                ("a long line", b"550 " + b"x" * 3000 + b"\r\n", 550),
                ("an endless line", b"550 " + b"x" * 100000 + b"\r\n", 250),
                ("many lines", b"550-l\r\n" * 120 + b"550 l\r\n", 550),
                ("endless lines", b"550-l\r\n" * 5000, 250),
                ("a format", b"550 %s%n%s\r\n", 550),
                ("no SMTP", b"\x16\x03\x01\x02\x00\x01\r\n", 250),
                ("a code that changes", b"550-a\r\n250 b\r\n", 250),
                ("nothing", b"\r\n", 250),
                ("more than one reply", b"250 ok\r\n550 x\r\n", 250),
                ("a smuggled line", b"550 a\r550 b\n550 c\r\n", 550)):
            server.replies = {"RCPT": reply}
            code, text, took = rcpt(daemon, "b@fwd.example")
            clean = all(" " <= c <= "~" or c == "\n" for c in text)
            tap.ok(code == want and clean and len(text) < 2000 and took < 4,
                   "RCPT answered with %s: %d" % (what, want),
                   (code, text[:200], took, daemon.log()[-400:]))
        log = daemon.log()
        tap.ok("\x1b" not in log and "\x07" not in log,
               "nothing of it reaches the log unescaped")
        tap.ok(daemon.process.poll() is None and
               rcpt(daemon, "b@local.example")[0] == 250,
               "the daemon goes on")


def misbehaving(tap):
    server = Asked({"RCPT TO:<bad@": "550 no"})
    daemon = new_daemon("misbehaving", server, " timeout 2")
    with daemon:
        for verb in ("connect", "EHLO", "MAIL", "RCPT"):
            server.hang_at = verb
            code, _, took = rcpt(daemon, "bad@fwd.example")
            tap.ok(code == 250 and 1.5 < took < 5,
                   "a server that hangs at %s: declined at the limit" % verb,
                   (code, took))
        for verb in ("RSET", "QUIT"):
            server.hang_at = verb
            code, _, took = rcpt(daemon, "bad@fwd.example")
            tap.ok(code == 550 and took < 4, "at %s: its answer counts" %
                   verb, (code, took))
        server.hang_at = None
        for verb in ("connect", "EHLO", "MAIL", "RCPT"):
            server.reset_at = verb
            code, _, took = filterd.in_time(
                lambda: rcpt(daemon, "bad@fwd.example"), 2)
            tap.ok(code == 250 and took < 2, "reset at %s: declined" % verb,
                   (code, took, daemon.log()[-500:]))
        server.reset_at = None
        server.drip = 0.3
        code, _, took = rcpt(daemon, "bad@fwd.example")
        tap.ok(code == 250 and took < 5, "one that drips has no more time",
               (code, took))
        server.drip = 0
        for banner in ("554 go away", "421 busy", "220-x\r\n220 y"):
            server.banner = banner
            code = rcpt(daemon, "bad@fwd.example")[0]
            want = 550 if banner.startswith("220") else 250
            tap.ok(code == want, "greeted with '%s': %d" %
                   (banner.split("\r")[0], want), code)
        server.banner = "220 x"
        server.close()
        code, _, took = filterd.in_time(
            lambda: rcpt(daemon, "bad@fwd.example"), 2)
        tap.ok(code == 250 and took < 2 and "cannot be asked" in daemon.log(),
               "nobody there: declined", daemon.log()[-500:])
    daemon = new_daemon("noname", server,
                        smtproutes="fwd.example:no.such.invalid")
    with daemon:
        tap.ok(rcpt(daemon, "bad@fwd.example", timeout=40)[0] == 250,
               "a name that is none: declined", daemon.log()[-500:])


def nobody_waits(tap):
    """Others go on, also those with mail for other servers; the session asks
    a server that did not answer once only."""
    server, other = Asked(), Asked({"RCPT TO:<bad@": "550 no"})
    server.hang_at = "connect"
    daemon = new_daemon(
        "waits", server, " timeout 4", smtproutes=
        "fwd.example:127.0.0.1:%d\ntwo.example:127.0.0.1:%d" %
        (server.port, other.port))
    with daemon:
        took = []
        threads = [threading.Thread(target=lambda: took.append(
            rcpt(daemon, "b@fwd.example"))) for _ in range(30)]
        for t in threads:
            t.start()
        filterd.wait_for(lambda: server.most >= 8)
        fast = [filterd.in_time(lambda: rcpt(daemon, to), 1)
                for to in ("bad@two.example", "b@local.example")]
        peer = begin(daemon)
        peer.ask("RCPT TO:<good@two.example>")
        peer.ask("DATA")
        peer.send("From: a@out.example\r\n\r\nx\r\n.\r\n")
        sent = peer.reply()[0]
        for t in threads:
            t.join()
        tap.ok([f[0] for f in fast] == [550, 250] and
               max(f[2] for f in fast) < 1 and sent == 250 and
               len(other.texts) == 1,
               "30 wait for a server that hangs, others do not", (fast, sent))
        tap.ok(len(took) == 30 and {t[0] for t in took} == {250} and
               max(t[2] for t in took) < 8, "all 30 are let through in time",
               took)
        tap.ok(server.most == 8, "and 8 ask at once, no more",
               server.most)
        peer = begin(daemon)
        began = time.monotonic()
        codes = [peer.ask("RCPT TO:<u%d@fwd.example>" % i)[0]
                 for i in range(20)]
        tap.ok(codes == [250] * 20 and time.monotonic() - began < 8,
               "one session waits once", time.monotonic() - began)
        # the client leaves while it is asked; the next one is served
        gone = begin(daemon)
        gone.send("RCPT TO:<b@fwd.example>\r\n")
        gone.close()
        tap.ok(rcpt(daemon, "b@local.example")[0] == 250,
               "a client that leaves meanwhile")
    daemon = new_daemon("breaker", server, " timeout 1", queue_failures="2",
                        queue_pause="60")
    with daemon:
        times = [rcpt(daemon, "b@fwd.example")[2] for _ in range(2)]
        times += [filterd.in_time(lambda: rcpt(daemon, "b@fwd.example"), 0.5)[2]
                  for _ in range(2)]
        tap.ok(min(times[:2]) > 0.9 and max(times[2:]) < 0.5 and
               "left alone" in daemon.log(),
               "after failures in a row it is left alone", times)


def limit_of_the_policy(tap):
    """Its file holds for lines without 'timeout', and may be changed."""
    server = Asked()
    server.hang_at = "RCPT"
    daemon = new_daemon("limit", server, queue_failures="0", rcpt_timeout="1")
    with daemon:
        code, _, took = filterd.in_time(
            lambda: rcpt(daemon, "b@fwd.example"), 2.5)
        tap.ok(code == 250 and 0.9 < took < 2.5, "rcpt_timeout 1", took)
        filterd.write_config(daemon.config, {"rcpt_timeout": "3"})
        code, _, took = filterd.in_time(
            lambda: rcpt(daemon, "b@fwd.example"), 5)
        tap.ok(code == 250 and 2.9 < took < 5, "and 3, read anew", took)


def parts_die(tap):
    server = Asked()
    server.hang_at = "RCPT"
    daemon = new_daemon("die", server, " timeout 20")
    with daemon:
        for part in ("keeper", "courier"):
            peer = begin(daemon)
            n = len(server.heard)
            peer.send("RCPT TO:<b@fwd.example>\r\n")
            filterd.wait_for(lambda: len(server.heard) > n and
                             len(server.heard[-1]) == 3)
            keeper = daemon.parts()["keeper"]
            if part == "courier":
                with open("/proc/%d/task/%d/children" % (keeper, keeper),
                          encoding="ascii") as f:
                    keeper = int(f.read().split()[0])
            os.kill(keeper, signal.SIGKILL)
            began = time.monotonic()
            code, text = peer.reply()
            tap.ok(code == 250 and time.monotonic() - began < 5,
                   "the %s dies while it is asked: declined" % part,
                   (code, text, daemon.log()[-600:]))
            peer.close()
        server.hang_at = None
        server.replies = {"RCPT": "550 no"}
        filterd.wait_for(lambda: "keeper" in daemon.parts())
        tap.ok(filterd.wait_for(lambda: rcpt(daemon, "b@fwd.example")[0] ==
                                550), "a new one asks again",
               daemon.log()[-600:])


def encrypted(tap):
    folder = tempfile.mkdtemp()
    server = Asked({"RCPT": "550 5.1.1 no"},
                   certificate=filterd.certificate(folder))
    daemon = new_daemon("tls", server)
    with daemon:
        code, text, _ = rcpt(daemon, "b@fwd.example")
        tap.ok(code == 550 and server.encrypted == 1 and
               server.heard[0][:3] == ["EHLO mx.local.example", "STARTTLS",
                                       "EHLO mx.local.example"],
               "TLS when it is offered", (text, server.heard))


def rehearsed(tap):
    server = Asked({"RCPT TO:<bad@": "550 5.1.1 no such user",
                    "RCPT TO:<full@": "452 4.2.2 full"})
    daemon = new_daemon("rehearsed", server)

    def rehearse(to):
        done = subprocess.run(
            [mailroot.SMEMAIL, "rehearse", "--config", daemon.config,
             "--no-dns", "--from-ip", "192.0.2.7", "--mail-from",
             "a@out.example", "--rcpt", to], check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=dict(os.environ, SMEMAIL_ROOT=daemon.folder))
        return done.returncode, done.stdout + done.stderr
    status, out = rehearse("bad@fwd.example")
    tap.ok(status == 1 and "550 5.1.1 no such user" in out and
           "check_smtp_forward" in out and "delivery.domain-server" in out,
           "rehearse asks the server and names the setting", out)
    tap.ok(rehearse("full@fwd.example")[0] == 111, "or that it waits")
    status, out = rehearse("good@fwd.example")
    tap.ok(status == 0 and "'127.0.0.1' takes it" in out and
           not [t for t in server.heard if "DATA" in t],
           "a good one passes, and the server is given no message", out)


def to_postfix(tap):
    """The real thing refuses an unknown recipient; the client sees it."""
    if os.geteuid() != 0 or not shutil.which("postfix"):
        tap.skip("Postfix", "needs root and the package postfix")
        return
    folder = tempfile.mkdtemp(prefix="postfix.")
    os.chmod(tempfile.tempdir, 0o755)
    os.chmod(folder, 0o755)
    with open(os.path.join(folder, "known"), "w", encoding="ascii") as f:
        f.write("known@example.test OK\n")
    with open(os.path.join(folder, "extra.cf"), "w", encoding="ascii") as f:
        f.write("relay_recipient_maps = texthash:%s/known\n" % folder)
    port = ports.free_port()
    tool = os.path.join(TOP, "tests", "tools", "postfix-instance.sh")
    try:
        subprocess.run([tool, folder, str(port), "start"],
                       capture_output=True, check=True)

        def greets():
            try:
                with socket.create_connection(("127.0.0.1", port), 1) as s:
                    return s.recv(100).startswith(b"220")
            except OSError:
                return False
        filterd.wait_for(greets)
        daemon = new_daemon("postfix", port, rcpthosts="example.test",
                            smtproutes="example.test:127.0.0.1:%d" % port)
        with daemon:
            code, text, _ = rcpt(daemon, "nobody@example.test")
            tap.ok(code == 550 and "User unknown" in text,
                   "Postfix knows no such user: 550 with its text", text)
            code, text, _ = rcpt(daemon, "known@example.test")
            tap.ok(code == 250, "one that it knows is taken",
                   text + daemon.log()[-500:])
    finally:
        subprocess.run([tool, folder, str(port), "stop"],
                       capture_output=True, check=False)


def by_setting(tap):
    """smemail gives a domain to a server; its users are asked there."""
    what = "a domain given to a server with smemail"
    if os.geteuid() != 0 or not shutil.which("runsvdir"):
        tap.skip(what, "needs root (port 25) and runsvdir")
        return
    try:
        server = Asked({"RCPT TO:<known@": "250 ok",
                        "RCPT": "550 5.1.1 unknown user"},
                       address="127.0.0.77", port=25)
    except OSError:
        tap.skip(what, "port 25 is taken")
        return
    own, tempfile.tempdir = tempfile.tempdir, None  # its path must be short
    root = mailroot.Root()
    tempfile.tempdir = own
    root.env["SMEMAIL_DNS"] = "127.0.0.9:1"

    def ask(to):
        peer = root.connect("127.7.0.9")
        peer.reply()
        peer.ask("EHLO client.example")
        peer.ask("MAIL FROM:<a@out.example>")
        answer = peer.ask("RCPT TO:<%s>" % to)
        peer.close()
        return answer
    try:
        root.must("domain", "set", "branch.example", "domain.add", "domain")
        root.must("set", "delivery.domain-server", "127.0.0.77", "--for",
                  "branch.example", "--accept", "may-lose-mail")
        root.must("apply")
        root.must("up")
        lines = root.read(mailroot.CONFIG + "/peers/0").splitlines()
        tap.ok("check_smtp_forward" in lines and not root.check(),
               "the plugin is in the list, --check takes it", root.check())
        code, text = ask("nobody@branch.example")
        tap.ok((code, text) == (550, "550 5.1.1 unknown user"),
               "%s: an unknown user of it is refused at RCPT" % what, text)
        tap.ok(ask("known@branch.example")[0] == 250, "a known one is taken")
        code, text = ask("alice@example.org")
        tap.ok(code == 250, "and alice of our own domain, of whom nobody is "
               "asked", text)
        n = len(server.heard)
        tap.ok(n == 2, "two were asked", server.heard)
        root.must("set", "delivery.smarthost", "127.0.0.77")
        root.must("apply")
        tap.ok(ask("alice@example.org")[0] == 250 and
               ask("x@far.example")[0] == 550 and len(server.heard) == n,
               "with a smart host nobody more is", server.heard)
        status, out, err = root.run(
            "rehearse", "--no-dns", "--from-ip", "127.7.0.9", "--mail-from",
            "a@out.example", "--rcpt", "nobody@branch.example")
        tap.ok(status == 1 and "unknown user" in out, "rehearse says so too",
               out + err)
        root.must("unset", "delivery.domain-server", "--for",
                  "branch.example")
        root.must("apply")
        lines = root.read(mailroot.CONFIG + "/peers/0").splitlines()
        tap.ok("check_smtp_forward" not in lines,
               "without the server the line is gone", lines)
    finally:
        root.close()


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-next-hop.")
    tempfile.tempdir = folder
    try:
        for test in (answers, hostile, misbehaving, nobody_waits,
                     limit_of_the_policy, parts_die,
                     encrypted, rehearsed, to_postfix, by_setting):
            test(tap)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
