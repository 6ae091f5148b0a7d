#!/usr/bin/env python3
"""A real Postfix sends to smemail-filterd on all three ports: under STARTTLS and
a login on 25 and 587, under TLS from the start on 465 (FL-76 to FL-82). What
is refused comes back to it as a bounce."""
import os
import re
import shutil
import smtplib
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

TOOL = os.path.join(TOP, "tests", "tools", "postfix-instance.sh")
ROLES = ("smtp", "submission", "smtps")
SASL = "/usr/lib/%s-linux-gnu/sasl2/libplain.so" % os.uname().machine
MAIN = """
relay_domains = smtp.test submission.test smtps.test local.example
transport_maps = texthash:%(folder)s/transport
disable_dns_lookups = yes
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = texthash:%(folder)s/passwords
smtp_sasl_security_options = noanonymous
smtp_tls_security_level = encrypt
smtp_tls_CAfile = %(cert)s
notify_classes =
bounce_queue_lifetime = 0
"""
SMTPS = ("smtps-out unix - - n - - smtp -o smtp_tls_wrappermode=yes "
         "-o syslog_name=postfix/smtps-out\n")


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def set_up(folder, daemon, cert):
    """Which recipients go to which port, and what it logs in with."""
    servers = {role: "[127.0.0.1]:%d" % daemon.ports[role] for role in ROLES}
    write(os.path.join(folder, "transport"), "".join(
        "%s.test %s:%s\n" % (role, "smtps-out" if role == "smtps" else "smtp",
                             server) for role, server in servers.items()))
    write(os.path.join(folder, "passwords"), "".join(
        "%s anna@local.example:geheim\n" % s for s in servers.values()))
    write(os.path.join(folder, "extra.cf"),
          MAIN % {"folder": folder, "cert": cert})
    write(os.path.join(folder, "extra.master"), SMTPS)


def log_of(folder):
    try:
        with open(os.path.join(folder, "mail.log"), encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as s:
            return s.recv(100).startswith(b"220")
    except OSError:
        return False


def send(port, rcpt, text):
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as s:
        s.sendmail("anna@local.example", [rcpt], text)


def status(folder, rcpt):
    return filterd.wait_for(lambda: re.findall(
        r"to=<%s>.* status=(\w+) \((.*)" % re.escape(rcpt), log_of(folder)),
        60, 0.1)


def check(tap, folder, daemon, port):
    text = "From: anna@local.example\nSubject: %s\n\n.dot\n%s\n"
    for role in ROLES:
        rcpt = "x@%s.test" % role
        send(port, rcpt, text % (role, "y" * 70))
        send(port, rcpt, text % (role, ("z" * 70 + "\n") * 3000))
        tap.ok(filterd.wait_for(lambda: len(re.findall(
            r"to=<%s>.* status=sent \(250 " % rcpt, log_of(folder))) == 2, 60,
            0.1), "%s: Postfix hands on a short and a long message" % role,
            log_of(folder)[-3000:] + daemon.log()[-3000:])
        found = [m for m in daemon.messages()
                 if b"\nDelivered-To: %s\n" % rcpt.encode() in m]
        tap.ok(len(found) == 2 and all(
            b"with ESMTPSA (TLS_" in m and b"auth=pass (" in m and
            b"\n\n.dot\n" in m for m in found),
            "%s: both are there, under TLS and a login" % role, found[:1])
    send(port, "bad@submission.test", text % ("bad", "y"))
    told = status(folder, "bad@submission.test")
    tap.ok(told and told[0][0] == "bounced" and
           "not accepted here" in told[0][1],
           "a recipient that is refused is told so to Postfix", told)
    many = ["m%d@smtp.test" % i for i in range(50)]
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as s:
        s.sendmail("", many, text.encode() % (b"many", b"\xc3\xbc"),
                   ["BODY=8BITMIME"])
        s.ehlo()
        s.sendmail("\u00fc@local.example", ["utf8@smtp.test"],
                   text.encode() % (b"utf8", b"y"), ["SMTPUTF8"])
    good = filterd.wait_for(lambda: len(re.findall(
        r"to=<m\d+@smtp.test>.* status=sent \(250 ", log_of(folder))) == 50,
        60, 0.1)
    found = b"".join(m for m in daemon.messages()
                     if b"\nSubject: many\n" in m)
    tap.ok(good and all(b"\nDelivered-To: %s\n" % r.encode() in found
                        for r in many) and b"\n\xc3\xbc\n" in found,
           "50 recipients of a message in 8 bits without a sender", found)
    told = status(folder, "utf8@smtp.test")
    tap.ok(told and told[0][0] == "bounced" and "SMTPUTF8" in told[0][1],
           "Postfix sees that SMTPUTF8 is not offered", told)


def main():
    tap = filterd.Tap()
    if os.geteuid() != 0 or not shutil.which("postfix") or \
            not os.path.exists(SASL):
        print("1..1\nok 1 # SKIP needs root, postfix and libsasl2-modules")
        return 0
    folder = tempfile.mkdtemp(prefix="postfix-client.", dir="/tmp")
    os.chmod(folder, 0o755)
    cert, key = filterd.certificate(folder)
    os.chmod(cert, 0o644)
    daemon = filterd.Daemon({
        "plugins": "tls %s %s %s\nauth/auth_flat_file\nbadmailfromto\nrcpt_ok\n"
                   "queue/maildir @MAILDIR@" % (cert, key, cert),
        "badmailfromto": "anna@local.example bad@submission.test",
        "flat_auth_pw": "anna@local.example:geheim", "loglevel": "6"})
    port = ports.free_port()
    try:
        if not daemon.start(*ROLES):
            raise RuntimeError(daemon.log())
        set_up(folder, daemon, cert)
        subprocess.run([TOOL, folder, str(port), "start"],
                       capture_output=True, check=True)
        filterd.wait_for(lambda: answers(port))
        check(tap, folder, daemon, port)
        tap.ok(daemon.stop() == 0, "the daemon ends in order",
               daemon.log()[-2000:])
    finally:
        subprocess.run([TOOL, folder, str(port), "stop"],
                       capture_output=True, check=False)
        if daemon.process.poll() is None:
            daemon.stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(daemon.folder, ignore_errors=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
