#!/usr/bin/python3
"""Writes tests/data/dkim/rules: signatures and chains for each rule of RFC
6376, 8301, 8463 and 8617, with the verdict the rule asks for. Signing and
canonical forms are written here from the standards, apart from the program's.
Keys are new each time. Needs python3-cryptography. Usage: dkim_rules.py FILE"""
import base64
import hashlib
import re
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw
SPKI = (serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)
PKCS1 = serialization.Encoding.DER, serialization.PublicFormat.PKCS1
keys = {}


def key(name):
    if name not in keys:
        keys[name] = (ed25519.Ed25519PrivateKey.generate()
                      if name.startswith("ed") else
                      rsa.generate_private_key(
                          3 if name.endswith("e3") else 65537,
                          int(re.sub(r"\D.*", "", name))))
    return keys[name]


def public(name, form=None):
    form = form or (RAW if name.startswith("ed") else SPKI)
    return base64.b64encode(key(name).public_key().public_bytes(
        *form)).decode()


def record(name, more="v=DKIM1; "):
    kind = "k=ed25519; " if name.startswith("ed") else ""
    return more + kind + "p=" + public(name)


def canon_body(body, form):
    lines = body.split(b"\r\n")
    if lines[-1] == b"":
        lines.pop()
    if form == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", x).rstrip(b" ") for x in lines]
    while lines and lines[-1] == b"":
        lines.pop()
    out = b"".join(x + b"\r\n" for x in lines)
    return out or (b"" if form == "relaxed" else b"\r\n")


def canon_field(field, form):
    if form == "simple":
        return field
    name, _, value = field.partition(b":")
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b""))
    return name.strip(b" \t").lower() + b":" + value.strip(b" ") + b"\r\n"


def name_of(field):
    return field.partition(b":")[0].strip(b" \t").lower()


def choose(fields, names):
    """From below, each field once."""
    left, out = list(fields), []
    for n in names:
        at = [i for i, f in enumerate(left) if name_of(f) == n.lower()]
        if at:
            out.append(left.pop(at[-1]))
    return out


def sign_bytes(name, data, digest):
    h = hashlib.new(digest, data).digest()
    if name.startswith("ed"):
        return key(name).sign(h)
    return key(name).sign(h, padding.PKCS1v15(), Prehashed(
        hashes.SHA1() if digest == "sha1" else hashes.SHA256()))


FIELDS = [b"From: Anna <anna@example.org>\r\n", b"To: bert@example.net\r\n",
          b"Subject: the  minutes\r\n of\tthe meeting \r\n",
          b"Date: Mon, 02 Mar 2026 10:00:00 +0100\r\n"]
BODY = b"Dear  Bert, \r\n\r\n\tthe text.\r\n\r\n\r\n"
ORDER = "v a c d s i q t x l h bh b".split()


def tag_list(tags, layout):
    if layout is not None:
        return layout % tags
    return "; ".join("%s=%s" % (k, tags[k]) for k in
                     ORDER + [k for k in tags if k not in ORDER] if k in tags)


def signature(fields, body, tags=None, layout=None, with_key="2048",
              digest="sha256", called="DKIM-Signature", bh=None, fold=None,
              blank=" "):
    """A field; tags given as None are left out. The layout has %(b)s."""
    t = {"v": "1", "a": "ed25519-sha256" if with_key.startswith("ed") else
         "rsa-" + digest, "c": "relaxed/relaxed", "d": "example.org",
         "s": "sel", "h": "from:to:subject:date"}
    t.update(tags or {})
    t = {k: v for k, v in t.items() if v is not None}
    forms = (t.get("c", "simple").lower().split("/") + ["simple"])[:2]
    canon = canon_body(body, forms[1])
    length = t.get("l", "").strip()
    if length.isdigit():
        canon = canon[:int(length)]
    t.setdefault("bh", bh if bh is not None else base64.b64encode(
        hashlib.new(digest, canon).digest()).decode())
    # with b= the blanks around it go (RFC 6376 3.7)
    t["b"] = "\0"
    whole = re.sub("[ \t\r\n]*\0[ \t\r\n]*", "", called + ":" + blank +
                   tag_list(t, layout)).encode() + b"\r\n"
    names = [n.strip().encode() for n in t.get("h", "").split(":")]
    data = b"".join(canon_field(f, forms[0]) for f in choose(fields, names))
    data += canon_field(whole, forms[0])[:-2]
    b = base64.b64encode(sign_bytes(with_key, data, digest)).decode()
    t["b"] = fold(b) if fold else b
    return (called + ":" + blank + tag_list(t, layout)).encode() + b"\r\n"


cases = []


def add(name, expect, message, zone, kind="dkim", per=()):
    cases.append((name, expect, message, zone, kind, per))


def dkim(name, expect, tags=None, fields=None, body=BODY, zone=None,
         after=None, rec=None, **how):
    """One signature; after(fields, body) is what happened on the way."""
    fields = list(fields or FIELDS)
    sig = signature(fields, body, tags, **how)
    all_fields = [sig] + fields
    if after:
        all_fields, body = after(all_fields, body)
    if zone is None:
        zone = {"sel._domainkey.example.org":
                rec or [record(how.get("with_key", "2048"))]}
    add(name, expect, b"".join(all_fields) + b"\r\n" + body, zone)


def body_cases():
    long_blank = b"a" + b" \t" * 8500 + b"\r\nb\r\n" + b" " * 16384 + b"\r\n"
    forms = ["simple/simple", "relaxed/relaxed"]
    bodies = {
        "empty": b"", "one-empty-line": b"\r\n", "empty-lines": b"\r\n" * 40,
        "blank-lines": b" \r\n\t\r\n  \r\n", "no-final-end": b"text",
        "blank-at-end": b"text \t", "leading-empty": b"\r\n\r\ntext\r\n",
        "lone-cr": b"a\rb\r\n", "cr-before-end": b"a\r\r\n",
        "final-cr": b"a\r", "nul": b"a\0b \0\r\n",
        "eight-bit": b"gr\xfc\xdfe\xa0 \xff\r\n",
        "long-line": b"y" * 20000 + b" \r\n",
        "long-blanks": long_blank, "form-feed": b"a\x0c \x0bb \r\n",
        "dot": b".\r\n..\r\n", "headers-like": b"From: x\r\n\r\n",
    }
    for what, body in bodies.items():
        for c in forms:
            dkim("body-%s-%s" % (what, c.split("/")[0]), "pass", {"c": c},
                 body=body)
    for end in range(16376, 16388, 3):
        dkim("body-border-%d" % end, "pass", body=b"z" * end +
             b" \t \r\n\r\n \r\n  z\r\n \r\n")
    dkim("body-reblanked-relaxed", "pass", body=b"a b\r\n",
         after=lambda f, b: (f, b"a \t b \t\r\n\r\n \r\n"))
    dkim("body-reblanked-simple", "fail", {"c": "relaxed/simple"},
         body=b"a b\r\n", after=lambda f, b: (f, b"a  b\r\n"))
    dkim("body-line-added-simple", "pass", {"c": "relaxed/simple"},
         after=lambda f, b: (f, b + b"\r\n\r\n"))
    dkim("body-leading-blank-relaxed", "fail", body=b"a\r\n",
         after=lambda f, b: (f, b" a\r\n"))
    dkim("body-joined-words", "fail", body=b"a b\r\n",
         after=lambda f, b: (f, b"ab\r\n"))


def length_cases():
    n = len(canon_body(BODY, "relaxed"))
    more = lambda f, b: (f, b.rstrip(b"\r\n") + b"\r\nadded\r\n")
    for what, l, expect, after in (
            ("exact", n, "pass", None), ("zero", 0, "pass", None),
            ("part", 5, "pass", None), ("one", 1, "pass", None),
            ("within-crlf", n - 1, "pass", None),
            ("added", n, "pass", more), ("zero-added", 0, "pass", more),
            ("beyond-by-one", n + 1, "permerror fail", None),
            ("beyond", 10 ** 9, "permerror fail", None),
            ("beyond-64-bit", 2 ** 64 + 5, "permerror fail", None),
            ("digits-77", "1" * 77, "permerror", None),
            ("leading-zeros", "0" * 30 + str(n), "pass", None),
            ("blanks", " %d " % n, "pass", None),
            ("empty", "", "permerror", None),
            ("negative", "-1", "permerror", None),
            ("plus", "+5", "permerror", None),
            ("fraction", "1.5", "permerror", None),
            ("letters", "5x", "permerror", None),
            ("digits-76", "9" * 76, "permerror fail", None),
            ("inner-blank", "1 0", "permerror", None)):
        dkim("l-" + what, expect, {"l": str(l)}, after=after)
    dkim("l-cut", "permerror fail", {"l": str(n)},
         after=lambda f, b: (f, b[:10]))
    dkim("l-part-changed", "fail", {"l": str(n)},
         after=lambda f, b: (f, b"X" + b[1:]))
    for c in ("simple/simple", "relaxed/relaxed"):
        dkim("l-zero-empty-" + c[:6], "pass", {"l": "0", "c": c}, body=b"")
    dkim("l-two-empty-simple", "pass", {"l": "2", "c": "simple/simple"},
         body=b"")
    dkim("l-two-empty-relaxed", "permerror fail", {"l": "2"}, body=b"")


def insert(field, at=1):
    return lambda f, b: (f[:at] + [field] + f[at:], b)


def change(old, new):
    return lambda f, b: ([x.replace(old, new) for x in f], b)


def header_cases():
    two = FIELDS + [b"X-A: one\r\n", b"X-A: two\r\n", b"X-A: three\r\n"]
    h = "from:to:subject:date"
    swap = lambda f, b: (f[:5] + [f[6], f[5], f[7]], b)
    dkim("h-repeated", "pass", {"h": h + ":x-a:x-a"}, two)
    dkim("h-repeated-top-changed", "pass", {"h": h + ":x-a:x-a"}, two,
         after=change(b"one", b"uno"))
    dkim("h-repeated-second-changed", "fail", {"h": h + ":x-a:x-a"}, two,
         after=change(b"two", b"due"))
    dkim("h-repeated-last-only", "pass", {"h": h + ":x-a"}, two, after=swap)
    dkim("h-repeated-swapped", "fail", {"h": h + ":x-a:x-a:x-a"}, two,
         after=swap)
    dkim("h-more-than-there", "pass", {"h": h + ":x-a:x-a:x-a:x-a:x-a"}, two)
    dkim("h-more-than-there-added", "fail",
         {"h": h + ":x-a:x-a:x-a:x-a"}, two, after=insert(b"X-A: four\r\n"))
    dkim("h-not-signed-added", "pass", after=insert(b"X-B: b\r\n", 3))
    dkim("h-absent", "pass", {"h": h + ":x-none:reply-to"})
    dkim("h-absent-added", "fail", {"h": h + ":reply-to"},
         after=insert(b"Reply-To: evil@example.com\r\n"))
    dkim("h-from-oversigned", "pass", {"h": "from:from:to"})
    dkim("h-from-oversigned-added", "fail", {"h": "from:from:to"},
         after=insert(b"From: evil@example.com\r\n"))
    dkim("h-from-above-added", "pass",
         after=insert(b"From: evil@example.com\r\n"))
    dkim("h-from-twice-signed-once", "pass", {"h": "from:to"},
         FIELDS + FIELDS[:1])
    dkim("h-from-below-added", "fail",
         after=insert(b"From: evil@example.com\r\n", 5))
    dkim("h-case", "pass", {"h": "FROM:tO:Subject:DATE"})
    dkim("h-blanks", "pass", {"h": "from : to:\r\n subject\t:date "})
    dkim("h-only-from", "pass", {"h": "from"})
    dkim("h-without-from", "permerror", {"h": "to:subject"})
    dkim("h-empty", "permerror", {"h": ""})
    dkim("h-colons", "permerror", {"h": ":::"})
    dkim("h-missing", "permerror", {"h": None})
    dkim("h-inner-blank", "permerror", {"h": "from:to subject"})
    dkim("h-no-field-from", "pass fail permerror", {"h": "from:to"},
         FIELDS[1:])
    dkim("h-many", "pass permerror", {"h": ":".join(["from"] * 300)})
    for c, relaxed in (("relaxed/simple", True), ("simple/simple", False)):
        word = "relaxed" if relaxed else "simple"
        yes = "pass" if relaxed else "fail"
        t = {"c": c}
        for what, a, b in (
                ("name-case", b"Subject:", b"SUBJECT:"),
                ("name-blank", b"To:", b"To :"),
                ("value-blanks", b"To: bert", b"To:   \tbert"),
                ("value-end", b"example.net\r\n", b"example.net \t\r\n"),
                ("unfolded", b"\r\n of\tthe", b" of the"),
                ("folded", b"the meeting", b"the\r\n\t meeting")):
            dkim("field-%s-%s" % (what, word), yes, t,
                 after=change(a, b))
        dkim("field-value-case-" + word, "fail", t,
             after=change(b"bert", b"Bert"))
        dkim("field-blank-lost-" + word, "fail", t,
             after=change(b"of\tthe", b"ofthe"))
        odd = FIELDS + [b"X-Empty:\r\n", b"X-Blank:  \t \r\n",
                        b"X-Fold: \r\n \r\n", b"X-Colon: : a : b:\r\n",
                        b"X-Eight: gr\xfc\xdfe  \xa0\r\n",
                        b"X-Old : before the colon\r\n",
                        b"X-Cr: a\rb\r\n", b"X-Long: " + b"w  " * 9000 +
                        b"\r\n"]
        dkim("field-odd-" + word, "pass", dict(
            t, h=h + ":x-empty:x-blank:x-fold:x-colon:x-eight:x-old:x-cr"
                     ":x-long"), odd)
        dkim("field-none-" + word, "pass", t,
             FIELDS[:2] + [b"no field at all\r\n"] + FIELDS[2:])
    dkim("field-order-unsigned", "pass",
         after=lambda f, b: (f[:1] + f[:0:-1], b))
    dkim("sig-not-first", "pass", after=lambda f, b: (f[1:] + f[:1], b))
    sigs = lambda f, b: ([signature(f[1:], b, {"h": "from:dkim-signature"})] +
                         f, b)
    dkim("h-own-name-none-there", "pass", {"h": h + ":dkim-signature"})
    dkim("h-own-name-added", "fail pass", {"h": h + ":dkim-signature"},
         after=lambda f, b: ([f[0].replace(b"v=1;", b"v=9;")] + f, b))
    dkim("second-signs-none", "pass", after=sigs)


def tag_cases():
    v = "v=1; a=%(a)s; c=%(c)s; d=%(d)s; s=%(s)s; h=%(h)s; bh=%(bh)s; "
    for what, layout, expect in (
            ("final-semicolon", v + "b=%(b)s;", "pass"),
            ("final-semicolon-blanks", v + "b=%(b)s ; ", "pass"),
            ("b-not-last", "b=%(b)s; " + v[:-2], "pass"),
            ("b-between", "v=1; b=%(b)s; " + v[5:-2], "pass"),
            ("b-between-blanks", "v=1; b = %(b)s ; " + v[5:-2], "pass"),
            ("no-blanks", v.replace(" ", "") + "b=%(b)s", "pass"),
            ("folded-all", v.replace(" ", "\r\n\t").replace("=", "\r\n =\r\n ")
             + "b=%(b)s", "pass"),
            ("v-last", v[5:] + "b=%(b)s; v=1", "pass"),
            ("empty-tag", v + "; b=%(b)s", "permerror"),
            ("two-final", v + "b=%(b)s;;", "permerror"),
            ("leading-semicolon", ";" + v + "b=%(b)s", "permerror"),
            ("no-equals", v + "foo; b=%(b)s", "permerror"),
            ("no-name", v + "=foo; b=%(b)s", "permerror"),
            ("digit-name", v + "1x=foo; b=%(b)s", "permerror"),
            ("hyphen-name", v + "x-y=foo; b=%(b)s", "permerror"),
            ("blank-in-name", v + "x y=foo; b=%(b)s", "permerror"),
            ("double-d", v + "d=example.org; b=%(b)s", "permerror"),
            ("double-b", v + "b=; b=%(b)s", "permerror"),
            ("double-unknown", v + "zz=1; zz=1; b=%(b)s", "permerror"),
            ("upper-b", v + "B=x; b=%(b)s", "pass"),
            ("unknown", v + "xyz=1; r=y; x_1=; b=%(b)s", "pass"),
            ("unknown-equals", v + "xyz=a=b==; b=%(b)s", "pass"),
            ("z", v + "z=From:a@b|To:=3B=20x; b=%(b)s", "pass"),
            ("long-unknown", v + "n=" + "w" * 20000 + "; b=%(b)s", "pass"),
            ("control", v + "n=a\x01b; b=%(b)s", "permerror"),
            ("delete", v + "n=a\x7fb; b=%(b)s", "permerror"),
            ("eight-bit", v + "n=\u00e9; b=%(b)s", "pass permerror"),
            ("upper-v", v.replace("v=1", "V=1") + "b=%(b)s", "permerror"),
            ("many", v + "".join("q%d=1; " % i for i in range(200)) +
             "b=%(b)s", "pass permerror")):
        dkim("tag-" + what, expect, layout=layout)
    step = lambda n, w: lambda b: w.join(
        b[i:i + n] for i in range(0, len(b), n))
    dkim("b-blank-each", "pass", fold=step(1, " "))
    dkim("b-folds", "pass", fold=step(7, "\r\n\t \t"))
    dkim("b-blank-ends", "pass", fold=lambda b: " \t" + b + "\r\n ")
    dkim("b-no-padding", "permerror fail", fold=lambda b: b.rstrip("="))
    dkim("b-cut", "permerror fail", fold=lambda b: b[:-8])
    dkim("b-letters-behind", "permerror fail", fold=lambda b: b + "AAAA")
    dkim("b-not-base64", "permerror fail", fold=lambda b: "*" + b[1:])
    dkim("b-empty", "permerror fail", fold=lambda b: "")
    dkim("b-other", "fail", fold=lambda b: ("B" if b[0] == "A" else "A") +
         b[1:])
    simple = {"c": "simple/simple"}
    dkim("b-folds-simple", "pass", simple, fold=step(60, "\r\n "))
    dkim("sig-name-lower-relaxed", "pass", called="dkim-signature")
    dkim("sig-name-upper-simple", "pass", simple, called="DKIM-SIGNATURE")
    dkim("sig-no-blank", "pass", blank="")
    dkim("sig-folded-start", "pass", blank="\r\n\t")
    dkim("sig-refolded-relaxed", "pass",
         after=lambda f, b: ([f[0].replace(b"; ", b";\r\n\t  ")] + f[1:], b))
    dkim("sig-refolded-simple", "fail", simple,
         after=lambda f, b: ([f[0].replace(b"; ", b";\r\n\t", 1)] + f[1:], b))
    dkim("sig-tag-added", "fail",
         after=lambda f, b: ([f[0].replace(b"; ", b"; y=1; ", 1)] + f[1:], b))
    for tag in "v a d s h bh".split():
        dkim("missing-" + tag, "permerror", layout=re.sub(
            r"\b%s=[^;]*; " % tag, "", v, 1) + "b=%(b)s")
    dkim("missing-b", "permerror", layout=v[:-2])
    dkim("missing-c", "pass", {"c": None})
    for v_ in ("2", "1.0", "01", "", "0.5"):
        dkim("v-is-" + (v_ or "empty"), "permerror", {"v": v_})


def value_cases():
    for what, tags, expect in (
            ("c-header-only", {"c": "relaxed"}, "pass"),
            ("c-simple-only", {"c": "simple"}, "pass"),
            ("c-upper", {"c": "Relaxed/SIMPLE"}, "pass permerror"),
            ("c-three", {"c": "relaxed/relaxed/relaxed"}, "permerror"),
            ("c-slash", {"c": "relaxed/"}, "permerror"),
            ("c-unknown", {"c": "relaxed/loose"}, "permerror"),
            ("c-nowsp", {"c": "nowsp"}, "permerror"),
            ("c-empty", {"c": ""}, "permerror"),
            ("a-upper", {"a": "RSA-SHA256"}, "pass permerror"),
            ("a-sha512", {"a": "rsa-sha512"}, "permerror"),
            ("a-empty", {"a": ""}, "permerror"),
            ("a-no-digest", {"a": "rsa"}, "permerror"),
            ("a-other-kind", {"a": "ed25519-sha256"}, "permerror fail"),
            ("q-txt", {"q": "dns/txt"}, "pass"),
            ("q-list", {"q": "http/foo : dns/txt"}, "pass"),
            ("q-old", {"q": "dns"}, "permerror pass"),
            ("q-unknown", {"q": "finger/x"}, "permerror"),
            ("d-upper", {"d": "EXAMPLE.ORG"}, "pass"),
            ("d-final-dot", {"d": "example.org."}, "permerror"),
            ("d-first-dot", {"d": ".example.org"}, "permerror"),
            ("d-two-dots", {"d": "example..org"}, "permerror"),
            ("d-empty", {"d": ""}, "permerror"),
            ("d-blank", {"d": "example .org"}, "permerror"),
            ("d-address", {"d": "anna@example.org"}, "permerror"),
            ("d-long-label", {"d": "x" * 64 + ".org"}, "permerror"),
            ("d-long", {"d": ".".join(["abcdefgh"] * 40)}, "permerror"),
            ("s-empty", {"s": ""}, "permerror"),
            ("s-upper", {"s": "SEL"}, "pass"),
            ("i-domain", {"i": "@example.org"}, "pass"),
            ("i-user", {"i": "anna@example.org"}, "pass"),
            ("i-case", {"i": "anna@EXAMPLE.org"}, "pass"),
            ("i-below", {"i": "a@b.c.example.org"}, "pass"),
            ("i-qp", {"i": "a=3Bb=20c@example.org"}, "pass"),
            ("i-qp-at", {"i": "anna=40example.org"}, "pass permerror"),
            ("i-quoted-at", {"i": "\"a@b\"@example.org"}, "pass"),
            ("i-other", {"i": "anna@example.net"}, "permerror"),
            ("i-suffix", {"i": "anna@badexample.org"}, "permerror"),
            ("i-above", {"i": "anna@org"}, "permerror"),
            ("i-no-at", {"i": "example.org"}, "permerror"),
            ("i-empty", {"i": ""}, "permerror"),
            ("i-bad-qp", {"i": "a=ZZ@example.org"}, "permerror"),
            ("t-past", {"t": "1000000000"}, "pass"),
            ("t-future", {"t": "4000000000"}, "pass neutral policy"),
            ("t-zero", {"t": "0"}, "pass"),
            ("t-letters", {"t": "yesterday"}, "permerror"),
            ("t-negative", {"t": "-5"}, "permerror"),
            ("t-empty", {"t": ""}, "permerror"),
            ("x-later", {"t": "1000000000", "x": "4000000000"}, "pass"),
            ("x-alone", {"x": "4000000000"}, "pass"),
            ("x-past", {"x": "1000000000"}, "policy fail neutral permerror"),
            ("x-past-with-t", {"t": "900000000", "x": "1000000000"},
             "policy fail neutral permerror"),
            ("x-before-t", {"t": "1000000000", "x": "999999999"},
             "permerror policy fail neutral"),
            ("x-is-t", {"t": "4000000000", "x": "4000000000"}, "permerror"),
            ("x-letters", {"x": "soon"}, "permerror"),
            ("x-12-digits", {"x": "999999999999"}, "pass"),
            # RFC 6376 3.5: may be taken for infinite
            ("x-13-digits", {"x": "9999999999999"}, "pass"),
            ("x-40-digits", {"x": "9" * 40}, "pass"),
            ("t-13-digits", {"t": "9" * 13, "x": "4000000000"}, "permerror"),
            ("x-13-letters", {"x": "9" * 13 + "z"}, "permerror"),
            ("bh-empty", {"bh": ""}, "permerror fail"),
            ("bh-not-base64", {"bh": "?" * 44}, "permerror fail"),
            ("bh-short", {"bh": "AAAA"}, "permerror fail"),
            ("bh-other", {"bh": "A" * 43 + "="}, "fail")):
        dkim("value-" + what, expect, tags)
    b = base64.b64encode(hashlib.sha256(canon_body(
        BODY, "relaxed")).digest()).decode()
    dkim("value-bh-folded", "pass", {"bh": b[:9] + "\r\n \t" + b[9:] + " "})
    rec = [record("2048")]
    for what, d, s in (("underscore", "_x.example.org", "sel"),
                       ("hyphens", "a--b.example.org", "sel"),
                       ("a-label", "xn--bcher-kva.example", "sel"),
                       ("digits", "1.2.example.org", "2026"),
                       ("s-dots", "example.org", "a.b.c"),
                       ("s-underscore", "example.org", "_s_1")):
        dkim("value-name-" + what, "pass", {"d": d, "s": s},
             zone={"%s._domainkey.%s" % (s, d): rec})


def key_cases():
    p = "p=" + public("2048")
    good, bad = "pass", "permerror"
    for what, rec, expect in (
            ("p-only", p, good), ("v", "v=DKIM1; " + p, good),
            ("v-no-blank", "v=DKIM1;" + p, good),
            ("final-semicolon", "v=DKIM1; %s;" % p, good),
            ("final-semicolon-blank", "v=DKIM1; %s ; " % p, good),
            ("blanks", " v = DKIM1 ; k = rsa ; p = " + public("2048")[:50] +
             " " + public("2048")[50:], good),
            ("leading-semicolon", ";" + p, bad), ("v-last", p + "; v=DKIM1",
                                                  bad),
            ("v-2", "v=DKIM2; " + p, bad), ("v-lower", "v=dkim1; " + p, bad),
            ("v-empty", "v=; " + p, bad),
            ("k-rsa", "k=rsa; " + p, good),
            ("k-upper", "k=RSA; " + p, "pass permerror"),
            ("k-unknown", "k=dsa; " + p, bad),
            ("k-ed25519", "k=ed25519; " + p, bad),
            ("k-empty", "k=; " + p, "permerror pass"),
            ("h-sha256", "h=sha256; " + p, good),
            ("h-both", "h=sha1 : sha256; " + p, good),
            ("h-unknown-too", "h=md5:sha256; " + p, good),
            ("h-sha1", "h=sha1; " + p, bad), ("h-empty", "h=; " + p, bad),
            ("s-star", "s=*; " + p, good), ("s-email", "s=email; " + p, good),
            ("s-list", "s=tlsrpt:email; " + p, good),
            ("s-other", "s=tlsrpt; " + p, bad),
            ("s-empty", "s=; " + p, "permerror pass"),
            ("t-y", "t=y; " + p, "pass neutral"), ("t-s", "t=s; " + p, good),
            ("t-list", "t=y : s:x; " + p, "pass neutral"),
            ("t-unknown", "t=z; " + p, good),
            ("g-star", "g=*; " + p, good), ("g-other", "g=bert; " + p, good),
            ("g-empty", "g=; " + p, good), ("n", "n=a note=20; " + p, good),
            ("unknown", "zzz=1; " + p, good),
            ("double-p", p + "; " + p, bad),
            ("double-name", "p=" + p, "permerror"),
            ("revoked", "v=DKIM1; p=", bad),
            ("revoked-semicolon", "v=DKIM1; p=;", bad),
            ("p-missing", "v=DKIM1; k=rsa", bad), ("empty", "", bad),
            ("spf", "v=spf1 -all", bad), ("p-not-base64", "p=@@@@", bad),
            ("p-cut", p[:-40], bad), ("p-not-a-key", "p=AAAA", bad),
            ("p-pkcs1", "p=" + public("2048", PKCS1), good),
            ("other", record("2048other"), "fail"),
            ("long-note", "n=%s; %s" % ("x" * 3000, p), good)):
        dkim("key-" + what, expect, rec=[rec])
    dkim("key-wildcard-beside", "pass", rec=["v=spf1 -all", record("2048")])
    dkim("key-revoked-beside", "permerror pass",
         rec=["v=DKIM1; p=", record("2048")])
    dkim("key-several", "permerror pass fail neutral",
         rec=[record("2048other"), record("2048")])
    dkim("key-none", "permerror", zone={})
    dkim("key-strict-below", "permerror", {"i": "a@b.example.org"},
         rec=["t=s; " + p])
    dkim("key-strict-case", "pass", {"i": "a@Example.ORG"},
         rec=["t=y:s; " + p])
    for bits, expect in (("512", "policy permerror fail"),
                         ("1016", "policy permerror fail"),
                         ("1024", "pass"), ("2048e3", "pass"),
                         ("3072", "pass"), ("4096", "pass")):
        dkim("rsa-" + bits, expect, with_key=bits)
    dkim("rsa-sha1", "permerror fail policy", digest="sha1")
    dkim("rsa-sha1-key-allows", "permerror fail policy", digest="sha1",
         rec=["h=sha1; " + p])
    for c in ("simple/simple", "relaxed/relaxed"):
        dkim("ed25519-" + c[:6], "pass", {"c": c}, with_key="ed")
    raw = base64.b64decode(public("ed"))
    long_ = base64.b64encode(raw + b"x").decode()
    short = base64.b64encode(raw[:31]).decode()
    for what, rec in (("spki", "k=ed25519; p=" + public("ed", SPKI)),
                      ("long", "k=ed25519; p=" + long_),
                      ("short", "k=ed25519; p=" + short),
                      ("no-k", "p=" + public("ed"))):
        dkim("ed25519-" + what, "permerror fail", with_key="ed", rec=[rec])
    dkim("ed25519-other", "fail", with_key="ed", rec=[record("ed-other")])
    dkim("ed25519-b-short", "permerror fail", with_key="ed",
         fold=lambda b: b[:40])


def several_cases():
    zone = {"sel._domainkey.example.org": [record("2048")],
            "ed._domainkey.example.org": [record("ed")],
            "rev._domainkey.example.org": ["v=DKIM1; p="]}
    good = signature(FIELDS, BODY)
    ed = signature(FIELDS, BODY, {"s": "ed"}, with_key="ed")
    revoked = signature(FIELDS, BODY, {"s": "rev"})
    bad = good.replace(b"; h=", b"; y=1; h=")
    tail = b"".join(FIELDS) + b"\r\n" + BODY
    add("several-both", "pass", good + ed + tail, zone, per=("pass", "pass"))
    add("several-first-bad", "pass", bad + ed + tail, zone,
        per=("fail", "pass"))
    add("several-last-bad", "pass", ed + bad + tail, zone,
        per=("pass", "fail"))
    add("several-revoked", "pass", revoked + good + tail, zone,
        per=("permerror", "pass"))
    add("several-all-bad", "fail permerror", bad + revoked + tail, zone,
        per=("fail", "permerror"))
    add("several-same", "pass", good * 3 + tail, zone, per=("pass",) * 3)
    add("several-twenty", "pass", bad * 19 + good + tail, zone)
    add("several-bound", "policy fail", bad * 40 + good + tail, zone)


def arc_set(fields, body, i, cv, ams=None, seal=None, aar=None,
            ams_layout=None, seal_key="2048"):
    """The three fields of a set, newest set first in 'fields'."""
    results = aar or b"ARC-Authentication-Results: i=%d; mx.example; arc=none\r\n" % i
    t = {"v": None, "i": str(i), "h": "from:to:subject:date"}
    t.update(ams or {})
    message = signature(fields, body, t, layout=ams_layout,
                        called="ARC-Message-Signature")
    own = [results, message]
    older = [f for f in fields if name_of(f).startswith(b"arc-")]
    chain = []
    for n in range(0, len(older), 3):
        # as arc_set returns them: seal, message, results
        chain = [older[n + 2], older[n + 1], older[n]] + chain
    tags = {"i": str(i), "a": "rsa-sha256", "d": "example.org", "s": "sel",
            "t": "1000000000", "cv": cv}
    tags.update(seal or {})
    text = "ARC-Seal: " + "; ".join(
        "%s=%s" % x for x in tags.items() if x[1] is not None) + "; b="
    data = b"".join(canon_field(f, "relaxed") for f in chain + own)
    data += canon_field(text.encode() + b"\r\n", "relaxed")[:-2]
    b = base64.b64encode(sign_bytes(seal_key, data, "sha256")).decode()
    return [text.encode() + b.encode() + b"\r\n", message, results]


def arc_cases():
    zone = {"sel._domainkey.example.org": [record("2048")]}

    def arc(name, expect, fields, body=BODY, z=None):
        add("arc-" + name, expect, b"".join(fields) + b"\r\n" + body,
            zone if z is None else z, "arc")

    def chain(n, body=BODY, last=None, **how):
        f = list(FIELDS)
        for i in range(1, n + 1):
            more = how if i == (last or n) else {}
            f = arc_set(f, body, i, more.pop("cv", "none" if i == 1 else
                                             "pass"), **more) + f
        return f

    arc("none", "none", FIELDS)
    for n in (1, 2, 3, 10):
        arc("chain-%d" % n, "pass", chain(n))
    two = chain(2)
    arc("body-changed", "fail", two, BODY + b"more\r\n")
    arc("no-key", "fail", two, z={})
    arc("key-revoked", "fail", two, z={k: ["p="] for k in zone})
    one = chain(1)
    arc("second-after-change", "pass",
        arc_set(one, b"footer\r\n", 2, "pass") + one, b"footer\r\n")
    arc("results-changed", "fail",
        [x.replace(b"mx.example", b"my.example") for x in two])
    arc("results-refolded", "pass",
        [x.replace(b"; mx.example", b";\r\n\t mx.example") for x in two])
    for what, i in (("seal", 0), ("message", 1), ("results", 2),
                    ("old-seal", 3), ("old-message", 4), ("old-results", 5)):
        arc("without-" + what, "fail", two[:i] + two[i + 1:])
        arc("double-" + what, "fail", two[:i] + [two[i]] + two[i:])
    arc("without-first-set", "fail", two[:3] + two[6:])
    arc("order-mixed", "pass", two[6:7] + two[5::-1] + two[7:])
    for cv in ("none", "pass", "fail", "", "foo"):
        arc("cv1-" + (cv or "empty"), "pass" if cv == "none" else "fail",
            chain(1, cv=cv))
        arc("cv2-" + (cv or "empty"), "pass" if cv == "pass" else "fail",
            chain(2, cv=cv))
        arc("cv2-then-" + (cv or "empty"), "pass" if cv == "pass" else "fail",
            chain(3, last=2, cv=cv))
    arc("cv-missing", "fail", chain(1, seal={"cv": None}))
    arc("seal-h", "fail", chain(1, seal={"h": "from"}))
    arc("seal-unknown-tag", "pass", chain(1, seal={"zz": "1"}))
    arc("seal-no-t", "pass", chain(1, seal={"t": None}))
    arc("seal-sha1", "fail", chain(1, seal={"a": "rsa-sha1"}))
    arc("seal-no-d", "fail", chain(1, seal={"d": None}))
    arc("seal-no-i", "fail", chain(1, seal={"i": None}))
    arc("seal-other-key", "fail", chain(1, seal_key="2048other"))
    arc("message-v", "pass fail", chain(1, ams={"v": "1"}))
    arc("message-h-seal", "fail", chain(2, ams={
        "h": "from:arc-seal"}))
    arc("message-h-older", "pass", chain(2, ams={
        "h": "from:arc-message-signature:arc-authentication-results"}))
    arc("message-simple", "pass", chain(1, ams={"c": "simple/simple"}))
    arc("message-expired", "fail pass", chain(1, ams={"x": "1000000000"}))
    for what, i in (("zero", "0"), ("51", "51"), ("big", "9" * 30),
                    ("letters", "a"), ("negative", "-1"), ("empty", "")):
        arc("i-" + what, "fail", chain(1, seal={"i": i}, ams={"i": i},
            aar=b"ARC-Authentication-Results: i=%s; x; arc=none\r\n" %
            i.encode()))
    arc("i-from-two", "fail", arc_set(FIELDS, BODY, 2, "none") + FIELDS)
    arc("i-other-in-results", "fail", chain(
        1, aar=b"ARC-Authentication-Results: i=2; x; arc=none\r\n"))
    arc("results-no-i", "fail", chain(
        1, aar=b"ARC-Authentication-Results: x; arc=none\r\n"))
    arc("results-i-late", "fail", chain(
        1, aar=b"ARC-Authentication-Results: x; i=1; arc=none\r\n"))
    arc("results-blanks", "pass", chain(
        1, aar=b"ARC-Authentication-Results:\r\n i = 1 ; x; arc=none\r\n"))
    arc("names-case", "pass", [
        re.sub(rb"^ARC-[A-Za-z-]+", lambda m: m.group().upper(), x)
        for x in two])
    arc("key-512", "fail", chain(1, seal={"s": "small"}, seal_key="512"),
        z=dict(zone, **{"small._domainkey.example.org": [record("512")]}))


def write(path):
    with open(path, "wb") as f:
        for name, expect, message, zone, kind, per in cases:
            f.write(("case %s\nkind %s\nexpect %s\n" % (
                name, kind, expect)).encode())
            for word in per:
                f.write(("signature %s\n" % word).encode())
            for owner in sorted(zone):
                for text in zone[owner]:
                    text = text.encode()
                    f.write(b"text %s %d\n%s\n" % (
                        owner.encode(), len(text) + (max(len(text), 1) - 1) //
                        255, b"\n".join(text[i:i + 255] for i in range(
                            0, max(len(text), 1), 255))))
            f.write(b"message %d\n%s\n" % (len(message), message))


def main():
    for fill in (body_cases, length_cases, header_cases, tag_cases,
                 value_cases, key_cases, several_cases, arc_cases):
        fill()
    write(sys.argv[1])
    print("%d signatures, %d chains" % tuple(
        sum(c[4] == k for c in cases) for k in ("dkim", "arc")))


main()
