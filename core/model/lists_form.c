/* What an entry of a list looks like, and turning one form into another. */
#include "core/model/lists_int.h"

#include "core/base/i18n.h"
#include "core/mail/idna.h"
#include "core/model/settings_int.h"

#include <string.h>

struct str
lists_host(struct str entry, struct str *user)
{
	size_t at = str_find(entry, '@', 0);

	*user = (struct str)STR_EMPTY;
	if (at == entry.len) /* "host", "*host" */
		return entry;
	if (at > 0 && !str_is(str_sub(entry, 0, at), "*"))
		*user = str_sub(entry, 0, at);
	return str_sub(entry, at + 1, entry.len);
}

static bool
refuse(const struct lists_list *l, struct str entry, struct err *e)
{
	err_set(e, ERR_USAGE, _("'%.*s' is no entry of %s: it takes %s"),
	    STR_ARG(entry), l->name, l->forms);
	return err_next(e, "smemail lists show %s", l->name);
}

/* Letters, digits, dots, dashes: a host's name or a part of one. */
static bool
is_host(struct str host, bool wildcards)
{
	bool ok = host.len > 0 && host.len <= 255 && host.ptr[0] != '.' &&
		  host.ptr[0] != '-';

	for (size_t i = 0; ok && i < host.len; i++) {
		char c = host.ptr[i];
		ok = ascii_is_alnum(c) || c == '.' || c == '-' || c == '_' ||
		     (unsigned char)c >= 0x80 ||
		     (wildcards && (c == '*' || c == '?'));
	}
	return ok;
}

static bool
is_user(struct str user, bool wildcards)
{
	bool ok = user.len <= 256;

	for (size_t i = 0; ok && i < user.len; i++) {
		char c = user.ptr[i];
		ok = (unsigned char)c > ' ' && c != 0x7f && c != '@' &&
		     c != '|' && c != '=' && (wildcards || c != '*');
	}
	return ok;
}

static void
add_lower(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		(void)buf_add_char(out, ascii_lower(text.ptr[i]));
}

/*
 * A host as clients name it: letters beyond ASCII as in the DNS. False for
 * what cannot be there.
 */
static bool
add_host(struct buf *out, struct str host)
{
	for (size_t i = 0; i < host.len; i++)
		if ((unsigned char)host.ptr[i] >= 0x80)
			return idna_domain(host, out);
	add_lower(out, host);
	return true;
}

/* "*host" says more than "@host": the hosts below it as well. */
static bool
sender_normal(
    const struct lists_list *l, struct str text, struct buf *out, struct err *e)
{
	bool pattern = l->form == LISTS_PATTERN;
	bool has_at = str_find(text, '@', 0) < text.len;
	struct str user;
	struct str host = lists_host(text, &user);

	if (!is_host(host, pattern) || !is_user(user, pattern) ||
	    (!has_at && host.ptr[0] == '*' && host.len == 1))
		return refuse(l, text, e);
	if (user.len > 0) {
		add_lower(out, user);
		(void)buf_add_char(out, '@');
	} else if (pattern && !(!has_at && host.ptr[0] == '*')) {
		(void)buf_add_cstr(out, "*@");
	} else if (l->form == LISTS_FROM) {
		(void)buf_add_char(out, '@');
	}
	if (!add_host(out, host))
		return refuse(l, text, e);
	return !out->failed;
}

/* As the value that holds the zones takes them; dead ones are refused. */
static bool
zone_normal(
    const struct lists_list *l, struct str text, struct buf *out, struct err *e)
{
	const struct setting *s = lists_setting(l);
	size_t start = out->len;

	return s->type->parse(s, text, out, e) &&
	       (s->type->check == NULL ||
		   s->type->check(
		       s, str_sub(buf_str(out), start, out->len), e));
}

bool
lists_normal(
    const struct lists_list *l, struct str text, struct buf *out, struct err *e)
{
	struct err why = ERR_INIT;
	size_t start = out->len;
	bool ok = false;

	text = str_trim(text);
	if (text.len == 0)
		return refuse(l, text, e);
	switch (l->form) {
	case LISTS_ZONE:
		if (str_find(text, ',', 0) < text.len)
			return refuse(l, text, e);
		return zone_normal(l, text, out, e);
	case LISTS_HELO:
		ok = (is_host(text, false) || text.ptr[0] == '[') &&
		     add_host(out, text);
		break;
	case LISTS_ADDRESS:
		ok = true;
		add_lower(out, text);
		break;
	case LISTS_FROM:
	case LISTS_SENDER:
	case LISTS_PATTERN:
		if (!sender_normal(l, text, out, e))
			return false;
		ok = true;
		break;
	}
	if (ok && setting_target_check(lists_setting(l),
		      str_sub(buf_str(out), start, out->len), &why))
		return true;
	buf_truncate(out, start);
	return refuse(l, text, e);
}

bool
lists_is_own_domain(struct settings_store *st, struct str host)
{
	const struct db *db;

	return settings_db(st, "domains", &db, NULL) &&
	       db_find(db, host) != NULL;
}

/* "*", "*.test", "test": all, or a top-level domain. */
static bool
is_everybody(struct str host)
{
	for (size_t i = 0; i < host.len; i++)
		if (host.ptr[i] != '*' && host.ptr[i] != '?' &&
		    host.ptr[i] != '.')
			return false;
	return true;
}

static bool
is_top_level(struct str host)
{
	while (host.len > 0 && (host.ptr[0] == '*' || host.ptr[0] == '.'))
		host = str_sub(host, 1, host.len);
	return str_find(host, '.', 0) == host.len;
}

const char *
lists_warning(struct settings_store *st, const struct lists_list *l,
    struct str entry, bool *ask)
{
	struct str user;
	struct str host = lists_host(entry, &user);

	*ask = false;
	if (l->form == LISTS_ADDRESS) {
		*ask = str_ends(entry, STR("/0"));
		return *ask ? _("every host is meant: no check at connecting "
				"is left")
			    : NULL;
	}
	if (l->form == LISTS_ZONE || l->form == LISTS_HELO || user.len > 0)
		return NULL;
	if (is_everybody(host)) {
		*ask = true;
		return l->accepts
			   ? _("every sender is meant: all spam would pass")
			   : _("every sender is meant: all mail would be lost");
	}
	if (is_top_level(host)) {
		*ask = l->accepts;
		return l->accepts
			   ? _("a whole top-level domain is meant: spam with "
			       "such a sender passes")
			   : _("a whole top-level domain is meant: good mail "
			       "may be lost");
	}
	if (lists_is_own_domain(st, host)) {
		*ask = !l->accepts;
		return l->accepts
			   ? _("it is a domain of this server: spam with a "
			       "forged sender of yours passes")
			   : _("it is a domain of this server: mail of your "
			       "own users from outside would be refused");
	}
	return NULL;
}
