"""What tests of the mail report share: a root, logs, the report, its tables."""
import json
import os
import subprocess
import sys

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
n = 0


def ok(good, what, detail=""):
    global n
    n += 1
    print("%sok %d - %s" % ("" if good else "not ", n, what))
    if not good:
        for line in str(detail).splitlines()[:20]:
            print("# " + line)


def same(got, want, what):
    ok(got == want, what, "got  %s\nwant %s" % (got, want))


def smemail(root, *args, zone="UTC"):
    return subprocess.run([SMEMAIL, "--root", root, *args],
                          capture_output=True, text=True,
                          env=dict(os.environ, TZ=zone, COLUMNS="200"))


def report(root, logs):
    done = smemail(root, "report", "--logs", logs)
    if done.returncode:
        print("Bail out! " + done.stderr)
        sys.exit(1)
    return done.stdout


def generate(folder, name, *options):
    logs = folder + "/" + name
    subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py", logs,
                    "--no-messages-file", *options], check=True,
                   stdout=subprocess.DEVNULL)
    with open(logs + "/truth.json") as f:
        return logs, json.load(f)


def table(text, first):
    """The words of a table's lines, its head first."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.split()[:1] == [first]:
            out = [line.split()]
            for row in lines:
                if not row:
                    return out
                out.append(row.split())
            return out
    return []


def label(second):
    return "@%016x%08x" % (2 ** 62 + 10 + second, 0)


def verdict(second, ns, country):
    return ("@%016x%08x 7 (connect) check_badcountries: GeoIP Country: %s\n"
            "@%016x%08x 7 (deny) logging::logterse: ` 192.0.2.1\ta\ta\t\t"
            "\tkarma\t903\tx\t\n" % (2 ** 62 + 10 + second, ns, country,
                                     2 ** 62 + 10 + second, ns))


def write(logs, service, lines):
    """Texts with the second of each; a lonely text is of 2017-11-27."""
    os.makedirs("%s/%s" % (logs, service), exist_ok=True)
    with open("%s/%s/current" % (logs, service), "w") as f:
        for line in lines:
            at, text = line if isinstance(line, tuple) else (1511740800, line)
            f.write("%s %s\n" % (label(at), text))


def refused(name, reason="x", to=""):
    return ("7 (deny) logging::logterse: ` 192.0.2.1\ta\ta\t<a@e.test>\t%s\t"
            "%s\t901\t%s\tmsg denied before queued" % (to, name, reason))


def queued(to):
    return ("7 (queue) logging::logterse: ` 192.0.2.1\ta\ta\t<a@e.test>\t%s"
            "\tqueued\t\t<m@x>\tNo, score=0.1 required=4.0" % to)


def json_of(root, *args, zone="UTC"):
    done = smemail(root, "report", "--json", *args, zone=zone)
    return json.loads(done.stdout) if done.stdout else {"err": done.stderr}


def new_root(folder):
    root = folder + "/root"
    subprocess.run([SMEMAIL, "init", "--root", root, "--domain",
                    "acme.test", "--user", "anna"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for domain in ("dom1.acme.test", "dom2.acme.test"):
        smemail(root, "db", "domains", "set", domain, "domain")
    smemail(root, "config", "set", "SystemName", "sme")
    smemail(root, "config", "setprop", "spamassassin", "TagLevel", "4",
            "RejectLevel", "12")
    return root


def done():
    print("1..%d" % n)
