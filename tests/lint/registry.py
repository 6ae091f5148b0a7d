#!/usr/bin/env python3
"""Commands and settings: help, manual and completion agree with the records."""
import re
import sys

sys.dont_write_bytecode = True
import lib  # noqa: E402

SUMMARY_MAX = 76

# Commands that change something and have no --dry-run: they take the words of
# the server's own tools, and scripts rely on their being the same.
AS_REFERENCE = {"db", "config", "expand-template", "signal-event",
                "init-databases"}


def read_registry():
    items = {"command": [], "arg": [], "option": [], "setting": [],
             "effect": []}
    for line in lib.output(lib.SMEMAIL, "__dump", "registry").splitlines():
        kind, *fields = line.split("\t")
        items[kind].append(fields)
    return items


def manual(page):
    """The page as plain words, hyphens and blanks made equal."""
    with open(lib.BUILD + "/man/" + page, encoding="utf-8") as f:
        text = f.read()
    return re.sub(r"\s+", " ", text.replace("\\-", "-").replace("\\&", "")
                  .replace("\\e", "\\"))


def offered(*words):
    lines = lib.output(lib.SMEMAIL, "__complete", "--", *words).splitlines()
    return {line.split("\t")[0] for line in lines if not line.startswith(":")}


def commands(items):
    texts, helps, completions, pages = [], [], [], []
    page = manual("smemail.8")
    surprises = []
    for words, state, effect, summary, text in items["command"]:
        if not summary or not text:
            texts.append("%s: no summary or text" % words)
        if summary[:1].isupper() and not summary.split()[0].isupper():
            texts.append("%s: the summary begins with a capital" % words)
        if summary.endswith(".") or len(summary) > SUMMARY_MAX:
            texts.append("%s: the summary has a stop or is long" % words)
        shown = lib.output(lib.SMEMAIL, "help", *words.split())
        options = [o[1] for o in items["option"] if o[0] == words]
        wanted = effect == "changes" and words not in AS_REFERENCE
        if wanted and "dry-run" not in options:
            surprises.append(words)
        for option in options:
            if "--" + option not in shown:
                helps.append("%s: help lacks --%s" % (words, option))
        if "smemail " + words not in shown:
            helps.append("%s: no help" % words)
        if state == "hidden":
            continue
        *front, last = words.split()
        if last not in offered(*front, last):
            completions.append("%s: not offered" % words)
        missing = {"--" + o for o in options} - offered(*words.split(), "--")
        for option in missing:
            completions.append("%s: %s not offered" % (words, option))
        if ".It Ic " + words + " " not in page:
            pages.append("%s: not in smemail(8)" % words)
        for option in options:
            if "Fl -" + option not in page:
                pages.append("%s: --%s not in smemail(8)" % (words, option))
    lib.point("each command has a summary and a text in the house form", texts)
    lib.point("each command that changes something has --dry-run", surprises)
    lib.point("each command and option is in the help", helps)
    lib.point("each command and option is completed", completions)
    lib.point("each command and option is in the manual", pages)


def settings(items):
    page = manual("smemail-settings.5")
    pages, texts, completions = [], [], []
    known = set()
    for prefix in {s[0].split(".")[0] + "." for s in items["setting"]}:
        known |= offered("describe", prefix)
    for ident, english, french in items["setting"]:
        if ".It Cm " + ident + " " not in page:
            pages.append(ident)
        if not english or not french or english == french:
            texts.append(ident)
    lib.point("each setting is in the manual", pages)
    table = page[page.index(".Sh EFFECTS"):]
    lib.point("each setting is in the manual's table of effects",
              [ident for ident, *_ in items["effect"]
               if ".It Cm " + ident + " " not in table])
    lib.point("each setting is explained in both languages", texts)
    unknown = known - {s[0] for s in items["setting"]}
    lib.point("completion offers settings", completions + sorted(unknown)
              if known else ["none offered"])


def main():
    items = read_registry()
    lib.point("the registry is printed",
              [] if items["command"] and items["setting"] else ["empty"])
    commands(items)
    settings(items)
    lib.done()


main()
