#!/usr/bin/env python3
"""Each row of tests/data/effects by the commands an administrator types.

The example is set; the plan shows this file and no other than those the
setting declares; after apply the file holds the lines; the program that reads
the file accepts it; set back, every generated file is what it was, to the
byte. Settings share a run of a slow program (spamassassin).
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import effects  # noqa: E402
import filterd  # noqa: E402

SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"
FILTER = "/var/service/qpsmtpd/config/"
LOCAL_CF = "/etc/mail/spamassassin/local.cf"
PRE = "/etc/spamassassin"

# In a root of its own some lines are different; effects.tsv has the server's.
OWN_LINES = {
    "fetchmail.status":
        'FETCHMAILHOME="/var/lock/fetchmail" "/etc/fetchmail"',
    # its example is the line of the releases after it
    "filter.max-date-offset": "check_basicheaders 366",
}
OWN_RELEASE = {"filter.max-date-offset": "9.1"}
# The release where they end is none that init lays out.
NO_ROOT = {"virus.archive-max-ratio"}
# Plugins that the bundled filter has not: the list says so in their place,
# and it would not load a custom fragment that names one.
MISSING = re.compile(r"# (.+) not built yet in smemail-filterd")


def program(*argv, env=None, text=None):
    """True and what it printed, when it ends well."""
    done = subprocess.run(
        argv, check=False, timeout=120, input=text, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=dict({"PATH": SYSTEM, "LC_ALL": "C"}, **(env or {})))
    return done.returncode == 0, done.stdout


def have(name):
    return shutil.which(name, path=SYSTEM)


def dovecot(root, _):
    good, out = program("doveconf", "-n", "-c",
                        root.path("/etc/dovecot/dovecot.conf"))
    return good and "Warning" not in out and "Error" not in out, out


def clamd(root, folder):
    """clamd's own reader, which tells options it does not know; what it
    warns of from 1.4 on is no error."""
    for name in ("clamd.conf", "freshclam.conf"):
        shutil.copy(root.path("/etc/" + name), folder)
    good, out = program("clamconf", "--config-dir=" + folder)
    return good and "ERROR" not in out and "WARNING" not in out, out


def fetchmail(root, folder):
    """The text that the script hands to fetchmail on standard input."""
    text = root.text("/etc/fetchmail")
    good, out = program("sh", "-n", root.path("/etc/fetchmail"))
    if not good or "<<'EOF'" not in text:
        return good, out
    control = os.path.join(folder, "fetchmailrc")
    with open(os.open(control, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              "w", encoding="utf-8") as f:
        f.write(text.split("<<'EOF'\n", 1)[1].rsplit("EOF\n", 1)[0])
    good, out = program("fetchmail", "-V", "-f", control,
                        env={"HOME": folder, "FETCHMAILHOME": folder})
    return good and "Options for retrieving" in out, out


def shell(path):
    return lambda root, _: program("sh", "-n", root.path(path))


def postfix(root, _):
    good, out = program("postconf", "-n", "-c", root.path("/etc/postfix"))
    if good and "warning" not in out:
        good, out = program("postconf", "-M", "-c", root.path("/etc/postfix"))
    return good and "warning" not in out, out


def smtp_filter(root, _):
    return program(filterd.FILTERD, "--check", "--config",
                   root.path(FILTER[:-1]), "--qmail-control",
                   root.path("/var/qmail/control"))


def php(root, _):
    return program("php", "-c", root.path("/etc/php.ini"), "-r",
                   "exit(ini_get('memory_limit') ? 0 : 1);")


def php_source(path):
    return lambda root, _: program("php", "-l", root.path(path))


HORDE = "/home/httpd/html/horde/config/"
# path (or its beginning): program it needs, and how that reads the file
READERS = [
    (FILTER, None, smtp_filter),
    ("/var/qmail/control/", None, smtp_filter),
    ("/etc/dovecot/dovecot.conf", "doveconf", dovecot),
    ("/etc/clamd.conf", "clamconf", clamd),
    ("/etc/freshclam.conf", "clamconf", clamd),
    ("/etc/fetchmail", "fetchmail", fetchmail),
    ("/etc/startmail", "sh", shell("/etc/startmail")),
    ("/etc/rc.d/init.d/masq", "sh", shell("/etc/rc.d/init.d/masq")),
    ("/etc/postfix/", "postconf", postfix),
    ("/etc/php.ini", "php", php),
    (HORDE + "conf.php", "php", php_source(HORDE + "conf.php")),
    (HORDE + "registry.php", "php", php_source(HORDE + "registry.php")),
]


class Outcome:
    def __init__(self, row):
        self.row = row
        self.wrong = []
        self.accepted, self.skipped = set(), set()
        self.lacks = None  # a plugin that the bundled filter has not yet
        self.local_cf = None

    def expect(self, good, what):
        if not good:
            self.wrong.append(what)
        return good


def lines_of(text, join):
    found = [" ".join(t.split()) if join else t for t in text.splitlines()]
    return [t for t in found if t.strip()]


def lacked(line, text):
    """"helo policy rfc" of such a line, where the list says that of it."""
    return next((m for m in MISSING.findall(text)
                 if (line + " ").startswith(m + " ")), None)


def holds(row, text, lines):
    """EF-1; a plugin the filter has not stands there by its name alone."""
    join = row.path == "/etc/php.ini"
    have_lines, wanted = lines_of(text, join), lines_of(lines, join)
    told = {w: lacked(w, text) for w in wanted}
    wanted = ["# %s not built yet in smemail-filterd" % told[w]
              if told[w] else w for w in wanted]
    if "apart" in row.flags:
        return all(w in have_lines for w in wanted)
    return any(have_lines[i:i + len(wanted)] == wanted
               for i in range(len(have_lines)))


def accept(root, outcome, paths, folder):
    """Each program that reads one of the files reads it once."""
    done = set()
    for path in paths:
        for start, needs, read in READERS:
            if not path.startswith(start) or read in done:
                continue
            done.add(read)
            if needs and not have(needs):
                outcome.skipped.add(needs)
                continue
            good, out = read(root, folder)
            outcome.accepted.add(needs or "smemail-filterd")
            outcome.expect(good, "%s does not accept it: %s" % (
                needs or "smemail-filterd", out[-600:]))
    if LOCAL_CF in paths:
        outcome.local_cf = root.text(LOCAL_CF)


def needs_store(root, row):
    for db, key, raw in row.records:
        root.must("db", db, "set", key, *re.split(r"(?<!\\)\|", raw))
    undo = []
    for name, value in row.sets:
        name, _, target = name.partition(" for ")
        undo.append((name, target, root.row(name, target)))
        status, out, err = root.set(name, target, value)
        if status != 0:
            raise RuntimeError(name + ": " + out + err)
    if row.records or row.sets:
        root.must("apply")
    return undo


def restore(root, row, undo):
    for name, target, old in reversed(undo):
        root.set_back(name, target, old)
    for db, key, _ in row.records:
        root.must("db", db, "delete", key)


def lacking(text, lines):
    """The plugin of the row's lines that the filter has not, or None."""
    return next((lacked(line, text) for line in lines.splitlines()
                 if lacked(line, text)), None)


def plan_check(root, outcome):
    """The plan shows the setting, its file, and no file of another."""
    row = outcome.row
    plan = json.loads(root.must("--json", "plan"))
    paths = [f["path"] for f in plan["files"]]
    for path in paths:
        outcome.expect(row.may_change(path), "plan changes " + path)
    if not row.flags & {"same", "plain"}:
        outcome.expect(row.path in paths, "no plan for %s: %s" % (
            row.path, paths))
    return paths


def try_row(root, row, folder, pristine):
    outcome = Outcome(row)
    lines = OWN_LINES.get(row.id, row.lines)
    if "fixed" in row.flags:
        undo = needs_store(root, row)
        outcome.expect(holds(row, root.text(row.path), lines), "lines")
        restore(root, row, undo)
        root.must("apply")
        return outcome
    undo = needs_store(root, row)
    old = root.row(row.id, row.target)
    status, out, err = root.set(row.id, row.target, row.value)
    if outcome.expect(status == 0, "set: " + out + err):
        lacks = lacking(root.text(row.path), lines)
        paths = [] if lacks else plan_check(root, outcome)
        status, out, err = root.run("apply")
        outcome.expect(status == 0, "apply: " + out + err)
        outcome.lacks = lacking(root.text(row.path), lines)
        outcome.expect(holds(row, root.text(row.path), lines),
                       "lines in %s:\n%s" % (row.path, root.text(row.path)))
        accept(root, outcome, paths, folder)
        if row.id not in [name for name, _, _ in undo]:
            status, out, err = root.set_back(row.id, row.target, old)
            outcome.expect(status == 0, "unset: " + out + err)
    restore(root, row, undo)
    status, out, err = root.run("apply")
    outcome.expect(status == 0, "apply after unset: " + out + err)
    now = root.snapshot()
    outcome.expect(now == pristine, "not as before: %s" % sorted(
        k for k in set(now) | set(pristine)
        if now.get(k) != pristine.get(k)))
    return outcome


def try_release(base, release, rows):
    """All rows of one release, one after the other on one root."""
    folder = tempfile.mkdtemp(prefix="", dir=base)
    root = effects.Root(release)
    pristine = root.snapshot()
    found = []
    for row in rows:
        try:
            outcome = try_row(root, row, folder, pristine)
        except (RuntimeError, ValueError, IndexError) as why:
            outcome = Outcome(row)
            outcome.expect(False, str(why))
        found.append(outcome)
        if outcome.wrong:  # begin anew: one failure must not cause others
            root.close()
            root = effects.Root(release)
            pristine = root.snapshot()
    root.close()
    return found


def once(texts):
    """Each line once; what stands between ifplugin and endif stays whole."""
    seen, block = [], []
    for line in "\n".join(texts).splitlines():
        block.append(line)
        if block[0].startswith("ifplugin") and line != "endif":
            continue
        if block not in seen:
            seen.append(block)
        block = []
    return "".join(line + "\n" for block in seen for line in block)


def lint(base, texts):
    """spamassassin reads every line that any setting made, in one run."""
    site = os.path.join(base, "site")
    os.makedirs(site)
    for name in os.listdir(PRE):
        if name.endswith(".pre"):
            shutil.copy(os.path.join(PRE, name), site)
    with open(os.path.join(site, "local.cf"), "w", encoding="utf-8") as f:
        f.write(once(texts))
    good, out = program("spamassassin", "--lint", "--siteconfigpath=" + site,
                        env={"HOME": base})
    return good and not out.strip(), out


def main():
    tap = filterd.Tap()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
    base = tempfile.mkdtemp(prefix="fx.", dir=memory)
    os.chmod(base, 0o755)
    os.environ["TMPDIR"] = base
    is_open = {r[0] for r in effects.table("open.tsv")}
    todo = {}
    for row in effects.rows():
        row.release = OWN_RELEASE.get(row.id, row.release)
        if row.generates and row.id not in is_open | NO_ROOT:
            todo.setdefault(row.release, []).append(row)
    work = []
    for release, rows in todo.items():
        half = (len(rows) + 1) // 2 if len(rows) > 40 else len(rows)
        work += [(release, rows[:half])]
        work += [(release, rows[half:])] if rows[half:] else []
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda w: try_release(base, *w), work):
            outcomes += found
    for o in outcomes:
        what = "%s: set, plan, apply, read, back" % o.row.id
        if o.lacks and not o.wrong:
            tap.skip(what, "smemail-filterd has no %s yet" % o.lacks)
        else:
            tap.ok(not o.wrong, what, "\n".join(o.wrong))
    for name in sorted({s for o in outcomes for s in o.skipped}):
        tap.skip("%s reads what settings make" % name,
                 "%s is not installed" % name)
    texts = [o.local_cf for o in outcomes if o.local_cf]
    if have("spamassassin") and os.path.isdir(PRE):
        good, out = lint(base, texts)
        tap.ok(good and texts, "spamassassin --lint takes the lines of %d "
               "settings" % len(texts), out)
    else:
        tap.skip("spamassassin --lint", "spamassassin is not installed")
    counts = {}
    for o in outcomes:
        for name in o.accepted:
            counts[name] = counts.get(name, 0) + 1
    print("# %d settings; read by: %s" % (len(outcomes), ", ".join(
        "%s %d" % c for c in sorted(counts.items()))), flush=True)
    shutil.rmtree(base)
    return tap.done()


sys.exit(main())
