"""Bounds of time in tests, and the border of days."""
import time

DAY, APART = 86400, 90


def one_day():
    """Not beside midnight (TZ is UTC): what is a minute old, and what comes in
    the next one, is of today. Waits for it where it must, three minutes at
    most."""
    at = time.time() % DAY
    if at < APART or at > DAY - APART:
        time.sleep((APART - at) % DAY)


def in_time(what, limit, tries=3):
    """The first result of what() whose last part, the time it took, is below the
    limit; else the last result. A machine that others use too may hold up
    anything once; what the program holds up is late each time."""
    for _ in range(tries):
        got = what()
        if got[-1] < limit:
            break
    return got
