#!/usr/bin/env python3
"""The published SPF cases against the program and a real name server, and
libspf2 beside it: it may differ, but it must never bring the check down."""
import lib_zone

WANTED = {"rfc7208": 127, "rfc4408": 123, "own": 489}


def scenarios(suite):
    name, zone, tests = None, {}, []
    for row in lib_zone.table("spf/%s.tsv" % suite):
        if row[0] == "scenario":
            if name:
                yield name, zone, tests
            name, zone, tests = row[1], {}, []
        elif row[0] == "rr":
            entry = zone.setdefault(lib_zone.undo(row[1]), {})
            value = lib_zone.undo(row[3])
            if row[2] == "MX":
                number, host = value.split(" ", 1)
                value = [int(number), host]
            elif "\n" in value:
                value = value.split("\n")
            entry.setdefault(row[2], []).append(value)
        elif row[0] == "fail":
            zone.setdefault(lib_zone.undo(row[1]), {}).setdefault(
                "_timeout", []).append(row[2])
        else:
            tests.append(row[1:])
    yield name, zone, tests


def main():
    points = lib_zone.Points()
    for suite, wanted in WANTED.items():
        passed, differ, untested, total = 0, 0, 0, 0
        wrong = []
        for _, zone, tests in scenarios(suite):
            with lib_zone.Zone(zone, "--timeout-as", "servfail") as z:
                for name, ip, helo, sender, results, said in tests:
                    _, got = z.json(
                        "spf", "check", "--engine", "both", "--ip", ip,
                        "--helo", lib_zone.undo(helo),
                        "--sender", lib_zone.undo(sender))
                    explanation = got["explanation"] or ""
                    right = got["result"] in results.split(",") and (
                        said in ("", explanation) or
                        (said == "DEFAULT" and explanation == ""))
                    total += 1
                    passed += right
                    if not right:
                        wrong.append((name, got["result"], results))
                    second = got["libspf2"]
                    untested += second["result"] is None
                    differ += second["agrees"] is False
        points.ok(passed == total == wanted,
                  "%s: %d of %d cases" % (suite, passed, total), wrong)
        print("# libspf2 says otherwise in %d, gives up in %d"
              % (differ, untested))
        points.ok(differ > 0, "%s: what libspf2 says otherwise is told"
                  % suite)
    points.end()


main()
