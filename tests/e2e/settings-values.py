#!/usr/bin/env python3
"""Whatever value a setting of the mail filter has, on each release, the
daemon takes the configuration that is made of it (--check)."""
import concurrent.futures
import os
import re
import sys

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
import filterd  # noqa: E402
import mailroot  # noqa: E402

TABLE = os.path.join(TOP, "tests", "data", "effects", "effects.tsv")
ALL_RISKS = ("open-relay,exposes-passwords,may-lose-mail,may-block-legit,"
             "privacy,needs-reboot,changes-certificate")
TARGETS = {"user": "alice", "group": "sales", "pseudonym": "alice.smith",
           "domain": "other.example", "network": "127.6.0.0",
           "pattern": "ZIPV1"}
# Those that a value cannot be given to: made by the server, or a file that
# set does not write.
NOT_SET = re.compile("is made by the server itself|it lives in the file|"
                     "is not on this release|is always there|"
                     "only ever removed")


def examples():
    """{setting: (example, target)} of rows whose files the daemon reads."""
    found = {}
    with open(TABLE, encoding="utf-8") as f:
        for line in list(f)[1:]:
            row = line.rstrip("\n").split("\t")
            if not re.search("/qpsmtpd|/var/qmail/control", row[1]):
                continue
            target, colon, value = row[4].partition(": ")
            found[row[0]] = (value, target) if colon else (row[4], None)
            if "<TAB>" in row[4]:
                found[row[0]] = ("refuse", row[4].replace("<TAB>", "\t"))
    for peers in ("remote", "local"):
        found["filter.plugins-" + peers] = (
            "count_unrecognized_commands 2", "12count_unrecognized_commands")
    return found


def values_of(told, example):
    words = [v["word"] for v in told["values"]]
    if words:
        return words
    numbers = [str(told[k]) for k in ("min", "max") if told[k] is not None]
    return [example] + numbers


def target_of(root, setting, example_target):
    status, _, err = root.run("get", setting)
    if status == 0 or "is set for each" not in err:
        return []
    kind = err.split("is set for each ", 1)[1].split()[0]
    return ["--for", example_target if kind == "entry"
            else TARGETS.get(kind, example_target)]


def setting(root, tap, name, example, example_target):
    told = root.json("describe", name)
    if "values" not in told:
        return
    target = target_of(root, name, example_target)
    kept = False
    for value in values_of(told, example):
        what = "%s %s" % (name, value)
        status, out, err = root.run("set", name, value, *target, "--accept",
                                    ALL_RISKS)
        if status and NOT_SET.search(err):
            return
        if status and re.search("cannot set|obsolete|no longer", err):
            # not a value of it: the example tells a procedure
            continue
        tap.ok(status == 0, what + ": set", out + err)
        status, out, err = root.run("apply")
        tap.ok(status == 0, what + ": apply", out + err)
        tap.values += 1
        kept = True
    if kept:
        # the last value; apply itself asks the daemon's loader each time
        told_of = root.check()
        tap.ok(not told_of, name + ": --check", told_of)
        root.run("unset", name, *target)


class Kept:
    """Test points of one thread, told when all are done."""

    def __init__(self):
        self.points = []
        self.values = 0

    def ok(self, *args):
        self.points.append(args)


def release(number):
    kept = Kept()
    root = mailroot.Root(number)
    try:
        for record in (
                ("accounts", "sales", "group", "Members", "alice"),
                ("accounts", "alice.smith", "pseudonym", "Account", "alice"),
                ("domains", "other.example", "domain"),
                ("networks", "127.6.0.0", "network", "Mask", "255.255.0.0"),
                ("mailpatterns", "ZIPV1", "pattern", "Body", "UEsDBAoAA",
                 "Status", "disabled")):
            root.must("db", record[0], "set", *record[1:])
        # a login is stored with its user and password, never without
        root.must("db", "configuration", "setprop", "smtp-auth-proxy",
                  "Userid", "anna", "Passwd", "secret")
        for name, (example, target) in examples().items():
            setting(root, kept, name, example, target)
    finally:
        root.close()
    return kept


def main():
    tap = filterd.Tap()
    releases = ("9.1", "10", "11")
    with concurrent.futures.ThreadPoolExecutor(len(releases)) as pool:
        for number, kept in zip(releases, pool.map(release, releases)):
            bad = [p for p in kept.points if not p[0]]
            tap.ok(kept.values > 60 and not bad,
                   "release %s: %d values are taken" %
                   (number, kept.values),
                   "\n".join("%s\n%s" % p[1:3] for p in bad))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
