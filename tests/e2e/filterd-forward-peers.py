#!/usr/bin/env python3
"""queue/smtp-forward and queue/lmtp-forward (FL-159) to servers that others
wrote: smtp-sink, Postfix and Dovecot's LMTP."""
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
import ports  # noqa: E402
from nexthop import new_daemon, send  # noqa: E402


def answers_on(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as s:
            return s.recv(3) == b"220"
    except OSError:
        return False


def to_sink(tap):
    if not shutil.which("smtp-sink"):
        tap.skip("smtp-sink", "is not installed (package postfix)")
        return
    for kind, option in (("smtp", []), ("lmtp", ["-L"])):
        port = ports.free_port()
        dump = tempfile.mkdtemp()
        os.chmod(dump, 0o777)
        sink = subprocess.Popen(
            ["smtp-sink", *option, "-u", "nobody", "-R", dump, "-d", "m.",
             "127.0.0.1:%d" % port, "100"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            filterd.wait_for(lambda: answers_on(port))
            daemon = new_daemon("sink" + kind,
                                "queue/%s-forward 127.0.0.1 %d" % (kind, port))
            with daemon:
                text = "".join("line %d\r\n" % i for i in range(3000))
                code, said = send(daemon, text=text)
                tap.ok(code == 250, "%s: smtp-sink takes it" % kind,
                       said + daemon.log())
                found = [os.path.join(w, n) for w, _, names in os.walk(dump)
                         for n in names]
                content = b"".join(open(n, "rb").read() for n in found)
                tap.ok(text.replace("\r", "").encode() in content,
                       "%s: whole" % kind, content[-300:])
        finally:
            sink.kill()
            sink.wait()


def to_postfix(tap):
    if os.geteuid() != 0 or not shutil.which("postfix"):
        tap.skip("Postfix", "needs root and the package postfix")
        return
    folder = tempfile.mkdtemp(prefix="postfix.")
    os.chmod(tempfile.tempdir, 0o755)
    os.chmod(folder, 0o755)
    cert, key = (os.path.join(folder, n) for n in ("cert.pem", "key.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
         "/CN=mx.example.test", "-keyout", key, "-out", cert],
        capture_output=True, check=True)
    with open(os.path.join(folder, "extra.cf"), "w", encoding="ascii") as f:
        f.write("smtpd_tls_security_level = may\n"
                "smtpd_tls_cert_file = %s\nsmtpd_tls_key_file = %s\n"
                "smtpd_tls_loglevel = 1\n"
                "smtpd_authorized_xclient_hosts = 127.0.0.0/8\n"
                "message_size_limit = 100000\n"
                "smtpd_delay_reject = yes\n" % (cert, key))
    port = ports.free_port()
    tool = os.path.join(TOP, "tests", "tools", "postfix-instance.sh")
    try:
        subprocess.run([tool, folder, str(port), "start"],
                       capture_output=True, check=True)
        filterd.wait_for(lambda: answers_on(port))
        daemon = new_daemon("topostfix",
                            "queue/smtp-forward 127.0.0.1 %d xclient" % port,
                            rcpthosts="example.test")
        with daemon:
            code, text = send(daemon, ("b@example.test", "c@example.test"))

            def log():
                with open(os.path.join(folder, "mail.log"),
                          encoding="utf-8") as f:
                    return f.read()
            ident = text.split("queued as ")[-1].split()[0]
            tap.ok(code == 250 and
                   filterd.wait_for(lambda: ident + ": from=<a@o.example>" in
                                    log()),
                   "Postfix takes it and its queue ID is told",
                   text + daemon.log())
            tap.ok("TLS connection established from" in log(), "under TLS",
                   log()[-1500:])
            code, text = send(daemon, ("b@example.test",),
                              "y" * 70 + "\r\n" + 2000 * ("z" * 70 + "\r\n"))
            tap.ok(code in (552, 554), "one too big is refused for good: %d"
                   % code, text)
            codes = [send(daemon, ("b@example.test",))[0] for _ in range(20)]
            tap.ok(codes == [250] * 20 and log().count("connect from") <
                   log().count("qmgr") + 5, "20 more, one after the other",
                   codes)
    finally:
        subprocess.run([tool, folder, str(port), "stop"],
                       capture_output=True, check=False)


DOVECOT = """
base_dir = %(dir)s/run
state_dir = %(dir)s/state
log_path = %(dir)s/log
protocols = lmtp
listen = 127.0.0.1
ssl = no
mail_location = maildir:%(dir)s/mail/%%n
mail_home = %(dir)s/home/%%n
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%%n %(dir)s/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=%(dir)s/home/%%n
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = %(port)d
  }
}
"""


def to_dovecot(tap):
    if os.geteuid() != 0 or not os.path.exists("/usr/lib/dovecot/lmtp"):
        tap.skip("Dovecot", "needs root and the package dovecot-lmtpd")
        return
    folder = tempfile.mkdtemp(prefix="dovecot.")
    os.chmod(tempfile.tempdir, 0o755)
    os.chmod(folder, 0o755)
    for name in ("mail", "home"):
        os.mkdir(os.path.join(folder, name), 0o777)
        os.chmod(os.path.join(folder, name), 0o777)
    port = ports.free_port()
    with open(os.path.join(folder, "users"), "w", encoding="ascii") as f:
        f.write("anna:x\nben:x\n")
    os.chmod(os.path.join(folder, "users"), 0o644)
    conf = os.path.join(folder, "dovecot.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(DOVECOT % {"dir": folder, "port": port})
    server = subprocess.Popen(["dovecot", "-F", "-c", conf],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        filterd.wait_for(lambda: answers_on(port))
        daemon = new_daemon("todovecot",
                            "queue/lmtp-forward 127.0.0.1 %d" % port)

        def count(user):
            new = os.path.join(folder, "mail", user, "new")
            return len(os.listdir(new)) if os.path.isdir(new) else 0
        with daemon:
            code, text = send(daemon, ("anna@local.example",
                                       "ben@local.example"))
            tap.ok(code == 250 and count("anna") == count("ben") == 1,
                   "Dovecot delivers to both mailboxes",
                   text + daemon.log())
            code, text = send(daemon, ("nobody@local.example",))
            tap.ok(code == 554 and "550" in text,
                   "an unknown user's 550 is passed on", text)
            codes = [send(daemon, ("anna@local.example",))[0]
                     for _ in range(10)]
            tap.ok(codes == [250] * 10 and count("anna") == 11,
                   "ten more", codes)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def main():
    tap = filterd.Tap()
    folder = tempfile.mkdtemp(prefix="filterd-peers.")
    tempfile.tempdir = folder
    try:
        for test in (to_sink, to_postfix, to_dovecot):
            test(tap)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
