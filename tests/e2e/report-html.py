#!/usr/bin/env python3
"""The page of the report: it needs nothing but itself, is well formed, has
every table of the text (LG-51, LG-57 to LG-63), and what is hostile in a log
is text in it (LG-24)."""
import html.parser
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get("SMEMAIL", TOP + "/build/smemail")
EMPTY = {"meta", "line", "rect", "br"}
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


class Page(html.parser.HTMLParser):
    """Tables by the title before them; what is odd."""

    def __init__(self, text):
        super().__init__()
        self.open, self.odd, self.tables = [], [], {}
        self.title = self.row = self.text = ""
        self.bars = []
        self.feed(text)
        if self.open:
            self.odd.append("never closed: %s" % self.open)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "link", "img", "iframe", "object"):
            self.odd.append("<%s>" % tag)
        for name, value in attrs:
            if name in ("src", "href") or name.startswith("on") or \
               "url(" in (value or ""):
                self.odd.append("%s=%s" % (name, value))
            if name == "style" and value.startswith("width:"):
                self.bars.append(float(value[6:-1]))
        if tag in EMPTY:
            return
        self.open.append(tag)
        self.text = ""
        if tag == "table":
            self.tables[self.title] = []
        elif tag == "tr":
            self.row = []

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.odd.append("</%s> closes another" % tag)
        if tag in ("h2", "summary"):
            self.title = self.text
        elif tag in ("td", "th"):
            self.row.append(self.text)
        elif tag == "tr":
            self.tables[self.title].append(self.row)
        self.text = ""

    def handle_data(self, data):
        self.text += data


def smemail(root, *args, **env):
    return subprocess.run([SMEMAIL, "--root", root, *args],
                          capture_output=True, text=True,
                          env=dict(os.environ, TZ="UTC", **env))


def page_of(root, logs, **env):
    done = smemail(root, "report", "--html", "--logs", logs, **env)
    ok(done.returncode == 0 and done.stdout.startswith("<!doctype html>"),
       "a page is made", done.stderr)
    return Page(done.stdout)


def league(page, title, rows):
    same([r[:3] for r in page.tables[title][1:] if r[0] != "All"],
         [[r["name"], str(r["count"]), "%.1f" % r["percent"]] for r in rows],
         title)


def tables(root, logs):
    page = page_of(root, logs)
    got = json.loads(smemail(root, "report", "--json", "--logs",
                             logs).stdout)
    same(page.odd, [], "it is well formed and asks for nothing")
    ok(page.bars and max(page.bars) == 100, "bars fit", page.bars)
    hours = page.tables["the figures of each hour"]
    same([r[-2] for r in hours[1:-2]],
         [str(h["total"]) for h in got["hours"]], "LG-50 all hours")
    league(page, "what decided", got["codes"])
    league(page, "viruses", got["viruses"])
    league(page, "blacklists", got["blacklists"])
    league(page, "countries",
           [c for c in got["countries"] if c["percent"] >= 0.5])
    league(page, "rules of SpamAssassin",
           [c for c in got["spam_rules"] if c["percent"] >= 0.5])
    domains = got["qpsmtpd"]["per_domain"]
    same({r[0]: r[2:4] + r[5:6] for r in page.tables["domains"][1:-1]},
         {k: [str(v["total"]), str(v["deny"]), str(v["accept"])]
          for k, v in domains.items()}, "LG-60 domains")
    same({r[0]: r[1:4] for r in page.tables["addresses"][1:]},
         {k: [str(v["queued"]), str(v["rejected"]), str(v["spam"])]
          for k, v in got["qpsmtpd"]["per_recipient"].items()},
         "LG-61 addresses, each of them")
    same(page.tables["junk folders"][1:],
         [["admin", "3"], ["anna", "2"], ["bob", "2"]],
         "LG-63, LG-64 junk folders, by count and then by name")
    labels = [r[0] for r in page.tables["services"]]
    ok({"period", "programs", "qmail", "spamd", "clamd", "dovecot"} <=
       set(labels), "its head and the services", labels)


def hostile(root, folder):
    logs = folder + "/hostile"
    os.makedirs(logs + "/qpsmtpd")
    with open(logs + "/qpsmtpd/current", "w") as f:
        for plugin, text in (
                ("<script>alert(1)</script>", "x"),
                ("virus::clamdscan", "Virus found: <img src=x onerror=y>"),
                ("dnsbl", "http://\"><b>\x1b[31m/")):
            f.write("@%016x%08x 7 (deny) logging::logterse: ` 192.0.2.1\ta\ta"
                    "\t<a@e.test>\t<\"'&@acme.test>\t%s\t901\t%s\t\n" %
                    (2 ** 62 + 10 + 1511740800, 0, plugin, text))
    page = page_of(root, logs)
    same(page.odd, [], "LG-24 hostile names are text")
    ok("<script>alert(1)</script>" in
       [r[0] for r in page.tables["what decided"]], "and are shown",
       page.tables["what decided"])


def main():
    folder = tempfile.mkdtemp(prefix="report.")
    root, logs = folder + "/root", folder + "/logs"
    try:
        subprocess.run([SMEMAIL, "init", "--root", root, "--domain",
                        "acme.test", "--user", "anna"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        junk = root + "/home/e-smith/files/users/anna/Maildir/.junkmail/"
        for user in ("bob", "carl"):
            smemail(root, "db", "accounts", "set", user, "user")
        for name in (junk + "new/1", junk + "cur/2", junk + "cur/.hidden",
                     junk + "tmp/no",
                     junk.replace("anna", "bob") + "new/1",
                     junk.replace("anna", "bob") + "new/2",
                     junk.replace("anna", "carl") + "cur/.hidden",
                     root + "/home/e-smith/Maildir/.junkmail/cur/1",
                     root + "/home/e-smith/Maildir/.junkmail/cur/2",
                     root + "/home/e-smith/Maildir/.junkmail/new/3"):
            os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, "w"):
                pass
        subprocess.run([sys.executable, TOP + "/tests/tools/genlogs.py", logs,
                        "--no-messages-file", "--messages", "1500"],
                       check=True, stdout=subprocess.DEVNULL)
        tables(root, logs)
        hostile(root, folder)
        french = page_of(root, logs, LANGUAGE="fr", LC_ALL="fr_FR.UTF-8")
        same(french.odd, [], "in French")
        empty = folder + "/empty"
        os.makedirs(empty + "/qpsmtpd")
        page = page_of(root, empty)
        same((page.odd, page.bars), ([], []), "of nothing")
    finally:
        shutil.rmtree(folder)
        print("1..%d" % n)


main()
