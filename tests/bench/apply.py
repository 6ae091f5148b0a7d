#!/usr/bin/env python3
"""Planning and applying the whole mail configuration, beside Perl.

usage: tests/bench/apply.py [RUNS]

Process start to end of 'plan' with one change that waits, of 'apply' of that
change, and of 'apply' where every generated file has to be written anew
(goals: 50 ms each, no fragment with Perl). The peer is a stand-in for the
reference, which expands the files of an event in one Perl process: Text::
Template fills in a fragment for every four lines of each generated file and
the file is written as the reference writes it, without a sync. Medians of RUNS
(15), programs in turn; the folder is in memory, so that no disk is measured.
"""
import os
import re
import shutil
import statistics
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get('SMEMAIL', os.path.join(TOP, 'build', 'smemail'))
GOAL_MS = 50
APART = ('/home/e-smith/db', '/etc/e-smith', '/var/log', '/var/lib', '/var/lock')
PEER = r'''
use strict; use warnings; use Text::Template;
my ($list, $root) = @ARGV;
open my $in, '<', $list or die $!;
while (my $path = <$in>) {
    chomp $path;
    open my $f, '<', $path or die $!;
    my @lines = <$f>;
    my $text = '';
    while (my @part = splice @lines, 0, 4) {
        my $source = join '', @part;
        $source =~ s/([\\{}])/\\$1/g;
        my $t = Text::Template->new(TYPE => 'STRING', SOURCE => "{ \$OUT = '' }$source") or die;
        $text .= $t->fill_in(HASH => { DomainName => 'example.org' });
    }
    open my $o, '>', "$path.$$" or die $!;
    print $o $text;
    close $o or die $!;
    rename "$path.$$", $path or die $!;
}
'''


def run(*argv):
    """Milliseconds from start to end, and those of them on a processor."""
    null = os.open(os.devnull, os.O_RDWR)
    began = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)])
    _, status, used = os.wait4(pid, 0)
    took = time.perf_counter() - began
    os.close(null)
    if status:
        raise SystemExit('apply.py: %s ended with status %d' % (' '.join(argv[:5]), status))
    return took * 1000, (used.ru_utime + used.ru_stime) * 1000


def generated(root):
    """The files that apply makes: those that init left, less what is not."""
    with_heading = []
    for folder, _, names in os.walk(root):
        if folder[len(root):].startswith(APART):
            continue
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with_heading.append(path)
    return with_heading


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    memory = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    base = tempfile.mkdtemp(prefix='bench.', dir=memory)
    os.environ['TMPDIR'] = base
    root, peer = os.path.join(base, 'r'), os.path.join(base, 'p')
    try:
        smemail = [SMEMAIL, '--root', root]
        run(*smemail, 'init', '--domain', 'example.org')
        shutil.copytree(root, peer, symlinks=True)
        paths = generated(peer)
        listed = os.path.join(base, 'list')
        with open(listed, 'w', encoding='utf-8') as f:
            f.writelines(p + '\n' for p in paths)
        texts = [p.replace(peer, root) for p in generated(peer)
                 if re.search(r'/(config|control|alias)/|^/etc/', p[len(peer):])]
        times = {name: [] for name in ('plan', 'apply of one change', 'apply of every file',
                                       'perl stand-in')}
        for i in range(runs + 2):
            run(*smemail, 'set', 'spam.sensitivity', 'high' if i % 2 else 'low')
            took = {'plan': run(*smemail, 'plan'),
                    'apply of one change': run(*smemail, 'apply')}
            for path in texts:
                os.unlink(path)
            took['apply of every file'] = run(*smemail, 'apply')
            took['perl stand-in'] = run('perl', '-e', PEER, listed, peer)
            for name, ms in took.items():
                if i >= 2:  # the first ones warm up
                    times[name].append(ms)
        middle = {n: [statistics.median(v) for v in zip(*t)] for n, t in times.items()}
        print('%d files, %d of them written anew' % (len(paths), len(texts)))
        for name, (wall, cpu) in middle.items():
            print('%-20s median %6.1f ms, %6.1f ms on a processor   least %6.1f ms'
                  % (name, wall, cpu, min(t[0] for t in times[name])))
        worst = max(middle[n][1] for n in middle if n != 'perl stand-in')
        print('every file: %.1f times the stand-in; the slowest %.1f ms on a processor (goal %d)'
              % (middle['perl stand-in'][1] / middle['apply of every file'][1], worst, GOAL_MS))
    finally:
        shutil.rmtree(base)


main()
