#!/usr/bin/env python3
"""smemail-filterd under TLS, driven by real clients on all three ports
(FL-9, FL-76 to FL-79), for own users and for others: smtplib, swaks, msmtp,
openssl."""
import base64
import os
import shutil
import smtplib
import signal
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

ROLES = ("smtp", "submission", "smtps")
USER, PASSWORD = "anna@local.example", "geheim"
MESSAGE = ("From: anna@local.example\r\nTo: x@elsewhere.example\r\n"
           "Subject: t\r\n\r\nbody\r\n")


def files(pair, **more):
    settings = {
        "plugins": "tls %s %s %s\nauth/auth_flat_file\nrcpt_ok\n"
                   "queue/maildir @MAILDIR@" % (pair[0], pair[1], pair[0]),
        "flat_auth_pw": "%s:%s" % (USER, PASSWORD), "loglevel": "7",
        "databytes": "33554432"}
    settings.update(more)
    return settings


def trusting(pair):
    context = ssl.create_default_context(cafile=pair[0])
    context.check_hostname = False
    return context


def run(*args, **how):
    done = subprocess.run(args, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, **how)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def session(daemon, role, pair):
    if role == "smtps":
        return smtplib.SMTP_SSL("127.0.0.1", daemon.ports[role], timeout=20,
                                context=trusting(pair))
    s = smtplib.SMTP("127.0.0.1", daemon.ports[role], timeout=20)
    s.starttls(context=trusting(pair))
    return s


def by_smtplib(tap, daemon, pair):
    for role in ROLES:
        before = len(daemon.messages())
        with session(daemon, role, pair) as s:
            try:
                s.sendmail(USER, ["x@elsewhere.example"], MESSAGE)
                code = 250
            except smtplib.SMTPResponseException as e:
                code = e.smtp_code
            except smtplib.SMTPRecipientsRefused as e:
                code = e.recipients["x@elsewhere.example"][0]
            wanted = 530 if role == "submission" else 550
            tap.ok(code == wanted, "%s: %d without a login (FL-79)" %
                   (role, wanted), daemon.log())
            s.rset()
            s.login(USER, PASSWORD)
            s.sendmail(USER, ["x@elsewhere.example"], MESSAGE * 2000)
        found = daemon.messages()
        tap.ok(len(found) == before + 1 and any(
            b"with ESMTPSA (TLS_AES" in m and b"auth=pass (" in m
            for m in found), "%s: a long message after it (FL-34, FL-35)" %
            role, found[-1:])


def command_of(s, line):
    return s.docmd(line)[0]


def what_is_offered(tap, daemon, pair):
    """FL-8, FL-13, FL-14, FL-16: the same on each port; what is not offered
    is not taken, and the session goes on."""
    for role in ROLES:
        with session(daemon, role, pair) as s:
            s.login(USER, PASSWORD)
            offered = set(s.esmtp_features)
            codes = [command_of(s, line) for line in (
                "MAIL FROM:<%s> SIZE=99999999" % USER,
                "MAIL FROM:<%s> SMTPUTF8" % USER,
                "MAIL FROM:<%s> SIZE=100 BODY=8BITMIME" % USER,
                "RCPT TO:<x@elsewhere.example> NOTIFY=NEVER",
                "RCPT TO:<x@elsewhere.example>", "BDAT 3 LAST", "RSET")]
        tap.ok(offered == {"pipelining", "8bitmime", "size", "auth",
                           "enhancedstatuscodes"} and
               codes == [552, 555, 250, 555, 250, 500, 250],
               "%s: what is offered, what is not taken" % role,
               (offered, codes))


def odd_messages(tap, daemon, pair):
    """FL-12, FL-28 to FL-30: no sender, many recipients, long lines, dots and
    8-bit text arrive as they were sent, on each port; so does a large one."""
    many = ["r%d@elsewhere.example" % i for i in range(50)]
    odd = (b"From: <>\r\nSubject: \xc3\xbc %s\r\n\r\n.\r\n..\r\n.x\r\n" +
           b"\xfc" * 200000 + b"\r\n \r\n.")
    big = b"Subject: big\r\n\r\n" + (b"z" * 76 + b"\r\n") * (
        40000 if filterd.SANITIZED else 400000)
    for role, text in [(role, odd % role.encode()) for role in ROLES] + [
            ("smtps", big)]:
        before = daemon.messages()
        with session(daemon, role, pair) as s:
            s.login(USER, PASSWORD)
            s.sendmail("", many, text, ["BODY=8BITMIME"])
        new = [m for m in daemon.messages() if m not in before]
        tap.ok(len(new) == 1 and
               new[0].endswith(text.replace(b"\r\n", b"\n").strip() + b"\n") and
               new[0].startswith(b"Return-Path: <>\n") and
               all(b"Delivered-To: %s\n" % r.encode() in new[0]
                   for r in many), "%s: %d bytes without a sender for 50" %
               (role, len(text)), [m[:3000] for m in new])


def by_swaks(tap, daemon):
    if not shutil.which("swaks"):
        tap.skip("swaks", "not installed")
        return
    for role, mechanism in (("smtp", "PLAIN"), ("submission", "LOGIN"),
                            ("smtps", "LOGIN")):
        status, out = run(
            "swaks", "--server", "127.0.0.1:%d" % daemon.ports[role],
            "--tls-on-connect" if role == "smtps" else "--tls",
            "--auth", mechanism, "-au", USER, "-ap", PASSWORD, "-f", USER,
            "-t", "x@elsewhere.example")
        tap.ok(status == 0 and "235 " in out, "swaks, %s, %s" %
               (role, mechanism), out)
    for role in ("smtp", "smtps"):
        status, out = run(
            "swaks", "--server", "127.0.0.1:%d" % daemon.ports[role],
            "--tls-on-connect" if role == "smtps" else "--tls", "--pipeline",
            "-f", "x@elsewhere.example", "-t", "anna@local.example")
        tap.ok(status == 0 and "Queued" in out,
               "swaks, %s, a stranger's, ahead of the replies" % role, out)


def by_msmtp(tap, daemon, pair, folder):
    if not shutil.which("msmtp"):
        tap.skip("msmtp", "not installed")
        return
    for role, auth, to in [(role, "on", "x@elsewhere.example")
                           for role in ROLES] + [
            (role, "off", "anna@local.example")
            for role in ("smtp", "smtps")]:
        path = os.path.join(folder, "msmtprc")
        with open(path, "w") as f:
            f.write("account a\nhost 127.0.0.1\nport %d\nfrom %s\nauth %s\n"
                    "user %s\npassword %s\ntls on\ntls_starttls %s\n"
                    "tls_trust_file %s\ntls_host_override mx.local.example\n"
                    "account default : a\n" %
                    (daemon.ports[role], USER, auth, USER, PASSWORD,
                     "off" if role == "smtps" else "on", pair[0]))
        os.chmod(path, 0o600)
        done = subprocess.run(["msmtp", "-C", path, to],
                              input=MESSAGE.encode(), check=False,
                              stderr=subprocess.PIPE)
        tap.ok(done.returncode == 0, "msmtp, %s, login %s" % (role, auth),
               done.stderr.decode() + daemon.log()[-2000:])


def s_client(daemon, *args):
    return run("openssl", "s_client", "-connect",
               "127.0.0.1:%d" % daemon.ports["smtps"], *args)[1]


def new_ticket(daemon, version, path):
    """Of a whole conversation: TLS 1.3 sends them before its first reply."""
    run("sh", "-c", "printf 'QUIT\\r\\n' | openssl s_client -ign_eof %s "
        "-connect 127.0.0.1:%d -sess_out %s" % (
            version, daemon.ports["smtps"], path))


def by_openssl(tap, daemon, folder):
    ticket = os.path.join(folder, "ticket")
    for version, name in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
        out = s_client(daemon, version)
        tap.ok("New, %s, Cipher is" % name in out, name + " is spoken", out)
    for version in ("-tls1", "-tls1_1"):
        out = s_client(daemon, version, "-cipher", "ALL:@SECLEVEL=0")
        tap.ok("Cipher is (NONE)" in out, "%s is not (FL-76)" % version, out)
    for cipher in ("aNULL", "eNULL", "3DES", "RC4"):
        out = s_client(daemon, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")
        tap.ok("Cipher is (NONE)" in out or "Error with command" in out or
               "no cipher match" in out, cipher + " is not (FL-76)", out)
    new_ticket(daemon, "-tls1_2", ticket)
    out = s_client(daemon, "-tls1_2", "-sess_in", ticket)
    tap.ok("Reused, TLSv1.2" in out, "a ticket resumes the session", out)
    filterd.write_config(daemon.config, {"databytes": "7654321"})
    daemon.process.send_signal(signal.SIGHUP)
    daemon.logged("plugin lists read anew")
    out = s_client(daemon, "-tls1_2", "-sess_in", ticket)
    tap.ok("Reused, TLSv1.2" in out,
           "also after a reload that left the certificate as it was", out)
    by_any_worker(tap, daemon, ticket)


def by_any_worker(tap, daemon, ticket):
    """Tickets are good at all workers, and outlive the one they are from."""
    daemon.stop()
    daemon.env["WORKERS"] = "2"
    daemon.start(*ROLES)
    for version, name in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
        new_ticket(daemon, version, ticket)
        idle = daemon.connect(role="smtp")  # keeps the first worker's place
        idle.reply()
        out = s_client(daemon, version, "-sess_in", ticket)
        tap.ok("Reused, " + name in out, name + ": another worker resumes "
               "the session", out)
        idle.close()
        first, second = daemon.workers()
        for pid in (first, second):
            os.kill(pid, signal.SIGKILL)
        filterd.wait_for(lambda: len(daemon.workers()) == 2 and not
                         {first, second} & set(daemon.workers()))
        out = s_client(daemon, version, "-sess_in", ticket)
        tap.ok("Reused, " + name in out, name + ": and so does one that is "
               "new", out)


def in_clear(tap, daemon):
    """FL-78, FL-77: nothing in clear where TLS is awaited."""
    s = socket.create_connection(("127.0.0.1", daemon.ports["smtps"]), 20)
    s.sendall(b"EHLO x\r\n")
    got = b""
    try:
        while True:
            more = s.recv(4096)
            if not more:
                break
            got += more
    except ConnectionError:
        pass
    tap.ok(b"220" not in got and b"55" not in got,
           "clear text on smtps: closed, nothing said in clear (FL-77)", got)
    peer = daemon.connect(role="smtp")
    peer.reply()
    peer.ask("EHLO x")
    code = peer.ask("STARTTLS")[0]
    peer.send("EHLO x\r\n")
    tap.ok(code == 220 and "250" not in str(peer.reply()),
           "clear text in place of a handshake: closed (FL-78)")
    for i in range(50):  # half a handshake, then gone
        s = socket.create_connection(("127.0.0.1", daemon.ports["smtps"]), 20)
        s.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * i)
        s.close()
    tap.ok(daemon.connect(role="smtp").reply()[0] == 220,
           "broken handshakes do no harm")


def bytewise(tap, daemon, pair):
    """Handshake and session through a path that carries a byte a packet."""
    inner, outer = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting(pair).wrap_bio(inner, outer)
    s = socket.create_connection(("127.0.0.1", daemon.ports["smtps"]), 20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def step(do):
        while True:
            try:
                result = do()
                break
            except ssl.SSLWantReadError:
                pump()
                inner.write(s.recv(4096))
        pump()
        return result

    def pump():
        for byte in outer.read():
            s.sendall(bytes([byte]))
    step(tls.do_handshake)
    tap.ok(step(lambda: tls.read(4)) == b"220 ", "a byte at a time: greeted")
    step(lambda: tls.write(b"EHLO x\r\n"))
    step(lambda: tls.read(4096))
    tap.ok(b"250-" in step(lambda: tls.read(4096)), "and answered")
    s.close()


def at_once(tap, daemon, pair):
    """A session whose records all lie there before the first is looked at."""
    before = len(daemon.messages())
    inner, outer = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting(pair).wrap_bio(inner, outer)
    s = socket.create_connection(("127.0.0.1", daemon.ports["smtps"]), 20)
    login = base64.b64encode(("\0%s\0%s" % (USER, PASSWORD)).encode())

    def step(do):
        while True:
            try:
                result = do()
                break
            except ssl.SSLWantReadError:
                s.sendall(outer.read())
                inner.write(s.recv(65536))
        s.sendall(outer.read())
        return result
    step(tls.do_handshake)
    step(lambda: tls.read(4096))
    tls.write(b"EHLO x\r\nAUTH PLAIN " + login + b"\r\n")
    text = b""
    while b"235 " not in text:
        text += step(lambda: tls.read(4096))
    for line in [b"MAIL FROM:<%s>" % USER.encode(),
                 b"RCPT TO:<x@elsewhere.example>", b"DATA"] + [
                     b"Subject: t", b"From: <%s>" % USER.encode(), b""] + [
                         b"%d " % i + b"x" * 900 for i in range(60)] + [
                             b".", b"QUIT"]:
        tls.write(line + b"\r\n")
    s.sendall(outer.read())
    text = b""
    end = False
    while not end:
        try:
            got = step(lambda: tls.read(4096))
            end = got == b""
            text += got
        except ssl.SSLZeroReturnError:
            end = True
    s.close()
    codes = [line[:4] for line in text.splitlines()]
    tap.ok(codes == [b"250 ", b"250 ", b"354 ", b"250 ", b"221 "],
           "all records at once: each command is answered, then farewell",
           codes)
    tap.ok(len(daemon.messages()) == before + 1, "and the message is there")


def renewal(tap, daemon, pair, folder):
    """A renewed certificate is shown without a new start; a bad one is not
    offered, and --check says why."""
    old = s_client(daemon)
    parts = daemon.parts()
    other = os.path.join(folder, "other")
    os.mkdir(other)
    fresh = filterd.certificate(other, "renewed.example")
    os.replace(fresh[1], pair[1])
    os.replace(fresh[0], pair[0])
    good = filterd.wait_for(lambda: "renewed.example" in s_client(daemon))
    tap.ok(good and "renewed.example" not in old and
           daemon.parts() == parts, "a renewed certificate is shown",
           daemon.log()[-2000:])
    filterd.certificate(other)
    os.replace(os.path.join(other, "key.pem"), pair[1])

    def offered():
        peer = daemon.connect(role="smtp")
        peer.reply()
        text = peer.ask("EHLO x")[1]
        peer.close()
        return "STARTTLS" in text
    tap.ok(filterd.wait_for(lambda: not offered()) and daemon.logged(
        "TLS is not offered: the key is"), "another's key: not offered, told",
           daemon.log()[-2000:])
    done = subprocess.run(daemon.command("--check"), check=False,
                          env=daemon.env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    told = done.stderr.decode()
    tap.ok(done.returncode == 0 and "not be offered: the key is" in told and
           "next: " in told, "--check says so", told)
    os.unlink(pair[1])
    done = subprocess.run(daemon.command("--check"), check=False,
                          env=daemon.env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    told = done.stderr.decode()
    tap.ok(done.returncode == 0 and "cannot open '%s'" % pair[1] in told,
           "--check: no key", told)
    locked = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-aes128", "-pass", "pass:x", "-out",
         pair[1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False)
    check = subprocess.run(daemon.command("--check"), text=True, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tap.ok(locked.returncode == 0 and
           "the key is encrypted" in check.stdout, "nor an encrypted key",
           check.stdout)


def settings(tap, folder):
    pair = filterd.certificate(folder)
    with filterd.Daemon(files(pair, tls_protocols="TLSv1:TLSv1_3",
                              tls_ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")) \
            as daemon:
        daemon.ports["smtps"] = daemon.port
        how = ("-starttls", "smtp")
        tap.ok("Cipher is (NONE)" in s_client(daemon, "-tls1_2", *how) and
               "New, TLSv1.3" in s_client(daemon, "-tls1_3", *how),
               "tls_protocols: TLS 1.3 alone (FL-76)", daemon.log())
        tap.ok("'TLSv1' is ignored" in daemon.log(),
               "and what is too old is told", daemon.log())
    shutil.rmtree(daemon.folder)
    with filterd.Daemon(files(pair, tls_protocols="SSLv23:!SSLv2:!SSLv3",
                              tls_ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")) \
            as daemon:
        daemon.ports["smtps"] = daemon.port
        out = s_client(daemon, "-tls1_2", *how)
        tap.ok("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256" in out,
               "tls_ciphers chooses (FL-76)", out)
    shutil.rmtree(daemon.folder)


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-tls.")
    pair = filterd.certificate(folder)
    daemon = filterd.Daemon(files(pair))
    try:
        if not daemon.start(*ROLES):
            raise RuntimeError(daemon.log())
        by_smtplib(tap, daemon, pair)
        what_is_offered(tap, daemon, pair)
        odd_messages(tap, daemon, pair)
        by_swaks(tap, daemon)
        by_msmtp(tap, daemon, pair, folder)
        by_openssl(tap, daemon, folder)
        in_clear(tap, daemon)
        bytewise(tap, daemon, pair)
        at_once(tap, daemon, pair)
        renewal(tap, daemon, pair, folder)
        tap.ok(PASSWORD not in daemon.log() and
               "Z2VoZWlt" not in daemon.log(),
               "no password is in the log (FL-42)")
        tap.ok(daemon.stop() == 0, "it ends in order", daemon.log()[-2000:])
        shutil.rmtree(daemon.folder)
        settings(tap, folder)
    finally:
        if daemon.process.poll() is None:
            daemon.stop()
        shutil.rmtree(folder)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
