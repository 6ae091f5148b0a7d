#!/bin/sh
# Sizes, the webmail's own host name and levels of access, one command each
# (F101, F114, F172).
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root
get() {
	"$SMEMAIL" get "$@" 2>&1
}

# F101: one size for reception, scanner and webmail
run "$SMEMAIL" size set 25M
expect_status 0 'F101 size set'
for wanted in smtp.max-message-size=25000000 virus.max-scan-size=25000000 \
    virus.max-file-size=25M virus.stream-max=25M php.upload-max=18M \
    php.memory-limit=55M; do
	is "$(get "${wanted%=*}")" "${wanted#*=}" "F101 $wanted"
done
expect_err_like 'up to 18\.2 MB fit' 'F101 what that means for an attachment'
run "$SMEMAIL" size show
expect_out_like '^virus.stream-max +[a-z]+ +25M' 'F101 shown'
"$SMEMAIL" set php.memory-limit 512M >/dev/null 2>&1
run "$SMEMAIL" size set 30M
is "$(get php.memory-limit)" 512M 'F101 memory that is enough stays'
run "$SMEMAIL" size set 10k
expect_status 2 'F101 too small for mail'
run "$SMEMAIL" size set big
expect_status 2 'F101 no size'
run "$SMEMAIL" size set 40M --dry-run
is "$(get smtp.max-message-size)" 30000000 'F101 --dry-run stores nothing'

# F114: mail.example.com leads to the webmail
export SMEMAIL_DNS=127.0.0.9:1
run "$SMEMAIL" webmail alias post.example.com --yes
expect_status 0 'F114 webmail alias'
is "$("$SMEMAIL" db domains print post.example.com)" \
    'post.example.com=domain|ProxyPassTarget|http://mail.example.com/webmail|TemplatePath|ProxyPassVirtualHosts' \
    'F114 the record of the host'
expect_err_like "post\.example\.com' is in the DNS could not be asked" \
    'F114 the DNS is asked, and its silence told'
run "$SMEMAIL" webmail alias mail.example.com
expect_status 2 'F114 not for the server itself'
run "$SMEMAIL" webmail alias 'a b'
expect_status 2 'F114 a host name'
run "$SMEMAIL" webmail unalias post.example.com
is "$("$SMEMAIL" db domains print post.example.com)" 'post.example.com=domain' \
    'F114 taken back, the domain stays'

# F172: levels of access
run "$SMEMAIL" access set imap publicSSL
expect_status 0 'F172 imap publicSSL'
is "$(get imap.status imap.access imaps.status imaps.access | tr '\n' ' ')" \
    'enabled private enabled public ' 'F172 its four properties'
run "$SMEMAIL" access show imap
expect_out_like '^imap +publicSSL ' 'F172 shown as one level'
run "$SMEMAIL" access set imap public
expect_status 2 'F172 passwords in clear are asked about'
run "$SMEMAIL" access set imap public --accept exposes-passwords
expect_status 0 'F172 and accepted'
run "$SMEMAIL" access set pop3 disabled
is "$(get pop3.status pop3.access pop3s.status pop3s.access | tr '\n' ' ')" \
    'disabled disabled disabled disabled ' 'F172 pop3 disabled'
run "$SMEMAIL" access set smtp noauth --accept may-lose-mail
is "$(get auth.smtp smtp.access | tr '\n' ' ')" 'disabled public ' \
    'F172 smtp noauth'
run "$SMEMAIL" access set smtps local
run "$SMEMAIL" access show smtps
expect_out_like '^smtps +local ' 'F172 smtps local'
"$SMEMAIL" set imaps.access private >/dev/null 2>&1
run "$SMEMAIL" access show imap
expect_status 1 'F172 a mix fits no level'
expect_out_like '^imap +\(a mix\) +imap.status enabled, imap.access public, ' \
    'F172 and is shown as it is'
run "$SMEMAIL" --json access show imap
json_is 'd["schema"] == "smemail.access/1" and d["rows"][0]["level"] is None' \
    'F172 JSON'
run "$SMEMAIL" access set webmail enabledSSL
expect_status 2 'F172 webmail has levels on SME 11 only'
run "$SMEMAIL" access set imap secret
expect_status 2 'F172 an unknown level'
expect_err_like 'disabled, local, publicSSL, public' 'F172 and those there are'
"$SMEMAIL" config set sysconfig configuration ReleaseVersion 11
run "$SMEMAIL" access set submission public
run "$SMEMAIL" access set webmail localnetworkSSL
run "$SMEMAIL" access set smtp publicAuth --yes
run "$SMEMAIL" access show
expect_out_like '^submission +public ' 'F172 submission'
expect_out_like '^webmail +localnetworkSSL ' 'F172 webmail'
expect_out_like '^smtp +publicAuth ' 'F172 smtp with its scope'
done_testing
