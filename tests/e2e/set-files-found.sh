#!/bin/sh
# Settings in files: plain ones of the mail filter, fragments one a plugin,
# and what others brought and smemail only tells (effects.md 13.4; F084).
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root
custom=$root/etc/e-smith/templates-custom
config=$root/var/service/qpsmtpd/config

# filter.hosts-allow: one line an address or network, never templated
mkdir -p "$config"
printf '# our own notes\n198.51.100.0/24 OK\n' >"$config/hosts_allow"
run "$SMEMAIL" get filter.hosts-allow
expect_out '198.51.100.0/24 OK' 'filter.hosts-allow reads what stands there'
run "$SMEMAIL" set filter.hosts-allow '203.0.113.7 DENY_DISCONNECT spam source' \
	--accept may-lose-mail
expect_status 0 'filter.hosts-allow is set'
is "$(cat "$config/hosts_allow")" '# our own notes
203.0.113.7 DENY_DISCONNECT spam source' 'one line a rule; notes stay'
run "$SMEMAIL" set filter.hosts-allow 'spam.example DENY' --accept may-lose-mail
expect_status 2 'a name is no address'
expect_err_like 'does not begin with an address' 'and says so'
run "$SMEMAIL" set filter.hosts-allow '192.0.2.1 PERHAPS' --accept may-lose-mail
expect_status 2 'a result that the plugin does not know is refused'
run "$SMEMAIL" set filter.hosts-allow '192.0.2.1 DENY,192.0.2.2 OK friend' \
	--accept may-lose-mail
is "$(grep -c '^192' "$config/hosts_allow")" 2 'two rules, two lines'
run "$SMEMAIL" undo --yes
run "$SMEMAIL" unset filter.hosts-allow
is "$(cat "$config/hosts_allow")" '# our own notes' 'unset leaves the notes'

# filter.plugins-remote, filter.plugins-local: one custom fragment a plugin
for pair in remote:0 local:local; do
	id=filter.plugins-${pair%:*}
	list=${pair#*:}
	file=$custom/var/service/qpsmtpd/config/peers/$list/12count_unrecognized_commands
	before=$("$SMEMAIL" template expand "/var/service/qpsmtpd/config/peers/$list")
	run "$SMEMAIL" set "$id" 'count_unrecognized_commands 2' \
		--for 12count_unrecognized_commands --accept may-lose-mail
	expect_status 0 "$id is set"
	is "$(cat "$file")" "# smemail: $id
count_unrecognized_commands 2" "$id: its fragment, marked"
	run "$SMEMAIL" template expand "/var/service/qpsmtpd/config/peers/$list"
	is "$(grep -c count_unrecognized_commands "$out")" 1 \
		"$id: it replaces the stock one of that name"
	run "$SMEMAIL" set "$id" badmailfromto --for 31badmailfromto \
		--accept may-lose-mail
	run "$SMEMAIL" get "$id" --for 31badmailfromto
	expect_out badmailfromto "$id: the example of the table"
	run "$SMEMAIL" set "$id" x --for ../../31x --accept may-lose-mail
	expect_status 2 "$id: no way out of the folder"
	run "$SMEMAIL" set "$id" '{ system "id" }' --for 90x --accept may-lose-mail
	expect_status 2 "$id: text, not code"
	run "$SMEMAIL" unset "$id" --for 31badmailfromto
	run "$SMEMAIL" unset "$id" --for 12count_unrecognized_commands
	is "$("$SMEMAIL" template expand "/var/service/qpsmtpd/config/peers/$list")" \
		"$before" "$id: back to the byte"
done

# smtp.stray-databytes: deleted if it is there
run "$SMEMAIL" get smtp.stray-databytes
expect_out absent 'smtp.stray-databytes: not there'
echo 15000000 >"$config/databytes"
run "$SMEMAIL" get smtp.stray-databytes
expect_out present 'smtp.stray-databytes is found'
run "$SMEMAIL" set smtp.stray-databytes present --accept may-lose-mail
expect_status 2 'smtp.stray-databytes is never made'
run "$SMEMAIL" set smtp.stray-databytes absent
expect_status 0 'smtp.stray-databytes: removed'
check_not 'the file is gone' test -e "$config/databytes"
is "$(cat "$root"/var/lib/smemail/replaced/*-databytes)" 15000000 'a copy is kept'

# F084 on this release: the plugin is called headers
run "$SMEMAIL" set filter.check-headers-local disabled
check 'F084 17headers is replaced by a comment' grep -q '^# 17check_basicheaders' \
	"$custom/var/service/qpsmtpd/config/peers/local/17headers"
run "$SMEMAIL" template expand /var/service/qpsmtpd/config/peers/local
expect_out_lacks '^headers ' 'F084 the plugin is not loaded inside'
run "$SMEMAIL" template expand /var/service/qpsmtpd/config/peers/0
expect_out_like '^headers ' 'F084 it is outside'
run "$SMEMAIL" set filter.check-headers-remote disabled
run "$SMEMAIL" template expand /var/service/qpsmtpd/config/peers/0
expect_out_lacks '^headers ' 'F084 nor outside'
run "$SMEMAIL" unset filter.check-headers-local
run "$SMEMAIL" get filter.check-headers-local
expect_out enabled 'F084 and back'

# fragments that the templates have anyway
for id in spam.pyzor-timeout-fragment auth.lan-fragment; do
	run "$SMEMAIL" get $id
	expect_out present "$id: always there"
	run "$SMEMAIL" set $id absent
	expect_status 2 "$id: not to be taken away"
done

# virus.extra-signatures: those of others, and how old they are
run "$SMEMAIL" get virus.extra-signatures
expect_out absent 'virus.extra-signatures: none'
mkdir -p "$root/var/clamav"
: >"$root/var/clamav/daily.cld"
: >"$root/var/clamav/main.cvd"
: >"$root/var/clamav/notes.txt"
run "$SMEMAIL" get virus.extra-signatures
expect_out absent 'those of ClamAV do not count'
: >"$root/var/clamav/rogue.hdb"
touch -d '3 days ago' "$root/var/clamav/rogue.hdb"
run "$SMEMAIL" get virus.extra-signatures
expect_out installed 'virus.extra-signatures: found'
run "$SMEMAIL" describe virus.extra-signatures
expect_out_like 'rogue\.hdb \(3 d old\)' 'with their age'

# spam.level-header: is the package there? rpm of the server is asked
"$SMEMAIL" config set sysconfig configuration ReleaseVersion 7
run "$SMEMAIL" get spam.level-header
expect_out absent 'spam.level-header: no package without a list of packages'
mkdir -p "$root/var/lib/rpm" "$tmp/bin"
cat >"$tmp/bin/rpm" <<'END'
#!/bin/sh
echo "$*" >"$RPM_ASKED"
exit "$RPM_SAYS"
END
chmod 755 "$tmp/bin/rpm"
run env RPM_ASKED="$tmp/asked" RPM_SAYS=0 PATH="$tmp/bin:$PATH" "$SMEMAIL" get spam.level-header
expect_out installed 'spam.level-header: rpm has it'
is "$(cat "$tmp/asked")" \
	"--root $SMEMAIL_ROOT -q --quiet smeserver-qpsmtpd-spamassassinlevelstars" \
	'asked about this root'
run env RPM_ASKED="$tmp/asked" RPM_SAYS=1 PATH="$tmp/bin:$PATH" "$SMEMAIL" get spam.level-header
expect_out absent 'spam.level-header: rpm has it not'
done_testing
