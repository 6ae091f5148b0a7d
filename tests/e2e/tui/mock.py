"""The settings of the mock-ups, as far as this release stores them."""
SETTINGS = (
    "delivery.smarthost=smtp.isp.test:587",
    "delivery.smarthost-user=example-com",
    "spam.filter=enabled",
    "spam.sensitivity=custom",
    "spam.tag-level=4",
    "spam.reject-level=12",
    "rbl.dns=enabled",
    "rbl.dns-zones=zen.spamhaus.org",
    "system.domain-name=example.com",
    # as another tool leaves it: set wants a password with it
    "db configuration setprop smtp-auth-proxy status enabled",
)


def open_form(s):
    """Areas Delivery, Filtering/Spam, RBL marked, opened, only what is set."""
    s.wait("Dashboard")
    s.keys("2")
    s.wait("area 1 of 16")
    s.keys("Down", "Down", "Space", "Down", "Space", "Down", "Down", "Space")
    s.wait("Marked: Delivery, Filtering/Spam, RBL")
    s.keys("Enter")
    s.wait("setting 1 of")
    set_only(s)


def set_only(s):
    s.keys("&")
    s.wait("^ &")
    s.type("set")
    s.wait("^ &set")
    s.keys("Enter")
    s.wait("& set, draft or marked")


def go(s, name, down=True):
    """The cursor to a setting."""
    for _ in range(300):
        if s.wait(lambda lines: True) and any(
                x.startswith(">") and x[3:].split(" ")[0] == name
                for x in s.lines()):
            return
        before = s.lines()
        s.keys("Down" if down else "Up")
        s.wait(lambda lines: lines != before)


def edit(s, text):
    """Open the row's editor, replace the text, accept it."""
    s.keys("Enter")
    s.wait(r"^>.*\[")
    s.keys("C-u")
    s.type(text)
    s.wait(lambda lines: any(x.startswith(">") and "[" + text in x
                             for x in lines))
    s.keys("Enter")
    s.wait(r"Enter edit")
