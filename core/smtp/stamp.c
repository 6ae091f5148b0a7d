/* Our own header fields, and Authentication-Results that came in. */
#include "core/smtp/stamp.h"

#include "core/mail/date.h"
#include "core/smtp/limits.h"

static const char auth_results[] = "Authentication-Results";

/* A peer's word inside a comment: nothing that ends it or breaks the line. */
static void
add_in_comment(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool fit =
		    c >= ' ' && c <= '~' && c != '(' && c != ')' && c != '\\';
		buf_add_char(out, fit ? c : '?');
	}
}

static void
add_received(struct buf *out, const struct smtp_stamp *s)
{
	buf_add_cstr(out, "Received: from ");
	add_in_comment(out, s->peer_name);
	buf_addf(out, " (%s ", s->esmtp ? "EHLO" : "HELO");
	add_in_comment(out, s->helo);
	/* RFC 3848: ESMTP, S under TLS, A after a login */
	buf_addf(out, ") (%.*s)\n  by %.*s (smemail) with %s%s%s",
	    STR_ARG(s->peer_ip), STR_ARG(s->me), s->esmtp ? "ESMTP" : "SMTP",
	    s->esmtp && s->cipher.len > 0 ? "S" : "",
	    s->esmtp && s->logged_in ? "A" : "");
	if (s->cipher.len > 0)
		buf_addf(out, " (%.*s encrypted)", STR_ARG(s->cipher));
	buf_add_cstr(out, "; ");
	char date[MAIL_DATE_SIZE];
	buf_add_cstr(out, mail_date_format(s->now_s, date));
	buf_add_char(out, '\n');
}

/* FL-35; the name is a peer's word: nothing that ends the value or the line */
static void
add_login(struct buf *out, const struct smtp_stamp *s)
{
	if (s->auth_user.len == 0) {
		buf_add_cstr(out, "; auth=none");
		return;
	}
	buf_addf(out,
	    "; auth=%s (%s) smtp.auth=", s->logged_in ? "pass" : "fail",
	    s->mechanism);
	struct str user = str_sub(s->auth_user, 0, SMTP_USER_SHOWN);
	for (size_t i = 0; i < user.len; i++) {
		char c = user.ptr[i];
		bool fit = ascii_is_alnum(c) ||
			   (c != '\0' && strchr("@.-_+=&'!#$%*/^`{|}~", c));
		buf_add_char(out, fit ? c : '?');
	}
}

/* Step over blanks and comments, nested ones too. */
static struct str
skip_comments(struct str s)
{
	size_t i = 0;
	unsigned depth = 0;
	for (; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '\\' && depth > 0)
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !ascii_is_space(c))
			break;
	}
	return str_sub(s, i, s.len);
}

/* The authserv-id of an Authentication-Results body (RFC 8601 2.2). */
static bool
smtp_auth_results_id(struct buf *out, const struct filter_field *f)
{
	struct str s = skip_comments(f->body);
	bool quoted = s.len > 0 && s.ptr[0] == '"';
	for (size_t i = quoted ? 1 : 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (quoted && c == '\\' && i + 1 < s.len)
			c = s.ptr[++i];
		else if (quoted ? c == '"'
				: ascii_is_space(c) || c == ';' || c == '(')
			break;
		buf_add_char(out, ascii_lower(c));
	}
	return !out->failed;
}

/* The value of tag 'h' of a DKIM-Signature lists the field's name. */
static bool
signature_covers(const struct filter_field *f, const char *name)
{
	struct str rest = f->body;
	while (rest.len > 0) {
		struct str tag = str_cut(rest, ';', &rest);
		struct str names;
		if (!str_is(str_trim(str_cut(tag, '=', &names)), "h"))
			continue;
		while (names.len > 0) {
			struct str one = str_cut(names, ':', &names);
			if (str_is_nocase(str_trim(one), name))
				return true;
		}
	}
	return false;
}

static bool
is_signed(const struct mail_header *header, const char *name)
{
	for (size_t i = 0; i < header->n_fields; i++) {
		if (str_is_nocase(header->fields[i].name, "DKIM-Signature") &&
		    signature_covers(&header->fields[i], name))
			return true;
	}
	return false;
}

static bool
carries_id(const struct filter_field *f, struct str id)
{
	struct buf found;
	buf_init(&found, 1024);
	/* an id too long for the buffer is not ours */
	bool ours = smtp_auth_results_id(&found, f) &&
		    str_eq_nocase(buf_str(&found), id);
	buf_clear(&found);
	return ours;
}

static bool
is_dropped(const struct smtp_additions *more, const struct filter_field *f)
{
	for (size_t i = 0; i < more->n_drop; i++) {
		if (str_is_nocase(f->name, more->drop[i]))
			return true;
	}
	return false;
}

/* Their header, with results in our name removed and others renamed. */
static void
add_their_header(struct buf *out, const struct mail_header *header,
    const struct smtp_stamp *stamp)
{
	bool covered = is_signed(header, auth_results);
	for (size_t i = 0; i < header->n_fields; i++) {
		const struct filter_field *f = &header->fields[i];
		if (is_dropped(&stamp->more, f))
			continue;
		if (stamp->auth_id.len > 0 &&
		    str_is_nocase(f->name, auth_results)) {
			if (carries_id(f, stamp->auth_id))
				continue;
			if (!covered)
				buf_add_cstr(out, "Original-");
		}
		buf_add_str(out, f->whole);
	}
}

/* As it came, byte by byte, unless a field must go or be renamed. */
static bool
must_change(const struct mail_header *h, const struct smtp_stamp *stamp)
{
	bool changes =
	    stamp->auth_id.len > 0 &&
	    mail_fields_count(h->fields, h->n_fields, auth_results) > 0;
	for (size_t i = 0; i < h->n_fields && !changes; i++)
		changes = is_dropped(&stamp->more, &h->fields[i]);
	return changes;
}

bool
smtp_stamp_header(struct buf *out, const struct smtp_stamp *stamp,
    const struct mail_header *header, bool has_empty_line)
{
	bool marked = stamp->auth_id.len > 0;
	struct str text = header->text;
	add_received(out, stamp);
	if (marked) {
		buf_addf(
		    out, "%s: %.*s", auth_results, STR_ARG(stamp->auth_id));
		add_login(out, stamp);
		if (stamp->more.results.len > 0)
			buf_addf(
			    out, ";\n  %.*s", STR_ARG(stamp->more.results));
		buf_add_char(out, '\n');
	}
	buf_add_str(out, stamp->more.fields);
	/* a first line that begins with a blank would continue our field */
	if (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		buf_add_char(out, '\n');
	if (must_change(header, stamp))
		add_their_header(out, header, stamp);
	else
		buf_add_str(out, text);
	if (has_empty_line)
		buf_add_char(out, '\n');
	return !out->failed;
}
