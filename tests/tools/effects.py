"""The tables of tests/data/effects, and a root in their start state."""
import os
import re
import subprocess

import mailroot

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(TOP, "tests", "data", "effects")
# init lays out the release next to it; the record then tells the other
LAID_OUT = {"7": "9.1", "8": "9.1"}


def decode(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(
        m.group(1), m.group(1)), text)


def table(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f
                if line.strip() and not line.startswith("#")]


# whose mail it is stands in a file of its own in a root that is not a server
ALIASES = "/var/service/qpsmtpd/config/aliases"
WHOSE_MAIL = {"delivery.unknown-user", "archive.bcc", "archive.bcc-user",
              "user.everyone-email", "group.exclude-users", "user.forward",
              "user.forward-address", "pseudonym.account"}
# and so does who has marked mail in a folder of its own
SORTSPAM = "/var/service/qpsmtpd/config/sortspam"
SORTED = {"spam.sort-junkmail", "spam.user-sort"}


class Row:
    """One row of effects.tsv with what the other tables say of it."""

    def __init__(self, fields, effect, needs):
        self.id, files, _, _, example, lines = fields[:6]
        own = [n for n in needs if n[0] == self.id]
        self.flags = {n[1] for n in own}
        told = {n[1]: decode(n[2]) for n in own if len(n) > 2}
        self.target = None
        if effect["target"] and ": " in example:
            self.target, example = example.split(": ", 1)
        self.target = told.get("target", self.target)
        if example.startswith("pattern, "):
            example = "pattern"
        self.value = told.get("value", decode(example))
        self.lines = decode(lines)
        self.generates = not lines.startswith("PROCEDURE:")
        self.path = told.get("path", files.split(";")[0])
        if self.target:
            self.path = re.sub("<[^>]*>", self.target, self.path)
        self.declared = [f.split(" (")[0] for f in effect["files"]]
        self.sets = [(n[2], decode(n[3])) for n in own if n[1] == "set"]
        self.records = [n[2:5] for n in own if n[1] == "record"]
        self.release = told.get("release")

    def may_change(self, path):
        if path == ALIASES:
            return self.id in WHOSE_MAIL
        if path == SORTSPAM:
            return self.id in SORTED
        return any(re.fullmatch(re.sub("<[^>]*>", "[^/]*", re.escape(f)
                                       .replace("\\<", "<")
                                       .replace("\\>", ">")), path)
                   for f in self.declared)


def rows():
    """Every row, with the release it is tried on."""
    effects, needs = {}, table("needs.tsv")
    for line in subprocess.run([mailroot.SMEMAIL, "__dump", "registry"], check=True,
                               stdout=subprocess.PIPE, text=True,
                               timeout=30).stdout.splitlines():
        fields = line.split("\t")
        if fields[0] == "effect":
            effects[fields[1]] = {
                "files": [f for f in fields[2].split(", ") if f],
                "target": fields[6], "since": fields[7], "until": fields[8]}
    found = []
    for fields in table("effects.tsv")[1:]:
        effect = effects[fields[0]]
        row = Row(fields, effect, needs)
        if row.release is None:
            row.release = (effect["until"] if effect["until"] in
                           ("9.1", "8", "7") else
                           "11" if effect["since"] == "11" else "10")
        found.append(row)
    return found


class Root(mailroot.Root):
    """A mail system below a folder, in the start state of section 14."""

    def __init__(self, release):
        super().__init__(release=LAID_OUT.get(release, release))
        config = [("SystemName", "sme"), ("LocalIP", "192.168.1.1"),
                  ("ExternalIP", "203.0.113.10"),
                  ("GatewayIP", "203.0.113.1"),
                  ("ExternalInterface", "interface", "Name", "eth1"),
                  ("InternalInterface", "interface", "Name", "eth0")]
        for record in config:
            self.must("db", "configuration", "set", *record)
        self.must("db", "configuration", "setprop", "sysconfig",
                  "ReleaseVersion", release)
        self.must("db", "networks", "set", "192.168.1.0", "network", "Mask",
                  "255.255.255.0")
        self.must("db", "domains", "set", "other.example", "domain")
        self.must("db", "accounts", "set", "bob", "user", "EmailForward",
                  "local", "PasswordSet", "yes")
        self.must("db", "accounts", "set", "alice.smith", "pseudonym",
                  "Account", "alice")
        self.must("db", "accounts", "set", "sales", "group", "Members",
                  "alice,bob")
        self.must("db", "mailpatterns", "set", "ZIPV1", "pattern", "Body",
                  "UEsDBAoAA", "Status", "disabled")
        self.must("db", "mailpatterns", "set", "TVpXXX", "pattern", "Status",
                  "enabled")
        self.must("apply")

    def row(self, name, target):
        """What get tells of a setting; None when it has no such target."""
        words = ["get", name] + (["--for", target] if target else [])
        try:
            return self.json(*words)["rows"][0]
        except (RuntimeError, IndexError):
            return None

    def set(self, name, target, value):
        """Store a value; a secret comes from standard input."""
        words = ["set", name, "--yes"] + (["--for", target] if target else [])
        if name.endswith("password"):
            return self.run(*words, "--stdin", text=value + "\n")
        return self.run(*words, "--", value)

    def set_back(self, name, target, old):
        """To what row() told before: the record goes when there was none."""
        stored = old["stored"] if old else None
        if stored is not None:
            return self.set(name, target, stored)
        status, out, err = self.run("unset", name, "--yes",
                                    *(["--for", target] if target else []))
        if status != 0 and "the record with all its" in err:
            row = self.row(name, target)
            return self.run("db", row["db"], "delete", target)
        return status, out, err

    def text(self, path):
        """A generated file with the root taken out of its paths."""
        return (self.read(path) or "").replace(self.root, "")

    def snapshot(self):
        """Every generated file and link, its mode and its bytes."""
        seen = {}
        for path, content in self.generated().items():
            mode = os.lstat(self.path(path)).st_mode & 0o7777
            seen[path] = (mode, content)
        return seen
