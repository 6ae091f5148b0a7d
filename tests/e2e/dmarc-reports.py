#!/usr/bin/env python3
"""dmarc reports FILE: every report found in the wild is read, what is none is
named, and bombs end in the helper (issue: sandboxed, bounded, lenient)."""
import gzip
import io
import json
import os
import subprocess
import tarfile
import tempfile
import zipfile

import lib_zone

GOOD = """<feedback><report_metadata><org_name>o\x1b[2J</org_name>
<date_range><begin>1400000000</begin></date_range></report_metadata>
<policy_published><domain>x.example</domain></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>2</count>
</row></record></feedback>"""


def reports(*paths):
    done = subprocess.run([lib_zone.SMEMAIL, "dmarc", "reports", "--json",
                           *paths], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    try:
        return done.returncode, json.loads(done.stdout)["reports"], done.stderr
    except ValueError:
        return done.returncode, None, done.stderr


def wild(p, top):
    with tarfile.open(lib_zone.TOP + "/tests/data/dmarc/reports.tar.gz") as t:
        t.extractall(top + "/wild")
    kinds = {"aggregate": 0, "other": 0}
    for entry in json.load(open(top + "/wild/index.json")):
        name = entry["file"]
        status, got, err = reports(top + "/wild/" + name)
        if "-aggregate-" in name or name.startswith("opendmarc"):
            good = (status == 0 and len(got) == 1 and got[0]["records"] and
                    entry.get("well_formed") in (None, got[0]["well_formed"]))
            kinds["aggregate"] += bool(good)
        else:
            good = status == 1 and "no DMARC aggregate report" in err
            kinds["other"] += good
        if not good:
            print("# %s: %s %s %s" % (name, status, got, err))
    p.ok(kinds == {"aggregate": 16, "other": 5},
         "16 aggregate reports of the wild are read, 5 others told apart",
         kinds)
    status, got, _ = reports(top + "/wild")
    p.ok(status == 0 and len(got) == 16, "a folder is read whole")


def bombs(p, top):
    bomb = gzip.compress(b"<feedback>" + b"A" * (200 << 20))
    laughs = ("<!DOCTYPE f [<!ENTITY a '%s'>%s]><feedback><record><row>"
              "<count>&j;</count></row></record></feedback>" % (
                  "ha" * 1000, "".join(
                      "<!ENTITY %s '%s'>" % (chr(ord("b") + i),
                                             "&%s;" % chr(ord("a") + i) * 10)
                      for i in range(9))))
    outside = ("<!DOCTYPE f [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
               "<feedback><report_metadata><org_name>&x;</org_name>"
               "</report_metadata><record/></feedback>")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("r.xml", b"<feedback>" + b"A" * (200 << 20))
    deep = GOOD.encode()
    for _ in range(8):
        deep = gzip.compress(deep)
    wide = "<feedback>" + "<a>" * 100000 + "</feedback>"
    many = ("<feedback>" + "<record><row><count>9223372036854775807</count>"
            "</row></record>" * 300 + "</feedback>")
    samples = {
        "gzip.gz": bomb, "zip.zip": archive.getvalue(),
        "laughs.xml": laughs.encode(), "outside.xml": outside.encode(),
        "deep.gz": deep, "wide.xml": wide.encode(), "many.xml": many.encode(),
        "random": os.urandom(100000), "empty": b"",
        "cut.gz": gzip.compress(GOOD.encode())[:60],
        "cut.zip": archive.getvalue()[:40],
        "header.eml": b"Content-Type: multipart/mixed; boundary=a\n\n" +
                      b"--a\n" * 100000,
    }
    for name, content in samples.items():
        with open(top + "/" + name, "wb") as f:
            f.write(content)
        status, got, err = reports(top + "/" + name)
        p.ok(status in (0, 1, 100) and "root:" not in json.dumps(got),
             "%s: %d" % (name, status), err)
    status, got, err = reports(top + "/nowhere")
    p.ok(status == 100 and "nowhere" in err, "a missing file", err)


def shapes(p, top):
    packed = gzip.compress(GOOD.encode())
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("a.txt", "nothing")
        z.writestr("r.xml", GOOD)
    import base64
    mail = (b"Subject: x\r\nContent-Type: multipart/mixed;\r\n"
            b' boundary="b;c"\r\n\r\n--b;c\r\nContent-Type: text/plain\r\n'
            b"\r\nhello\r\n--b;c\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(packed) + b"--b;c--\r\n")
    for name, content in (("plain", GOOD.encode()), ("gz", packed),
                          ("zip", archive.getvalue()), ("mail", mail)):
        with open(top + "/" + name, "wb") as f:
            f.write(content)
        status, got, err = reports(top + "/" + name)
        p.ok(status == 0 and got[0]["domain"] == "x.example" and
             got[0]["messages"] == 2, "as " + name, err)
    done = subprocess.run([lib_zone.SMEMAIL, "dmarc", "reports",
                           top + "/plain"], stdout=subprocess.PIPE)
    os.mkdir(top + "/folder")
    os.rename(top + "/plain", top + "/folder/plain")
    os.mkfifo(top + "/folder/pipe")
    status, got, err = reports(top + "/folder")
    p.ok(status == 0 and len(got) == 1 and "pipe' is no file" in err,
         "what is no file is passed over in a folder", err)
    p.ok(b"\x1b" not in done.stdout and b"192.0.2.1" in done.stdout,
         "as a table, foreign bytes escaped", done.stdout)


def main():
    p = lib_zone.Points()
    with tempfile.TemporaryDirectory(prefix="smemail-reports.") as top:
        shapes(p, top)
        wild(p, top)
        bombs(p, top)
    p.end()


main()
