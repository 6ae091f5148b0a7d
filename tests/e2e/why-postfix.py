#!/usr/bin/env python3
"""why and log trace where Postfix keeps the queue (release 11): the lines of a
real Postfix, joined with the verdict of qpsmtpd by queue id and Message-ID
(LG-44 to LG-47)."""
import json
import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
INSTANCE = TOP + "/tests/tools/postfix-instance.sh"
PORT = 20000 + os.getpid() % 10000
n = 0


def ok(good, what, detail=""):
    global n
    n += 1
    print("%sok %d - %s" % ("" if good else "not ", n, what))
    for line in ("" if good else str(detail)).splitlines()[:12]:
        print("# " + line[:300])


def smemail(*args):
    return subprocess.run([SMEMAIL, *args], capture_output=True, text=True,
                          timeout=60)


def why(logs, word):
    done = smemail("why", "--json", "--logs", logs, word)
    try:
        return json.loads(done.stdout)["rows"]
    except ValueError:
        return [done.stderr]


def connect():
    for _ in range(200):
        try:
            return smtplib.SMTP("127.0.0.1", PORT, timeout=20)
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("Postfix does not answer")


def hand_over(log):
    """Two messages and a refusal; the ids as Postfix answers them."""
    ids = []
    with connect() as smtp:
        for name in ("one", "two"):
            smtp.ehlo("client.test")
            smtp.mail("anna@acme.test")
            smtp.rcpt(name + "@example.test")
            _, answer = smtp.data("Message-Id: <%s@acme.test>\r\n\r\nhello\r\n"
                                  % name)
            ids.append(answer.decode().rsplit(" ", 1)[1])
        smtp.mail("anna@acme.test")
        smtp.rcpt("three@example.test")
    for _ in range(400):
        with open(log) as f:
            if f.read().count(": removed") == 2:
                return ids
        time.sleep(0.05)
    raise TimeoutError("the messages stay in the queue")


def verdicts(folder, ids, at):
    """What qpsmtpd says: of the first message with the id, of the second at a
    low level."""
    os.makedirs(folder)
    lines = []
    for i, name in enumerate(("one", "two")):
        lines.append("%d (queue) logging::logterse: ` 192.0.2.1\tmx.test\tmx\t"
                     "<anna@acme.test>\t<%s@example.test>\tqueued\t\t"
                     "<%s@acme.test>\tNo, score=1.5 required=4.0" %
                     (70 + i, name, name))
    lines.append("70 250 Queued! <one@acme.test> (Queue-Id: %s)" % ids[0])
    with open(folder + "/current", "w") as f:
        for line in lines:
            f.write("@%016x%08x %s\n" % (int(at) + 2 ** 62 + 10,
                                         int(at % 1 * 1e9), line))


def main():
    if shutil.which("postfix") is None or os.geteuid() != 0:
        print("1..0 # SKIP needs the package postfix, and root")
        return
    folder = tempfile.mkdtemp(prefix="smemail-postfix.")
    os.chmod(folder, 0o755)
    instance = folder + "/postfix"
    logs = folder + "/logs"
    os.mkdir(instance)
    with open(instance + "/extra.cf", "w") as f:
        f.write("smtpd_recipient_restrictions = check_recipient_access "
                "inline:{{three@example.test = REJECT not here}}, "
                "permit_mynetworks, reject\n")
    try:
        subprocess.run(["sh", INSTANCE, instance, str(PORT), "start"],
                       check=True, capture_output=True, timeout=60)
        at = time.time()
        ids = hand_over(instance + "/mail.log")
        verdicts(logs + "/qpsmtpd", ids, at)
        shutil.copy(instance + "/mail.log", logs + "/maillog")

        for i, name in enumerate(("one", "two")):
            for word in (ids[i], "id:" + ids[i], "<%s@acme.test>" % name,
                         name + "@example.test"):
                got = why(logs, word)
                good = len(got) == 1 and got[0]["verdict"] == "delivered" and \
                    got[0]["queue_id"] == ids[i] and \
                    got[0]["confidence"]["postfix"] == "sure" and \
                    got[0]["client"]["ip"] == "192.0.2.1"
                ok(good, "LG-44 %s: qpsmtpd and Postfix are one story" %
                   word.replace(ids[i], "QUEUEID"), got)
        got = smemail("why", "--logs", logs, "--raw", ids[0])
        ok("joined    " in got.stdout and "postfix sure" in got.stdout and
           "queue id  " + ids[0] in got.stdout and
           got.stdout.count(ids[0] + ": ") == 5,
           "LG-46 the joint is named, with the five lines of Postfix",
           got.stdout + got.stderr)
        got = smemail("log", "trace", "--logs", logs, ids[1])
        ok(got.returncode == 0 and "queue id   " + ids[1] in got.stdout,
           "log trace knows queue ids", got.stdout + got.stderr)
        got = why(logs, "three@example.test")
        ok(len(got) == 1 and got[0]["verdict"] == "refused" and
           got[0]["rule"] == "postfix", "what Postfix refuses is told", got)
    finally:
        subprocess.run(["sh", INSTANCE, instance, str(PORT), "stop"],
                       check=False, capture_output=True, timeout=60)
        shutil.rmtree(folder)
    print("1..%d" % n)


main()
