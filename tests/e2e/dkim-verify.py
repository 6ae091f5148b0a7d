#!/usr/bin/env python3
"""dkim verify and arc verify over real DNS: a sample of the cases (the unit
test takes all), and every way a key may be missing. FL-115, RFC 6376 6.1."""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.getcwd()
sys.dont_write_bytecode = True
sys.path.insert(0, TOP + "/tests/tools")
import dkim_cases  # noqa: E402

SMEMAIL = os.environ.get("SMEMAIL", "build/smemail")
ALWAYS = ("own-key-", "own-two-sigs", "maildkim-badkey-14", "own-ed25519",
          "own-no-signature")
EXIT = {"pass": 0, "temperror": 111}
done = failed = 0


def ok(good, what, *why):
    global done, failed
    done += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", done, what))
    for text in why if not good else ():
        print("# %s" % (text,))


class Server:
    """testdns.py with one zone."""

    def __init__(self, folder, names):
        path = folder + "/zone.json"
        with open(path, "w") as f:
            json.dump({"zone": {"names": names}}, f)
        self.child = subprocess.Popen(
            [sys.executable, TOP + "/tests/tools/testdns.py", "--zone", path,
             "--port", "0"], stdout=subprocess.PIPE, text=True)
        _, addr, port = self.child.stdout.readline().split()
        self.where = "%s:%s" % (addr, port)

    def end(self):
        self.child.terminate()
        self.child.wait()
        self.child.stdout.close()


def smemail(*words, stdin=None):
    ran = subprocess.run([SMEMAIL, *words], input=stdin,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return ran.returncode, ran.stdout, ran.stderr


def run_case(folder, case):
    server = Server(folder, case.names)
    try:
        status, out, err = smemail(
            "--dns", server.where, "--json", case.kind, "verify", "-",
            stdin=case.message)
    finally:
        server.end()
    try:
        said = json.loads(out)
    except ValueError:
        ok(False, case.name, out, err)
        return
    good = said["result"] in case.expect
    good = good and status == EXIT.get(said["result"], 1)
    if case.signatures:
        results = [s["result"] for s in said["signatures"]]
        good = good and len(results) == len(case.signatures) and all(
            r in w for r, w in zip(results, case.signatures))
    ok(good, "%s over DNS" % case.name, status, said["result"], case.expect)


def texts(folder, cases):
    """What a person sees."""
    case = next(c for c in cases if c.name == "own-two-sigs-one-bad")
    server = Server(folder, case.names)
    path = folder + "/message.eml"
    with open(path, "wb") as f:
        f.write(case.message)
    try:
        status, out, err = smemail("--dns", server.where, "dkim", "verify",
                                   path)
    finally:
        server.end()
    text = out.decode()
    ok(status == 0 and "dkim=pass\n" in text, "one pass is a pass",
       text)
    ok("fail" in text and "the body was changed after signing" in text,
       "the other signature is told with its reason", text)
    status, out, err = smemail("--dns", "127.0.0.1:9", "dkim", "verify", path)
    ok(status == 111 and b"dkim=temperror" in out,
       "without a resolver it could not be tested: 111", status, out)
    status, out, err = smemail("dkim", "verify", folder + "/absent")
    ok(status == 100 and b"absent" in err, "a file that is not there", err)
    status, out, err = smemail("dkim", "verify", "-", stdin=b"")
    ok(status == 2 and out == b"", "an empty message is refused", err)


MESSAGE = b"%sTo: b@example.net\nSubject: hello\n\nBody.\n"


def alignment(folder):
    """RFC 9989 4.4: a signature that passes must speak for From's domain."""
    key = folder + "/key.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True,
                   stderr=subprocess.DEVNULL)
    der = subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-outform",
                          "DER"], check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    record = "v=DKIM1; p=" + base64.b64encode(der).decode()
    names = {"s._domainkey." + d: {"TXT": [record]} for d in (
        "lax.test", "mail.lax.test", "mail.strict.test", "other.test")}
    names.update({
        "_dmarc.lax.test": {"TXT": ["v=DMARC1; p=reject"]},
        "_dmarc.strict.test": {"TXT": ["v=DMARC1; p=reject; adkim=s"]},
        "_dmarc.gone.test": {"_rcode": "SERVFAIL"}})
    one = b"From: Anna <a@%s>\n"
    cases = [  # From fields, d=, result, mode, where, text
        (one % b"lax.test", "lax.test", "pass", "relaxed", "lax.test",
         "From 'lax.test' and signature 1 of 'lax.test' (relaxed"),
        (one % b"LAX.test", "mail.lax.test", "pass", "relaxed", "lax.test",
         "signature 1 of 'mail.lax.test' (relaxed, as _dmarc.lax.test says)"),
        (one % b"strict.test", "mail.strict.test", "fail", "strict",
         "strict.test", "no signature that passes is aligned with From"),
        (one % b"lax.test", "other.test", "fail", "relaxed", "lax.test",
         "aligned with From 'lax.test' (relaxed"),
        (one % b"other.test", "other.test", "none", None, "",
         "'other.test' has no DMARC record"),
        (one % b"gone.test", "other.test", "temperror", None, "",
         "no answer for '_dmarc.gone.test'"),
        (b"From: a@lax.test, b@other.test\n", "lax.test", "pass", "relaxed",
         "lax.test", "From has addresses of other domains too"),
        (one % b"lax.test" * 2, "lax.test", "none", None, "",
         "the message has 2 From fields"),
        (b"From: undisclosed\n", "lax.test", "none", None, "",
         "From names no domain"),
    ]
    server = Server(folder, names)
    try:
        for fields, domain, result, mode, where, text in cases:
            _, signed, err = smemail("dkim", "sign", "--key", key,
                                     "--selector", "s", "--domain", domain,
                                     "-", stdin=MESSAGE % fields)
            status, out, _ = smemail("--dns", server.where, "--json", "dkim",
                                     "verify", "-", stdin=signed)
            said = json.loads(out or b"{}")
            a = said.get("alignment", {})
            ok(status == 0 and said["result"] == "pass" and
               (a["result"], a["mode"], a["record_domain"]) ==
               (result, mode, where) and
               (a["signature"] == 1) == (result == "pass"),
               "%s signed by %s: alignment %s" % (fields[:30], domain, result),
               status, out, err)
            status, out, err = smemail("--dns", server.where, "dkim",
                                       "verify", "-", stdin=signed)
            ok(status == 0 and text in (out + err).decode(), "and says so",
               out, err)
        status, out, _ = smemail("--dns", server.where, "dkim", "verify", "-",
                                 stdin=MESSAGE % (one % b"lax.test"))
        ok(status == 1 and b"alignment=fail" in out,
           "an unsigned message is not aligned", out)
    finally:
        server.end()


def hostile(folder):
    """Bytes of any kind: a verdict or an error, never a crash."""
    many = b"DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from;" \
           b" bh=AAAA; b=AAAA\r\n"
    cases = {
        "NULs": b"\0" * 5000,
        "tags without end": b"DKIM-Signature: " + b"a=b;" * 40000 + b"\r\n",
        "thousands of signatures": many * 990 + b"From: x@a.example\r\n\r\n",
        "a header without end": b"X: " + b"y" * 400000,
        "escapes": b"DKIM-Signature: v=1; d=\x1b[2Jevil; a=\x1b]0;\r\n\r\n",
    }
    server = Server(folder, {"s._domainkey.a.example": {"_rcode": "REFUSED"}})
    try:
        for what, message in cases.items():
            status, out, err = smemail("--dns", server.where, "dkim",
                                       "verify", "-", stdin=message)
            ok(status in (1, 100, 111) and b"\x1b" not in out + err, what,
               status, out[:300], err[:300])
    finally:
        server.end()


def main():
    folder = tempfile.mkdtemp(prefix="smemail-dkim.")
    try:
        cases = dkim_cases.read()
        sample = [c for i, c in enumerate(cases)
                  if i % 16 == 0 or c.name.startswith(ALWAYS)]
        for case in sample:
            run_case(folder, case)
        texts(folder, cases)
        alignment(folder)
        hostile(folder)
    finally:
        shutil.rmtree(folder)
    print("1..%d" % done)
    return 1 if failed else 0


sys.exit(main())
