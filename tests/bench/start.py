#!/usr/bin/env python3
"""Process start to end of one question to the store, beside Perl.

usage: tests/bench/start.py [RUNS]

The peer is a stand-in for the reference: Perl with the core modules that the
reference's db loads, reading the same file and printing the same property
(the reference itself took 18 ms on the machine where it was measured; goal:
6 times faster, in at most 5 MB). Medians of RUNS (200) after a warm-up,
programs in turn.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SMEMAIL = os.environ.get('SMEMAIL', os.path.join(TOP, 'build', 'smemail'))
GOAL = 6
GOAL_MB = 5
PEER = r'''
use strict; use warnings; use Carp; use Sys::Syslog; use Fcntl ':flock'; use POSIX ();
my ($file, $key, $name) = @ARGV;
open my $in, '<', $file or die $!;
my %all;
while (<$in>) { next if /^\s*(?:#|$)/; chomp; my ($k, $v) = split /=/, $_, 2; $all{$k} = $v }
my (undef, %prop) = split /(?<!\\)\|/, $all{$key}, -1;
exit 1 unless defined $prop{$name};
print "$prop{$name}\n";
'''


def configuration(root):
    folder = os.path.join(root, 'home/e-smith/db')
    os.makedirs(folder)
    path = os.path.join(folder, 'configuration')
    with open(path, 'w') as f:
        f.write('DomainName=example.org\nSystemName=mail\n')
        for i in range(300):
            f.write('service%03d=service|TCPPort|%d|access|public|status|enabled\n' % (i, 1000 + i))
        f.write('qpsmtpd=service|RequireResolvableFromHost|no|access|public|status|enabled\n')
        f.write('spamassassin=service|RejectLevel|12|TagLevel|4|status|enabled\n')
    return path


def once(argv, quiet):
    began = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=quiet)
    _, status = os.waitpid(pid, 0)
    return (time.perf_counter() - began) * 1000, os.waitstatus_to_exitcode(status)


def memory(argv):
    """Most memory of one run in MB, asked by a shell: a child of this big
    interpreter would count from its size."""
    ask = 'import resource; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
    out = subprocess.run(['sh', '-c', '"$@" >/dev/null 2>&1; exec "$0" -c "%s"' % ask,
                          sys.executable] + argv, stdout=subprocess.PIPE, check=True).stdout
    return int(out) / 1024


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    root = tempfile.mkdtemp(prefix='smemail-bench.')
    try:
        path = configuration(root)
        null = os.open(os.devnull, os.O_WRONLY)
        quiet = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
        programs = {
            'empty program': [shutil.which('true')],
            'smemail db getprop': [SMEMAIL, '--root', root, 'db', 'configuration', 'getprop',
                                   'spamassassin', 'TagLevel'],
            'smemail get': [SMEMAIL, '--root', root, 'get', 'spam.tag-level'],
            'smemail list': [SMEMAIL, '--root', root, 'list'],
            'perl stand-in': ['perl', '-e', PEER, path, 'spamassassin', 'TagLevel'],
        }
        times = {name: [] for name in programs}
        for round_ in range(runs + 5):
            for name, argv in programs.items():
                ms, status = once(argv, quiet)
                if status != 0:
                    raise SystemExit('start.py: %s ended with status %d' % (name, status))
                if round_ >= 5:
                    times[name].append(ms)
        size = {name: memory(argv) for name, argv in programs.items()}
        middle = {name: statistics.median(t) for name, t in times.items()}
        for name in programs:
            print('%-20s median %6.2f ms   least %6.2f ms   %5.1f MB'
                  % (name, middle[name], min(times[name]), size[name]))
        for name in 'smemail db getprop', 'smemail get':
            print('%s: %.1f times the stand-in (goal %d times the reference), %.1f MB (goal %d)'
                  % (name, middle['perl stand-in'] / middle[name], GOAL, size[name], GOAL_MB))
    finally:
        shutil.rmtree(root)


main()
