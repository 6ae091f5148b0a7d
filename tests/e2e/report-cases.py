#!/usr/bin/env python3
"""The report of logs written for one rule each: periods, zones, records of all
services, names, domains, hostile numbers (LG-49, LG-50, LG-54 to LG-62)."""
import calendar
import json
import os
import re
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("TOP") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "tools"))
from reported import (done, json_of, label, new_root, ok, queued,  # noqa: E402
    refused, report, same, smemail, table, verdict, write)


def period(root, folder):
    """LG-49: a period holds its begin and not its end; LG-62: countries."""
    logs, begin = folder + "/period", 1511740800
    os.makedirs(logs + "/qpsmtpd")
    with open(logs + "/qpsmtpd/current", "w") as f:
        f.write(verdict(begin - 1, 999999999, "XX") +
                verdict(begin, 0, "CN") + verdict(begin + 7, 0, "US") * 300 +
                verdict(begin + 3599, 999999999, "US") +
                verdict(begin + 3600, 0, "XX"))
    got = json.loads(smemail(root, "report", "--json", "--logs", logs,
                             "--from", "@%d" % begin, "--to",
                             "@%d" % (begin + 3600)).stdout)
    same([got["totals"]["total"], got["qpsmtpd"]["countries"],
          got["period"]], [302, {"CN": 1, "US": 301},
                           {"start": begin, "end": begin + 3600}],
         "LG-49 from its begin to before its end")
    countries = table(smemail(root, "report", "--logs", logs, "--from",
                              "@%d" % begin, "--to",
                              "@%d" % (begin + 3600)).stdout, "COUNTRY")
    same(countries[1:], [["US", "301", "99.7"], ["All", "302", "100.0"]],
         "LG-62 below GeoipCutoffPercent is left out, not of the sum")
    smemail(root, "config", "setprop", "qpsmtpd", "BadCountries", "RU,US")
    smemail(root, "config", "set", "mailstats", "report",
            "GeoipCutoffPercent", "0", "ShowLeagueTotals", "no")
    countries = table(report(root, logs), "COUNTRY")
    same(countries[1:], [["US", "301", "99.0", "*"], ["XX", "2", "0.7"],
                         ["CN", "1", "0.3"]],
         "LG-62 bad ones are marked, sums as ShowLeagueTotals says")
    smemail(root, "config", "setprop", "mailstats", "Geoiptable", "disabled")
    same(table(report(root, logs), "COUNTRY"), [], "LG-62 no table")
    smemail(root, "config", "setprop", "mailstats", "Status", "disabled")
    done = smemail(root, "report", "--daily", "--logs", logs)
    ok(done.returncode == 0 and done.stdout == "" and
       "switched off" in done.stderr, "LG-49 Status disabled: no report",
       done.stdout + done.stderr)


def zones(root, folder):
    """LG-50: rows are whole hours of the epoch, labelled by the local clock;
    where it is half an hour off them, or goes back, two may have one label."""
    cases = (
        # half an hour off: a local day has 25 rows, the first of the day
        # before
        ("Asia/Kolkata", "2026-04-04", "2026-04-03T18:30", 24, 25,
         ["2026-04-03, 23", "2026-04-04, 00", "2026-04-04, 01"]),
        ("Asia/Kathmandu", "2026-04-04", "2026-04-03T18:15", 24, 25,
         ["2026-04-03, 23", "2026-04-04, 00", "2026-04-04, 01"]),
        # summer time of half an hour ends at 02:00, and begins then
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", 24.5, 25,
         ["00", "01", "01", "02"]),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30", 23.5, 24,
         ["2026-10-03, 23", "2026-10-04, 00", "2026-10-04, 01",
          "2026-10-04, 03"]),
        ("Europe/Paris", "2026-10-25", "2026-10-24T22:00", 25, 25,
         ["00", "01", "02", "02", "03"]),
        ("Europe/Paris", "2026-03-29", "2026-03-28T23:00", 23, 23,
         ["00", "01", "03"]),
        # summer time begins at midnight, which is left out
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00", 23, 23,
         ["01", "02", "03"]),
    )
    for zone, day, begin, length, rows, first in cases:
        logs = "%s/zone-%s-%s" % (folder, zone.replace("/", "-"), day)
        at = calendar.timegm(time.strptime(begin, "%Y-%m-%dT%H:%M"))
        end = at + int(length * 3600)
        # one just before, one a half hour from the begin on, one at the end
        write(logs, "qpsmtpd",
              [(at - 1, refused("karma"))] +
              [(s, refused("karma")) for s in range(at, end + 1, 1800)])
        options = ("--logs", logs, "--day", day)
        got = json_of(root, *options, zone=zone)
        same([got["period"]["start"], got["period"]["end"]], [at, end],
             "LG-49 the local day %s of %s" % (day, zone))
        starts = [h["start"] for h in got["hours"]]
        same([len(starts), starts],
             [rows, list(range(at // 3600 * 3600, end, 3600))],
             "LG-50 its whole hours, each with its start in JSON")
        text = smemail(root, "report", *options, zone=zone).stdout
        lines = text[text.index("\nHour"):].splitlines()[2:]
        labels = [re.match(r"(\d{4}-\d\d-\d\d, )?\d\d", line).group()
                  for line in lines[:rows]]
        same(labels[:len(first)], first, "LG-50 labels of the local clock")
        same([line.split()[-2] for line in lines[:rows + 1]],
             [str(h["total"]) for h in got["hours"]] + ["%d" % (2 * length)],
             "and each row has what is in it")
        page = smemail(root, "report", "--html", *options, zone=zone).stdout
        hours = page[page.index("the figures of each hour"):]
        same(re.findall(r"<tr><td>([^<]*)</td>", hours)[:rows], labels,
             "LG-50 the same labels in HTML")


def record(root, folder):
    """LG-49: Interval and Base of the mailstats record, at the time that it
    is; a report of the whole server."""
    write(root + "/var/log", "qpsmtpd", [refused("karma")])
    hour = 3600
    for interval, hours in (("daily", 24), ("weekly", 7 * 24),
                            ("fortnightly", 14 * 24), ("monthly", 30 * 24),
                            ("6", 6), ("49", 49), ("soon", 24)):
        smemail(root, "config", "set", "mailstats", "report", "Interval",
                interval, "Base", "Now")
        before = int(time.time())
        got = json_of(root)["period"]
        same([got["end"] - got["start"],
              before <= got["end"] <= time.time() + 1], [hours * hour, True],
             "LG-49 Interval %s, Base Now" % interval)
    for base, at in (("Midnight", 0), ("Midday", 12), ("5", 5), ("23", 23),
                     ("24", 0)):
        smemail(root, "config", "set", "mailstats", "report", "Base", base)
        now = int(time.time())
        got = json_of(root, zone="Asia/Kolkata")["period"]
        local = time.gmtime(got["end"] + 19800)
        same([got["end"] - got["start"], local[3:6],
              now - 24 * hour - 60 < got["end"] <= time.time()],
             [24 * hour, (at, 0, 0), True],
             "LG-49 Base %s, the last one by the local clock" % base)
    smemail(root, "config", "delete", "mailstats")
    got = json_of(root, zone="Asia/Kolkata")["period"]
    same([got["end"] - got["start"], time.gmtime(got["end"] + 19800)[3:6]],
         [24 * hour, (0, 0, 0)], "LG-49 the day before the last midnight")
    os.unlink(root + "/var/log/qpsmtpd/current")


def names(root, folder):
    """LG-55: what no column is for is listed under the hours."""
    logs = folder + "/names"
    write(logs, "qpsmtpd",
          [refused("my_plugin")] * 2 + [refused("badmailfrom")] +
          [refused("naughty", "(odd) word"), refused("naughty", "(helo) x"),
           refused("naughty", "(fcrdns) no PTR")] +
          [refused("dnsbl")] * 4)
    smemail(root, "config", "setprop", "spamassassin", "RejectLevel", "0")
    ok("levels     tag 4.0, reject 0: no spam is refused" in
       report(root, logs), "LG-56 a RejectLevel of 0 refuses nothing")
    smemail(root, "config", "setprop", "spamassassin", "RejectLevel", "12")
    same(table(report(root, logs), "UNKNOWN")[1:],
         [["my_plugin", "2", "20.0"], ["naughty-(odd)", "word", "1", "10.0"]],
         "LG-55 unknown names with their counts; not those of plugins")
    text = report(root, logs)
    ok(text.index("\nHour") < text.index("\nUNKNOWN") < text.index("\nCODE"),
       "under the table by hours", text)
    same(table(smemail(root, "report", "--compat", "--logs", logs).stdout,
               "UNKNOWN")[1:],
         [["my_plugin", "2", "20.0"], ["badmailfrom", "1", "10.0"],
          ["naughty-(fcrdns)", "no", "PTR", "1", "10.0"],
          ["naughty-(odd)", "word", "1", "10.0"]],
         "which the old report knew less of")
    same([[r[:2] for r in table(smemail(root, "report", "--logs", logs,
                                         *how).stdout, "CODE")[1:5]]
          for how in ((), ("--compat",))],
         [[["dnsbl", "4"], ["my_plugin", "2"], ["badmailfrom", "1"],
           ["naughty-fcrdns", "1"]],
          [["dnsbl", "4"], ["naughty-unknown", "3"], ["my_plugin", "2"],
           ["badmailfrom", "1"]]],
         "LG-57 naughty by its reason, which the old report lost")


def domains(root, folder):
    """LG-60, LG-61: domains by their reversed labels, addresses by mail."""
    logs = folder + "/domains"
    to = ["<b@sme.acme.test>", "<a@acme.test>,<b@acme.test>", "<A@Acme.Test>",
          "<x@dom1.acme.test>", "<x@backup.test>", "<x@second.test>",
          "<x@far.test>", "<y@other.test>", "<b@acme.test>"]
    write(logs, "qpsmtpd", [queued(t) for t in to] +
          [refused("rcpt_ok", to="<x@backup.test>")] * 2 +
          [refused("check_goodrcptto", "invalid recipient <no@acme.test>"),
           refused("rcpt_ok", "invalid recipient <no@acme.test>")])
    smemail(root, "config", "set", "mxbackup", "service", "name",
            "second.test,backup.test", "status", "disabled")
    same([d["name"] for d in json_of(root, "--logs", logs)["domains"]],
         ["Others", "acme.test", "dom1.acme.test", "sme.acme.test"],
         "LG-60 a backup MX that is switched off has no domains")
    smemail(root, "config", "setprop", "mxbackup", "status", "enabled")
    same(table(report(root, logs), "DOMAIN")[1:],
         [["Others", "other", "3", "1", "0", "2", "66.67"],
          ["acme.test", "local", "4", "1", "0", "3", "75.00"],
          ["dom1.acme.test", "local", "1", "0", "0", "1", "100.00"],
          ["sme.acme.test", "local", "1", "0", "0", "1", "100.00"],
          ["backup.test", "mxbackup-2", "3", "2", "0", "1", "33.33"],
          ["second.test", "mxbackup-1", "1", "0", "0", "1", "100.00"],
          ["All", "13", "4", "0", "9", "69.23"]],
         "LG-60 the table by domain")
    got = json_of(root, "--logs", logs)
    same([(d["name"], d["type"], d["total"], d["deny"], d["accept"])
          for d in got["domains"][4:]],
         [("backup.test", "mxbackup-2", 3, 2, 1),
          ("second.test", "mxbackup-1", 1, 0, 1)], "LG-60 in JSON")
    rows = [["x@backup.test", "1", "2", "0", "3"],
            ["a@acme.test", "2", "0", "0", "2"],
            ["b@acme.test", "2", "0", "0", "2"],
            ["b@sme.acme.test", "1", "0", "0", "1"],
            ["no@acme.test", "0", "1", "0", "1"],
            ["x@dom1.acme.test", "1", "0", "0", "1"],
            ["x@far.test", "1", "0", "0", "1"],
            ["x@second.test", "1", "0", "0", "1"],
            ["y@other.test", "1", "0", "0", "1"]]
    same(table(report(root, logs), "ADDRESS")[1:], rows,
         "LG-61, LG-64 addresses, most mail first, then by name")
    same([[str(v) for v in r.values()] for r in got["recipients"]], rows,
         "LG-61 in JSON")
    compat = table(smemail(root, "report", "--compat", "--logs", logs).stdout,
                   "ADDRESS")[1:]
    same([r for r in compat if r[0][1:] == "@acme.test"],
         [["a@acme.test", "3", "0", "0", "3"],
          ["b@acme.test", "1", "0", "0", "1"]],
         "quirk 6: the old report counted the first of several twice")
    # LG-67, quirk 1
    wanted = {"period", "hours", "totals", "percent", "codes", "viruses",
              "blacklists", "countries", "domains", "recipients", "smtp",
              "qmail", "spamd", "clamd", "dovecot", "unparsed"}
    same(sorted(wanted - set(got)), [], "LG-67 every key")
    same([got["smtp"]["examined"], got["smtp"]["accepted"],
          got["smtp"]["refused"], got["percent"]["Ham"],
          got["percent"] == got["totals"]["percent"]],
         [13, 9, 4, 69.230769, True], "LG-67 unrounded")
    end = ("--logs", logs, "--from", "@1511737200", "--to", "@1511740800")
    same([json_of(root, *end)["totals"]["total"],
          json_of(root, *end, "--compat")["totals"]["total"]], [0, 13],
         "quirk 1: the old report took the very end in")


def services(root, folder):
    """LG-37, LG-40 to LG-43: what the other services are said to have done,
    from lines whose figures can be told by hand."""
    logs, at = folder + "/services", 1511740800
    write(logs, "qmail", [(at + s, text) for s, text in (
        (0, "status: local 0/20 remote 0/2"), (1, "new msg 5"),
        (1, "info msg 5: bytes 1500 from <a@e.test> qp 7 uid 453"),
        (2, "starting delivery 1: msg 5 to local b@acme.test"),
        (3, "delivery 1: success: did_0+0+1/"),
        (4, "starting delivery 2: msg 5 to remote c@far.test"),
        (4, "status: local 0/20 remote 2/2"),
        (8, "delivery 2: deferral: 192.0.2.9_failed_after_I_sent_it./x"),
        (10, "status: local 0/20 remote 0/2"),
        (11, "starting delivery 3: msg 5 to remote c@far.test"),
        (13, "delivery 3: failure: 192.0.2.8_does_not_like_recipient./"),
        (13, "bounce msg 5 qp 9"), (14, "end msg 5"), (14, "new msg 6"),
        (14, "info msg 6: bytes 2500 from <#@[]> qp 9 uid 400"),
        (15, "triple bounce: discarding bounce/6"),
        (20, "status: local 0/20 remote 0/2"))])
    write(logs, "clamd", [
        "/var/spool/qpsmtpd/1:7:0: Eicar FOUND", "/var/x: OK",
        "/var/y: Access denied. ERROR", "SelfCheck: Database status OK.",
        "Database correctly reloaded (8000 signatures)"])
    login = ("user=<anna>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.9, mpid=7,"
             " session=<a>")
    full = "master: Warning: service(imap): process_limit (4) reached, x"
    write(logs, "dovecot", [
        (at, "imap-login: Info: Login: " + login),
        (at + 5, "imap(anna)<7><a>: Info: Logged out in=10 out=20"),
        "imap-login: Info: Disconnected (auth failed, 3 attempts in 9 secs): "
        + login, "imap-login: Info: Maximum number of connections from user+IP"
        " exceeded (mail_max_userip_connections=2): " + login, full, full])
    peer = "sme:192.0.2.9 ::192.0.2.1:4000 ./x"
    write(logs, "imaps", [
        "tcpsvd: info: concurrency 10 192.0.2.1 2/2",
        "tcpsvd: info: start 10 " + peer,
        "tcpsvd: info: concurrency 11 192.0.2.1 3/2",
        "tcpsvd: info: deny 11 " + peer, "tcpsvd: info: deny 12 " + peer])
    write(logs, "fetchmail", [
        "fetchmail: 2 messages for me at pop.test (70 octets).",
        "fetchmail: reading message me@pop.test:1 of 2 (6 octets) flushed",
        "fetchmail: SMTP error: 550 no", "fetchmail: reading message "
        "me@pop.test:2 of 2 (6 octets) not flushed",
        "fetchmail: Authorization failure on you@pop.test"])
    text = report(root, logs)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    same(lines[lines.index("qmail 2 messages, 1 delivered, 1 deferred, 1 "
                           "failed"):], [
        "qmail 2 messages, 1 delivered, 1 deferred, 1 failed",
        "1 bounces, 1 unfinished; 0.0 MB, 2.0 kB each",
        "local deliveries 1.0 s (median 1.0, 95 % 1.0, most 1.0)",
        "remote deliveries 3.0 s (median 2.0, 95 % 4.0, most 4.0)",
        "at most 0 local, 2 remote at once; full 0.0 %, 30.0 % of the time",
        "clamd 1 clean, 1 found, 1 errors, 1 reloads",
        "last good self check 2017-11-27 00:00",
        "dovecot 1 logins of 1 users, 3 failed from 1 addresses",
        "sessions 5.0 s (median 5.0, 95 % 5.0, most 5.0)",
        "limit of an address reached 1 times: raise 'imap.concurrency-per-ip'",
        "limit of all connections reached 2 times: raise 'imap.concurrency'",
        "tcpsvd 1 accepted, 1 refused by rule; at most 3 of 2 of an address",
        "limit of an address reached 1 times: raise 'imap.concurrency-per-ip'",
        "fetchmail 1 fetched, 1 kept, 1 refused by SMTP, 1 failed logins"],
         "LG-37, LG-40 to LG-43 the services in words")
    for setting, prop in (("imap.concurrency-per-ip", "ConcurrencyLimitPerIP"),
                          ("imap.concurrency", "ConcurrencyLimit")):
        ok(re.search(r"\b%s\b" % prop,
                     smemail(root, "describe", setting).stdout),
           "LG-41, LG-42 %s is %s" % (setting, prop))
    got = json_of(root, "--logs", logs)
    q = got["qmail"]
    same([q["double_bounce"], q["triple_bounce"], q["by_uid"],
          q["deferral_reasons"], q["failure_reasons"],
          q["recipients_by_domain"], q["queue_time"]["most"],
          q["delivery_time"]["remote"]["least"], q["bytes_average"]],
         [1, 1, {"453": 1, "400": 1}, {"IP_failed_after_I_sent_it.": 1},
          {"IP_does_not_like_recipient.": 1},
          {"acme.test": 1, "far.test": 2}, 13.0, 2.0, 2000.0],
         "LG-37 in JSON")
    same([got["clamd"]["found"], got["clamd"]["finds"],
          got["clamd"]["signatures"], got["clamd"]["last_selfcheck"]],
         [{"Eicar": 1}, [{"time": at, "name": "Eicar",
                          "path": "/var/spool/qpsmtpd/1:7:0"}], 8000, at],
         "LG-40 in JSON")
    same([got["dovecot"]["failed_users"], got["dovecot"]["limits"],
          got["tcpsvd"]["addresses"], got["fetchmail"]["accounts"],
          got["fetchmail"]["troubles"], got["fetchmail"]["smtp_codes"]],
         [{"anna": 3}, {"imap": {"per_address": 1, "all": 2}},
          {"192.0.2.1": {"accepted": 1, "limit": 1, "rule": 1}},
          {"me@pop.test": {"polls": 1, "fetched": 1, "kept": 1}},
          {"me@pop.test": {"refused_by_smtp": 1, "failed_logins": 0,
                           "no_connection": 0},
           "you@pop.test": {"refused_by_smtp": 0, "failed_logins": 1,
                            "no_connection": 0}}, {"550": 1}],
         "LG-41 to LG-43 in JSON")


def hostile(root, folder):
    """Numbers no service writes: a sum stays at its greatest, and says so."""
    logs = folder + "/numbers"
    most = 2 ** 63 - 1
    write(logs, "qpsmtpd", [refused("karma")])
    write(logs, "qmail", ["info msg 5: bytes 999999999999999999 from <a@b.test>"
                          " qp 7 uid 1"] * 20 + ["new msg 6"])
    write(logs, "dovecot", ["imap(anna): Info: Logged out "
                            "in=18446744073709551615 out=5"] * 3)
    with open(logs + "/qpsmtpd/state", "w") as f:
        f.write("queued %s %d\n" % (label(1511740800), 2 ** 64 - 1) * 2)
    got = json_of(root, "--logs", logs)
    same([got["qmail"]["bytes"], got["qmail"]["senders"]["a@b.test"]["bytes"],
          got["dovecot"]["bytes_in"], got["dovecot"]["bytes_out"],
          got["state"][0]["count"], got["too_large"]],
         [most, most, most, 15, most,
          ["qmail.bytes", "dovecot.bytes_in", "qmail.senders"]],
         "sums of hostile numbers stay at the greatest")
    ok("too large to be counted" in report(root, logs) and
       "dovecot.bytes_in" in report(root, logs), "and the text says it")


def main():
    folder = tempfile.mkdtemp(prefix="report.")
    try:
        root = new_root(folder)
        zones(root, folder)
        record(root, folder)
        names(root, folder)
        domains(root, folder)
        services(root, folder)
        hostile(root, folder)
        period(root, folder)
    finally:
        shutil.rmtree(folder)
        done()


main()
