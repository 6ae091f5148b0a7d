/* Plugin lines of the message: scanners, and where it is queued. */
#include "core/template/native_peers_int.h"

#include <stdlib.h>
#include <string.h>

/* A property of qpsmtpd, if unset that of smtpd (EF-15). */
static struct str
either(const struct template_env *env, const char *prop)
{
	struct str v = native_stored(env, "qpsmtpd", prop);
	if (v.len == 0)
		v = native_stored(env, "smtpd", prop);
	return v.len > 0 ? v : native_config(env, "qpsmtpd", prop);
}

void
peers_emit_patterns(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	if (str_is(either(env, "PatternsScan"), "enabled"))
		native_line(
		    out, "virus/pattern_filter check=patterns action=deny");
	else
		native_line(out, "# pattern_filter disabled");
}

void
peers_emit_tnef(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line(out, "%s",
	    native_enabled_or(env, "smtpd", "tnef2mime", true)
		? "tnef2mime"
		: "# tnef to mime conversion disabled");
}

/* A number with decimals, 0 when missing; false when it is none. */
static bool
level_parse(struct str s, double *out)
{
	char text[32], *end;
	*out = 0;
	if (s.len == 0)
		return true;
	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	*out = strtod(text, &end);
	return *end == '\0';
}

/* EF-14 */
void
peers_emit_spam(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	static const char key[] = "spamassassin";
	(void)f;
	if (!native_enabled(env, key, "status")) {
		native_line(out, "# spamassassin disabled");
		return;
	}
	struct str reject = native_config(env, key, "RejectLevel");
	struct str tag = native_config(env, key, "TagLevel");
	struct str size = native_config(env, key, "MaxMessageSize");
	double reject_at, tag_at;
	buf_add_cstr(out, "spamassassin");
	if (str_is(native_config(env, key, "Sensitivity"), "custom") &&
	    level_parse(reject, &reject_at) && level_parse(tag, &tag_at) &&
	    reject_at > tag_at)
		buf_addf(out, " %s %.*s",
		    peers_is_new(env) ? "reject" : "reject_threshold",
		    STR_ARG(reject));
	if (native_enabled(env, key, "SubjectTag") && tag.len > 0)
		buf_addf(out, " munge_subject_threshold %.*s", STR_ARG(tag));
	if (peers_is_new(env) && size.len > 0)
		buf_addf(out, " size_limit %.*s", STR_ARG(size));
	buf_add_char(out, '\n');
}

void
peers_emit_dmarc(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	bool silent =
	    str_is(native_config(env, "qpsmtpd", "DMARCReporting"), "disabled");
	native_line(out, "dmarc reject %d reporting %d",
	    native_enabled(env, "qpsmtpd", "DMARCReject") ? 1 : 0,
	    silent ? 0 : 1);
}

/* EF-15 */
void
peers_emit_clamav(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	if (!native_enabled(env, "clamd", "status")) {
		native_line(out, "# clamd disabled");
		return;
	}
	if (!str_is(either(env, "VirusScan"), "enabled")) {
		native_line(out, "# clamav disabled");
		return;
	}
	struct str size =
	    native_or2(native_config(env, "qpsmtpd", "MaxScannerSize"),
		native_config(env, "clamav", "StreamMaxLength"), "25M");
	buf_add_cstr(out,
	    "virus/clamav clamscan_path=/usr/bin/clamdscan action=reject "
	    "max_size=");
	for (size_t i = 0; i < size.len; i++) {
		char c = ascii_lower(size.ptr[i]);
		if (c == 'k' || c == 'm')
			buf_add_cstr(out, c == 'k' ? "000" : "000000");
		else
			buf_add_char(out, size.ptr[i]);
	}
	buf_add_char(out, '\n');
}

void
peers_emit_queue(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	/* no mail server of the machine has a part in a tree of its own: the
	 * mailboxes of the server's users, one delivery each */
	if (env->embedded)
		native_line(out,
		    "queue/maildir %s/home/e-smith/files/users %%l/Maildir",
		    env->root->prefix);
	else if (env->release >= TEMPLATE_R11)
		native_line(out, "queue/postfix-queue");
	else
		native_line(out, "queue/qmail-queue");
}
