#!/usr/bin/env python3
"""Play scripted SMTP conversations (see tests/data/smtp/README.md) against a server.

  smtpconv.py list      CASE...                     names and titles
  smtpconv.py mkconfig  CASE DIR [--maildir D] [--cert F] [--key F]
  smtpconv.py play      CASE --port N [--host 127.0.0.1] [--maildir D]
                        [--record [LABEL]] [--no-check] [-v]

`play` exits 0 when every expectation held, 1 when one did not, 2 on a broken
case file.  Only the Python 3 standard library is used.
"""
import argparse, os, re, socket, ssl, sys, time

READ_TIMEOUT = 25.0


class CaseError(Exception):
    pass


def unescape(s):
    out = bytearray()
    i = 0
    b = s.encode('utf-8')
    while i < len(b):
        c = b[i:i + 1]
        if c == b'\\' and i + 1 < len(b):
            n = b[i + 1:i + 2]
            if n == b'r': out += b'\r'; i += 2; continue
            if n == b'n': out += b'\n'; i += 2; continue
            if n == b't': out += b'\t'; i += 2; continue
            if n == b'0': out += b'\0'; i += 2; continue
            if n == b'\\': out += b'\\'; i += 2; continue
            if n == b'x':
                out += bytes([int(b[i + 2:i + 4], 16)]); i += 4; continue
            m = re.match(rb'\\\{(.*?)\*(\d+)\}', b[i:])
            if m:                                   # \{TEXT*COUNT}
                out += unescape(m.group(1).decode()) * int(m.group(2))
                i += m.end(); continue
        out += c
        i += 1
    return bytes(out)


def escape(b):
    out = []
    for c in b:
        if c == 13: out.append('\\r')
        elif c == 10: out.append('\\n')
        elif c == 9: out.append('\\t')
        elif c == 92: out.append('\\\\')
        elif 32 <= c < 127: out.append(chr(c))
        else: out.append('\\x%02x' % c)
    return ''.join(out)


class Case:
    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.title = ''
        self.rules = []
        self.source = '127.0.0.1'
        self.override = ''
        self.files = {}
        self.steps = []          # (lineno, op, arg)
        self.lines = open(path, encoding='utf-8').read().split('\n')
        self.parse()

    def parse(self):
        cur = None
        talk = False
        for no, line in enumerate(self.lines, 1):
            if cur is not None:
                if line == 'end':
                    cur = None
                elif line.startswith('|'):
                    self.files[cur].append(line[1:].lstrip(' ') if not line.startswith('|\\') else unescape(line[1:]).decode())
                else:
                    raise CaseError('%s:%d: want | or end' % (self.path, no))
                continue
            if not line.strip() or line.startswith('#') or line.startswith('='):
                continue
            word, _, rest = line.partition(' ')
            if not talk:
                if word == 'title': self.title = rest
                elif word == 'rules': self.rules = rest.split()
                elif word == 'source': self.source = rest.strip()
                elif word == 'override': self.override = rest
                elif word == 'file':
                    cur = rest.strip()
                    self.files[cur] = []
                elif word == 'talk': talk = True
                else: raise CaseError('%s:%d: unknown %r' % (self.path, no, word))
                continue
            if word in ('>', '>>', '<', 'closed', 'wait', 'starttls', 'connect',
                        'queued', 'queued-has', 'queued-lacks', 'drop', 'tls', 'open'):
                if word == '<':
                    want_parts(rest)
                self.steps.append((no, word, rest))
            else:
                raise CaseError('%s:%d: unknown step %r' % (self.path, no, word))
        if not talk:
            raise CaseError('%s: no talk' % self.path)


def mkconfig(case, d, subst):
    os.makedirs(d, exist_ok=True)
    for name, lines in case.files.items():
        p = os.path.join(d, name)
        os.makedirs(os.path.dirname(p), exist_ok=True)
        text = '\n'.join(lines) + ('\n' if lines else '')
        for k, v in subst.items():
            text = text.replace('@' + k + '@', v)
        with open(p, 'w', encoding='utf-8') as f:
            f.write(text)


class Peer:
    def __init__(self, host, port, source):
        self.s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.s.settimeout(READ_TIMEOUT)
        self.s.bind((source, 0))
        self.s.connect((host, port))
        self.buf = b''

    def send(self, data):
        try:
            self.s.sendall(data)
        except OSError:
            pass

    def starttls(self):
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        self.s = ctx.wrap_socket(self.s)

    def line(self):
        while b'\n' not in self.buf:
            try:
                d = self.s.recv(65536)
            except socket.timeout:
                return 'timeout'
            except OSError:
                return None
            if not d:
                return None
            self.buf += d
        l, self.buf = self.buf.split(b'\n', 1)
        return l + b'\n'

    def reply(self):
        lines = []
        while True:
            l = self.line()
            if l is None:
                return lines or None
            if l == 'timeout':
                return lines or 'timeout'
            lines.append(l.rstrip(b'\r\n').decode('latin-1'))
            if len(l) < 4 or l[3:4] != b'-':
                return lines

    def closed(self):
        r = self.reply()
        return r

    def close(self):
        try: self.s.close()
        except OSError: pass


def maildir_messages(d):
    out = []
    for root, dirs, files in os.walk(d or '/nonexistent'):
        if os.path.basename(root) == 'new':
            for f in sorted(files):
                out.append(open(os.path.join(root, f), 'rb').read())
    return out


def want_parts(rest):
    m = re.match(r'([0-9?]{3}(?:\|[0-9?]{3})*)(?:\s+(.*))?$', rest)
    if not m:
        raise CaseError('bad expectation: ' + rest)
    code, tail = m.groups()
    has = re.findall(r'(!?)"((?:[^"\\]|\\.)*)"', tail or '')
    return code, [(n == '!', t.replace('\\"', '"')) for n, t in has]


def play(case, host, port, maildir, check=True, verbose=False):
    seen = {}
    bad = []
    peer = Peer(host, port, case.source)
    for no, op, arg in case.steps:
        if verbose:
            print('%4d %s %s' % (no, op, arg[:100]))
        if op == '>':
            peer.send(unescape(arg) + b'\r\n')
        elif op == '>>':
            peer.send(unescape(arg))
        elif op == 'wait':
            time.sleep(float(arg))
        elif op == 'drop':
            peer.close()
        elif op == 'connect':
            peer.close()
            peer = Peer(host, port, arg.strip() or case.source)
        elif op in ('starttls', 'tls'):
            try:
                peer.starttls()
                seen[no] = ['tls ok']
            except (OSError, ssl.SSLError) as e:
                seen[no] = ['tls failed']
                bad.append('line %d: TLS handshake failed (%s)' % (no, e))
        elif op == '<':
            code, has = want_parts(arg)
            r = peer.reply()
            if r is None:
                seen[no] = ['(closed)']; bad.append('line %d: closed instead of %s' % (no, code)); continue
            if r == 'timeout':
                seen[no] = ['(no reply)']; bad.append('line %d: no reply, wanted %s' % (no, code)); continue
            seen[no] = r
            got = r[-1][:3]
            if not re.fullmatch(code.replace('?', r'\d'), got):
                bad.append('line %d: got %s, wanted %s' % (no, got, code))
            text = '\n'.join(r).lower()
            for neg, t in has:
                if (t.lower() in text) == neg:
                    bad.append('line %d: text %s %r in %r' % (no, 'has' if neg else 'lacks', t, r))
        elif op == 'closed':
            r = peer.reply()
            if r is None:
                seen[no] = ['(closed)']
            else:
                seen[no] = ['(open)'] if r == 'timeout' else r
                bad.append('line %d: not closed' % no)
        elif op == 'open':
            peer.s.settimeout(float(arg or 1.5))
            r = peer.reply()
            peer.s.settimeout(READ_TIMEOUT)
            if r == 'timeout':
                seen[no] = ['(open)']
            else:
                seen[no] = ['(closed)'] if r is None else r
                bad.append('line %d: wanted silence' % no)
        elif op.startswith('queued'):
            time.sleep(0.3)
            msgs = maildir_messages(maildir)
            if op == 'queued':
                seen[no] = ['%d queued' % len(msgs)]
                if len(msgs) != int(arg):
                    bad.append('line %d: %d messages queued, wanted %s' % (no, len(msgs), arg))
            else:
                n, _, t = arg.partition(' ')
                t = unescape(t)
                if int(n) > len(msgs):
                    seen[no] = ['no such message']
                    bad.append('line %d: no message %s' % (no, n)); continue
                hit = t in msgs[int(n) - 1]
                seen[no] = ['present' if hit else 'absent']
                if hit != (op == 'queued-has'):
                    bad.append('line %d: %s %r' % (no, 'lacks' if not hit else 'has', t))
    peer.close()
    return seen, (bad if check else [])


def record(case, seen, label):
    mark = '=' + (label or '') + ' '
    out = []
    for no, line in enumerate(case.lines, 1):
        if re.match(r'=%s ' % re.escape(label or ''), line):
            continue
        out.append(line)
        if no in seen:
            for l in seen[no]:
                l = re.sub(r'\d{9,}', 'NNN', l)
                out.append(mark + escape(l.encode('latin-1')))
    with open(case.path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = ap.add_subparsers(dest='cmd', required=True)
    p = sub.add_parser('list'); p.add_argument('case', nargs='+')
    p = sub.add_parser('mkconfig'); p.add_argument('case'); p.add_argument('dir')
    p.add_argument('--maildir', default='maildir'); p.add_argument('--cert', default=''); p.add_argument('--key', default='')
    p = sub.add_parser('play'); p.add_argument('case'); p.add_argument('--host', default='127.0.0.1')
    p.add_argument('--port', type=int, required=True); p.add_argument('--maildir', default='')
    p.add_argument('--record', nargs='?', const='', default=None); p.add_argument('--no-check', action='store_true')
    p.add_argument('-v', action='store_true')
    a = ap.parse_args()
    try:
        if a.cmd == 'list':
            for c in a.case:
                c = Case(c)
                print('%-28s %s%s' % (c.name, '[override] ' if c.override else '', c.title))
        elif a.cmd == 'mkconfig':
            mkconfig(Case(a.case), a.dir, {'MAILDIR': a.maildir, 'CERT': a.cert, 'KEY': a.key})
        else:
            c = Case(a.case)
            seen, bad = play(c, a.host, a.port, a.maildir, not a.no_check, a.v)
            if a.record is not None:
                record(c, seen, a.record)
            for b in bad:
                print('%s: %s' % (c.name, b))
            sys.exit(1 if bad else 0)
    except CaseError as e:
        print(e, file=sys.stderr)
        sys.exit(2)


if __name__ == '__main__':
    main()
