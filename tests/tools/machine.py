"""A machine of a test's own that systemd runs: name spaces, a root folder and a
control group that nothing else is in, all of which end with it."""
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time

SYSTEMD = "/lib/systemd/systemd"
PROGRAMS = ("mount", "umount", "pivot_root", "setpriv", "nsenter", "systemctl",
            "journalctl", "unshare")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NEW_PIDS = 0x20000000
NEW_SPACES = 0x02000000 | 0x00020000 | 0x08000000 | \
    0x04000000  # of control groups, mounts, ipc, uts
PDEATHSIG = 1
BOOT_S = 60

# What there is before systemd is: its own files, and none that it could
# write to of the machine outside.
BOOT = r"""
set -e
cd "$1"
mount --make-rprivate /
mount --bind . .
cd "$1"
mount --rbind /usr usr
mount -o remount,bind,ro usr
for place in bin sbin lib lib32 lib64 libx32; do
	if [ -L "/$place" ]; then cp -d "/$place" "$place"
	elif [ -d "/$place" ]; then
		mkdir "$place"
		mount --rbind "/$place" "$place"
		mount -o remount,bind,ro "$place"
	fi
done
mount --bind "$2" usr/local/bin
mount -o remount,bind,ro usr/local/bin
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755,nosuid tmpfs dev
for name in null zero full random urandom tty; do
	: >"dev/$name"
	mount --bind "/dev/$name" "dev/$name"
done
mkdir -m 1777 dev/shm
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs run
pivot_root . old
cd /
umount -l old
exec setpriv --bounding-set \
	-sys_time,-sys_boot,-sys_module,-sys_rawio,-audit_control,-syslog,-mknod \
	"$3" --system --unit=test.target --show-status=no --log-target=journal
"""

FILES = {
    "etc/nsswitch.conf": "passwd: files\ngroup: files\n",
    "etc/login.defs": "",
    "etc/machine-id": "00112233445566778899aabbccddeeff\n",
    "etc/hostname": "machine.example\n",
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/resolv.conf": "nameserver 127.0.0.9\n",
    # neither the audit nor the messages of the kernel are the machine's
    "etc/systemd/journald.conf":
        "[Journal]\nStorage=volatile\nAudit=no\nReadKMsg=no\n"
        "ForwardToWall=no\nRateLimitBurst=0\n",
    "units/sysinit.target":
        "[Unit]\nDefaultDependencies=no\nRequires=systemd-journald.socket\n"
        "Wants=systemd-journald.service\n"
        "After=systemd-journald.socket systemd-journald.service\n",
    "units/basic.target":
        "[Unit]\nDefaultDependencies=no\n"
        "Requires=sysinit.target\nAfter=sysinit.target\n",
    "units/test.target":
        "[Unit]\nRequires=basic.target\nAfter=basic.target\n",
}
UNITS = ("shutdown.target", "network.target", "systemd-journald.service",
         "systemd-journald.socket")
FOLDERS = ("usr", "proc", "sys", "dev", "run", "old", "root", "var/log",
           "etc/systemd/system")


class CannotBoot(Exception):
    """Says why."""


def lacks():
    """What is missing for one, or None."""
    if os.geteuid() != 0:
        return "needs root"
    if not os.access(SYSTEMD, os.X_OK):
        return "systemd is not installed"
    missing = [p for p in PROGRAMS if not shutil.which(p, path=PATH)]
    if missing:
        return "needs " + " ".join(missing)
    done = subprocess.run(["unshare", "--net", "--mount", "true"], check=False,
                          stderr=subprocess.PIPE, encoding="utf-8")
    return done.stderr.strip() if done.returncode else None


class Machine:
    """Boots in the network of its caller. FOLDER is its root, PROGRAMS what it
    has at /usr/local/bin, USERS of names and numbers are users there, and the
    VARIABLES are set for all services."""

    def __init__(self, folder, programs, users, variables):
        self.root = folder
        self.programs = programs
        self.pid = None
        self.guard = None
        self.console = os.path.join(folder, "console")
        for name in FOLDERS:
            os.makedirs(os.path.join(folder, name))
        for name in ("tmp", "var/tmp"):
            os.makedirs(os.path.join(folder, name))
            os.chmod(os.path.join(folder, name), 0o1777)
        for name, text in FILES.items():
            self.write(name, text)
        users = dict(users, root=0, nobody=65534)
        self.write("etc/passwd", "".join(
            "%s:x:%d:%d::/:/bin/false\n" % (n, i, i)
            for n, i in users.items()))
        self.write("etc/group", "".join(
            "%s:x:%d:\n" % item for item in users.items()))
        self.write("etc/systemd/system.conf", "[Manager]\n" + "".join(
            "DefaultEnvironment=\"%s=%s\"\n" % item
            for item in variables.items()))
        shutil.copy("/etc/ld.so.cache", os.path.join(folder, "etc"))
        for unit in UNITS:
            shutil.copy(os.path.join("/lib/systemd/system", unit),
                        os.path.join(folder, "units"))

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)

    def run(self, *command, limit=120.0):
        """Inside; what subprocess.run gives, both outputs in stdout."""
        return subprocess.run(
            ["nsenter", "-t", str(self.pid), "--mount", "--pid", "--cgroup",
             "--ipc", "--uts", "--root", "--wd", "env", "-i", "PATH=" + PATH,
             "SYSTEMD_PAGER=", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", timeout=limit,
            check=False, env=dict(os.environ, PATH=PATH))

    def systemctl(self, *words):
        return self.run("systemctl", "--no-ask-password", *words)

    def show(self, unit, *properties):
        """Properties of a unit by their names."""
        done = self.systemctl("show", unit, "-p", ",".join(properties))
        return dict(line.split("=", 1) for line in done.stdout.splitlines()
                    if "=" in line)

    def said(self):
        try:
            with open(self.console, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def __enter__(self):
        with open(self.console, "wb") as console:
            # killed with us or not: it sees by its input that we have ended
            self.guard = subprocess.Popen(
                ["unshare", "--mount", sys.executable, "-B", __file__,
                 self.root, self.programs],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=console,
                start_new_session=True, env=dict(os.environ, PATH=PATH))
        word = self.guard.stdout.readline().strip()
        self.pid = int(word) if word.isdigit() else None
        end = time.monotonic() + BOOT_S
        while self.pid and self.guard.poll() is None:
            if self.systemctl("is-active", "test.target").returncode == 0:
                return self
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        self.__exit__()
        raise CannotBoot(" ".join(self.said().split("\n")[-3:]).strip() or
                         "it ended, and says nothing")

    def __exit__(self, *unused):
        self.guard.stdin.close()
        self.guard.wait()
        self.guard.stdout.close()


def own_group(folder):
    """A new control group below our own."""
    if subprocess.run(["mount", "-t", "cgroup2", "none", folder],
                      check=False).returncode:
        sys.exit(1)
    with open("/proc/self/cgroup", encoding="utf-8") as f:
        own = [line[3:].strip() for line in f if line.startswith("0::")]
    group = "%s/%s/smemail-test.%d" % (folder, own[0].strip("/"), os.getpid())
    os.mkdir(group)
    return group


def boot(root, programs, group, libc):
    """In the new process, the first one of its own process numbers."""
    libc.prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.dup2(os.open("/dev/null", os.O_RDWR), 0)
    os.dup2(2, 1)
    with open(group + "/cgroup.procs", "w", encoding="ascii") as f:
        f.write("0")
    if libc.unshare(NEW_SPACES):
        raise OSError(ctypes.get_errno(), "no name spaces of its own")
    os.execve("/bin/sh", ["sh", "-c", BOOT, "sh", root, programs, SYSTEMD],
              {"PATH": PATH, "container": "lxc",
               "SYSTEMD_UNIT_PATH": "/units:/etc/systemd/system"})


def remove(group):
    """Of processes that have just ended some may still be counted there."""
    end = time.monotonic() + 20
    while os.path.isdir(group) and time.monotonic() < end:
        for where, _, _ in os.walk(group, topdown=False):
            try:
                os.rmdir(where)
            except OSError:
                time.sleep(0.02)


def guard(root, programs):
    """Start it, tell its number, end it when nobody waits for it any more."""
    libc = ctypes.CDLL(None, use_errno=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    group = own_group(os.path.join(root, "old"))
    try:
        if libc.unshare(NEW_PIDS):
            raise OSError(ctypes.get_errno(), "no processes of its own")
        pid = os.fork()
        if pid == 0:
            try:
                boot(root, programs, group, libc)
            finally:
                os._exit(111)
        print(pid, flush=True)
        select.select([0, os.pidfd_open(pid)], [], [])
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    finally:
        remove(group)


if __name__ == "__main__":
    guard(*sys.argv[1:])
