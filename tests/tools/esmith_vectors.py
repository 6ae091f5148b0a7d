#!/usr/bin/env python3
"""Runs the e-smith vectors (format: tests/data/esmith/README.md), TAP output.

SMEMAIL names the program. Names or rules (ES-49) as arguments pick cases.
"""
import argparse
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENV = {'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
       'LC_ALL': 'C', 'TZ': 'UTC', 'HOME': '/root'}
ESCAPES = {b'n': b'\n', b't': b'\t', b'r': b'\r', b'\\': b'\\', b'e': b''}
# what the sanitizers need is passed on
ENV.update({k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')})


def unescape(text):
    def one(m):
        code = m.group(1)
        return bytes([int(code[1:], 16)]) if len(code) == 3 else ESCAPES.get(code, code)
    return re.sub(rb'\\(x[0-9A-Fa-f]{2}|.)', one, text, flags=re.S)


class Case:
    def __init__(self, group, row):
        self.name, self.label = row['case'], group + '/' + row['case']
        self.files = {k: v.encode('latin-1') for k, v in row['files'].items()}
        self.executable = set(row.get('executable', []))
        self.meta = dict(re.findall(r'^(\w+): *(.*)$', self.text('meta'), re.M))

    def get(self, name):
        return self.files.get(name, b'')

    def text(self, name):
        return self.get(name).decode('utf-8', 'surrogateescape')

    def lines(self, name):
        data = self.get(name)
        if not data:
            return []
        return (data[:-1] if data.endswith(b'\n') else data).split(b'\n')

    def below(self, folder):
        return {k[len(folder):]: v for k, v in self.files.items() if k.startswith(folder)}

    def matches(self, wanted):
        return not wanted or any(w in self.label or w in self.meta.get('rules', '').split() for w in wanted)


class Log(threading.Thread):
    """Listens on the root's /dev/log; an own empty datagram ends it."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.got = path, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        self.start()

    def run(self):
        while True:
            line = self.socket.recv(65536)
            if not line:
                return
            self.got.append(line)

    def finish(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(b'', self.path)
        self.join()
        self.socket.close()
        return self.got


def normal_log(line):
    m = re.match(rb'^<(\d+)>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?(?:[^\[\] ]*\[\d+\]: )?(.*)$', line, re.S)
    priority, text = m.groups() if m else (b'?', line)
    text = re.sub(rb'\|Start\|\d+ \d+\|End\|\d+ \d+\|Elapsed\|[\d.e-]+',
                  b'|Start|@T@|End|@T@|Elapsed|@T@', text.rstrip(b'\0'))
    text = re.sub(rb' at /\S+ line \d+\.?', b' @AT@', text)
    text = re.sub(rb'\.\d{2,}(?= |:|$)', b'.@PID@', text)
    return priority + b' ' + text.rstrip(b'\n').replace(b'\\', b'\\\\').replace(b'\n', b'\\n') + b'\n'


def normal_file(data):
    if not data.startswith(b'# DO NOT MODIFY'):
        return data
    return re.sub(rb'^# updated: .*$', b'# updated: @UPDATED@', data, count=1, flags=re.M)


def walk(root):
    found = {}
    for folder, dirs, files in os.walk(os.fsencode(root)):
        if folder == os.fsencode(root):
            dirs[:] = [d for d in dirs if d != b'dev']
        links = [d for d in dirs if os.path.islink(os.path.join(folder, d))]
        for name in files + links:
            path = os.path.join(folder, name)
            st, key = os.lstat(path), os.path.relpath(path, os.fsencode(root))
            if stat.S_ISLNK(st.st_mode):
                found[key] = ('l', '-', '-', os.readlink(path))
            elif stat.S_ISFIFO(st.st_mode):
                found[key] = ('p', '%04o' % stat.S_IMODE(st.st_mode), '-', b'')
            elif stat.S_ISREG(st.st_mode):
                with open(path, 'rb') as f:
                    found[key] = ('f', '%04o' % stat.S_IMODE(st.st_mode),
                                  '%d:%d' % (st.st_uid, st.st_gid), normal_file(f.read()))
    return found


def lay(case, root):
    """Fills the root; returns the FIFOs, opened for reading."""
    fifos = {}
    for name, data in case.below('before/').items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        with open(path, 'wb') as f:
            f.write(data)
        os.chmod(path, 0o755 if 'before/' + name in case.executable else 0o644)
    for line in case.lines('setup'):
        words = line.decode().split(' ')
        path = os.path.join(root, words[-1].lstrip('/'))
        if words[0] in ('dir', 'symlink', 'fifo'):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        if words[0] == 'mode':
            os.chmod(path, int(words[1], 8))
        elif words[0] == 'owner':
            if os.geteuid() == 0:
                mode = stat.S_IMODE(os.stat(path).st_mode)
                os.chown(path, *(int(n) for n in words[1].split(':')))
                os.chmod(path, mode)
        elif words[0] == 'dir':
            os.makedirs(path, exist_ok=True)
        elif words[0] == 'symlink':
            os.symlink(words[1], path)
        elif words[0] == 'fifo':
            os.mkfifo(path, 0o600)
            fifos[words[-1]] = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        elif words[0] != 'nolog':
            raise SystemExit('bad setup line %r in %s' % (line, case.name))
    return fifos


def fifos_read(fifos):
    out = b''
    for name, fd in sorted(fifos.items()):
        try:
            data = os.read(fd, 4096)
        except BlockingIOError:
            data = b''
        os.close(fd)
        out += name.encode() + b' ' + data + b'\n'
    return out


def run_program(case, program, root, by_env):
    env = {os.fsencode(k): os.fsencode(v) for k, v in ENV.items()}
    for line in case.lines('env'):
        key, _, value = line.partition(b'=')
        env[key] = value
    argv = [os.fsencode(program)]
    if by_env:
        env[b'SMEMAIL_ROOT'] = os.fsencode(root)
    else:
        argv += [b'--root', os.fsencode(root)]
    argv += [unescape(a) for a in case.lines('cmd')]
    try:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=env, cwd='/', timeout=60, umask=0o022)
    except subprocess.TimeoutExpired:
        return -999, b'', b'timeout'
    return p.returncode, p.stdout, p.stderr


def tree(before, after):
    """Lines of after.list, and the contents that changed."""
    listed, contents = [], {}
    for key in sorted(after):
        if key.endswith(b'.lock') or (key not in before and re.search(rb'\.\d{2,}$', key)):
            continue
        kind, mode, owner, data = after[key]
        state = 'new' if key not in before else 'same' if before[key] == after[key] else 'changed'
        line = ('%s %s %s %s ' % (kind, mode, owner, state)).encode() + key
        listed.append(line + (b' -> ' + data if kind == 'l' else b''))
        if kind == 'f' and state != 'same':
            contents[key.decode('latin-1')] = data
    return listed, contents


def execute(case, program, by_env):
    root = tempfile.mkdtemp(prefix='esmith-vector-')
    os.chmod(root, 0o755)
    try:
        fifos = lay(case, root)
        before = walk(root)
        os.makedirs(os.path.join(root, 'dev'), exist_ok=True)
        quiet = b'nolog' in case.lines('setup')
        log = None if quiet else Log(os.path.join(root, 'dev', 'log'))
        status, out, err = run_program(case, program, root, by_env)
        pipes = fifos_read(fifos)
        lines = log.finish() if log else []
        listed, contents = tree(before, walk(root))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return {'exit': str(status).encode(), 'stdout': out, 'stderr': err, 'fifos': pipes,
            'syslog': b''.join(normal_log(x) for x in lines), 'tree': listed, 'files': contents}


def needs_root(case):
    """What the program says depends on an owner that only root can set."""
    return (any(x.startswith(b'owner ') for x in case.lines('setup'))
            and case.meta.get('stderr') == 'error')


def without_owner(lines):
    return [b' '.join(x.split(b' ')[:2] + x.split(b' ')[3:]) for x in lines]


def compare(case, got):
    """ASPECT -> explanation for everything that is not as expected."""
    bad = {}

    def expect(aspect, want, have):
        if want != have:
            bad[aspect] = 'want %r got %r' % (want, have)
    want_exit = case.get('exit').strip()
    if case.meta.get('exit') != 'nonzero':
        expect('exit', want_exit, got['exit'])
    elif got['exit'] == b'0':
        bad['exit'] = 'want any failure, got 0'
    expect('stdout', case.get('stdout'), got['stdout'])
    kind = case.meta.get('stderr', 'error' if case.get('stderr') else 'none')
    if kind == 'none' and got['stderr']:
        bad['stderr'] = 'should be empty: %r' % got['stderr']
    elif kind == 'error' and not got['stderr']:
        bad['stderr'] = 'should not be empty'
    if case.meta.get('syslog') != 'ignore':
        expect('syslog', case.get('syslog'), got['syslog'])
    expect('fifos', case.get('fifos'), got['fifos'])
    want, have = case.lines('after.list'), got['tree']
    if os.geteuid() != 0:
        want, have = without_owner(want), without_owner(have)
    expect('tree', want, have)
    expect('files', case.below('after/'), got['files'])
    return bad


def declared(path):
    """CASE -> (set of aspects, reason) from a .differences file."""
    table = {}
    if os.path.exists(path):
        with open(path, encoding='utf-8') as f:
            for line in f:
                if line.strip() and not line.startswith('#'):
                    name, aspects, why = (x.strip() for x in line.split('|', 2))
                    table[name] = (set(aspects.split()), why)
    return table


def judge(got, bad, difference):
    """Explanations that remain when a declared difference is allowed for."""
    if difference is None:
        return bad
    rest = dict(bad)
    for aspect in difference[0]:
        name, _, value = aspect.partition('=')
        if name not in bad:
            rest[name] = 'declared to differ, but does not'
        elif not value or got[name] == value.encode():
            del rest[name]
    return rest


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('--data', default=os.path.join(TOP, 'tests', 'data', 'esmith'))
    ap.add_argument('--group', required=True)
    ap.add_argument('--root-env', action='store_true', help='name the root in SMEMAIL_ROOT')
    ap.add_argument('--max-level', type=int, default=99)
    ap.add_argument('only', nargs='*')
    o = ap.parse_args()
    program = os.environ.get('SMEMAIL') or os.path.join(TOP, 'build', 'smemail')
    differences = declared(os.path.join(o.data, o.group + '.differences'))
    with open(os.path.join(o.data, o.group + '.jsonl'), encoding='ascii') as f:
        cases = [Case(o.group, json.loads(line)) for line in f]
    cases = [c for c in cases if c.matches(o.only) and int(c.meta.get('level', 0)) <= o.max_level]
    failed = 0
    for number, case in enumerate(cases, 1):
        if needs_root(case) and os.geteuid() != 0:
            print('ok %d - %s # SKIP needs root to give files away' % (number, case.label))
            continue
        got = execute(case, os.path.abspath(program), o.root_env)
        difference = differences.get(case.name)
        bad = judge(got, compare(case, got), difference)
        failed += bool(bad)
        note = ' (differs: %s)' % difference[1] if difference and not bad else ''
        print('%s %d - %s [%s %s]%s' % ('not ok' if bad else 'ok', number, case.label,
              case.meta.get('class', 'core'), case.meta.get('rules', ''), note))
        for aspect, text in sorted(bad.items()):
            print('#   %s: %s' % (aspect, text))
        if 'exit' in bad:
            print('#   its stderr: %r' % got['stderr'][:300])
        sys.stdout.flush()
    print('1..%d' % len(cases))
    sys.exit(1 if failed else 0)


main()
