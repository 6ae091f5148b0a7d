# shellcheck shell=sh disable=SC2034
# The Debian packages that building, running and testing need, and how to get
# them. Source this file, then: packages_need $PACKAGES_BUILD $PACKAGES_RUN

PACKAGES_BUILD='gcc libc6-dev make pkg-config gettext
	libncurses-dev libreadline-dev libpcre2-dev libseccomp-dev
	libssl-dev libldns-dev libpsl-dev libspf2-dev
	libxml2-dev zlib1g-dev libsqlite3-dev libpam0g-dev libcrypt-dev
	libmaxminddb-dev'
# what the demo needs besides: supervision and a client that sends mail
PACKAGES_RUN='runit swaks procps python3-minimal perl libtext-template-perl'
# what the tests need besides
PACKAGES_CHECK='libxml2-utils git libcmocka-dev python3 runit swaks procps perl
	libtext-template-perl daemontools tmux expect openssl
	shellcheck clang-format mandoc universal-ctags valgrind
	iproute2 iputils-tracepath
	bash zsh fish
	spamassassin clamav-daemon msmtp dovecot-core dovecot-lmtpd fetchmail
	postfix php-cli systemd systemd-journal-remote'

# Those of the named packages that are not installed, blank-separated.
packages_missing() {
	for package; do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
		*' installed') ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

# apt-get as root: directly, or by sudo where that is allowed.
packages_apt() {
	if [ "$(id -u)" -eq 0 ]; then
		DEBIAN_FRONTEND=noninteractive apt-get "$@"
	elif [ -t 0 ] && [ -t 2 ]; then
		sudo DEBIAN_FRONTEND=noninteractive apt-get "$@"
	else
		sudo -n DEBIAN_FRONTEND=noninteractive apt-get "$@"
	fi
}

packages_cannot() { # REASON PACKAGES
	printf '%s; these packages are needed:\n' "$1" >&2
	for package in $2; do
		printf '  %s\n' "$package" >&2
	done
	printf 'install them as root: apt-get install %s\n' "$2" >&2
	exit 1
}

# Install what is missing; does nothing, and needs nothing, when all is there.
packages_need() {
	PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/sbin
	export PATH
	command -v dpkg-query >/dev/null 2>&1 ||
		packages_cannot 'this is not a Debian system' "$*"
	missing=$(packages_missing "$@")
	missing=${missing% }
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null 2>&1 ||
		packages_cannot 'there is no apt-get' "$missing"
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
		packages_cannot 'neither root nor sudo' "$missing"
	fi
	printf 'installing: %s\n' "$missing" >&2
	# shellcheck disable=SC2086
	if ! packages_apt install -qq -y --no-install-recommends $missing \
		>/dev/null 2>&1 </dev/null; then
		packages_apt update -qq >&2 </dev/null || true
		# shellcheck disable=SC2086
		packages_apt install -qq -y --no-install-recommends $missing \
			>&2 </dev/null || true
	fi
	missing=$(packages_missing "$@")
	missing=${missing% }
	[ -z "$missing" ] || packages_cannot 'cannot install packages' "$missing"
}
