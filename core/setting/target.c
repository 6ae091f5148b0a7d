/* What a setting can be set for: words for it, and names that can be stored. */
#include "core/setting/setting.h"

#include "core/base/i18n.h"
#include "core/setting/type_int.h"

#include <string.h>

static const struct target_word {
	const char *one, *many;
} words[] = {
	[SETTING_TARGET_NONE] = { "", "" },
	[SETTING_TARGET_USER] = { "user", "users" },
	[SETTING_TARGET_GROUP] = { "group", "groups" },
	[SETTING_TARGET_PSEUDONYM] = { "pseudonym", "pseudonyms" },
	[SETTING_TARGET_DOMAIN] = { "domain", "domains" },
	[SETTING_TARGET_NETWORK] = { "network", "networks" },
	[SETTING_TARGET_PATTERN] = { "pattern", "patterns" },
	[SETTING_TARGET_ENTRY] = { "entry", "entries" },
};

const char *
setting_target_word(enum setting_target target)
{
	return words[target].one;
}

enum setting_target
setting_target_of(const char *word)
{
	for (size_t i = 1; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i].one) == 0 ||
		    strcmp(word, words[i].many) == 0)
			return (enum setting_target)i;
	return SETTING_TARGET_NONE;
}

/* ES-17, ES-19: what a key or a property name cannot hold. */
static bool
name_storable(struct str name, struct err *e)
{
	if (name.len == 0)
		return type_refuse(e, name, _("is empty"));
	if (name.ptr[0] == '#' || str_find(name, '=', 0) < name.len)
		return type_refuse(e, name, _("begins with '#' or holds '='"));
	for (size_t i = 0; i < name.len; i++)
		if (ascii_is_space(name.ptr[i]))
			return type_refuse(e, name, _("holds a blank"));
	return type_storable(name, e);
}

static bool
check_pattern(struct str entry, struct err *e)
{
	if (str_find(entry, '@', 0) < entry.len || entry.ptr[0] == '*')
		return true;
	return type_refuse(e, entry,
	    _("has no '@': *@%.*s is that host, *%.*s also all below it"),
	    STR_ARG(entry), STR_ARG(entry));
}

static bool
check_mail_from(struct str entry, struct err *e)
{
	if (str_find(entry, '@', 0) < entry.len)
		return true;
	return type_refuse(e, entry,
	    _("has no '@': @%.*s is every sender of that host"),
	    STR_ARG(entry));
}

static bool
check_sender(struct str entry, struct err *e)
{
	if (entry.ptr[0] != '@' && entry.ptr[0] != '*')
		return true;
	return type_refuse(
	    e, entry, _("is not HOST or USER@HOST, as this list takes them"));
}

static bool
check_address(struct str entry, struct err *e)
{
	if (type_address_kind(entry) != TYPE_ADDRESS_NONE ||
	    type_address_prefix(entry))
		return true;
	return type_refuse(e, entry,
	    _("is not an address, a network or the beginning of an address"));
}

/* "user@host" or "@host", nothing to be matched in it. */
static bool
is_plain_address(struct str text)
{
	size_t at = str_find(text, '@', 0);
	bool ok = at < text.len && at + 1 < text.len;

	for (size_t i = 0; ok && i < text.len; i++)
		ok = text.ptr[i] != '*' && (unsigned char)text.ptr[i] > ' ' &&
		     text.ptr[i] != 0x7f;
	return ok && str_find(text, '@', at + 1) == text.len;
}

/* FROM TAB TO (F044): no wildcard, no blank. */
static bool
check_pair(struct str entry, struct err *e)
{
	struct str to;
	struct str from = str_cut(entry, '\t', &to);

	if (is_plain_address(from) && is_plain_address(to) && to.ptr[0] != '@')
		return true;
	return type_refuse(e, entry,
	    _("is not a pair: sender (user@host or @host), one tab, recipient "
	      "(user@host), no wildcard"));
}

/* The name of a rule of SpamAssassin. */
static bool
check_rule(struct str entry, struct err *e)
{
	bool ok =
	    entry.len > 0 && entry.len <= 128 && !ascii_is_digit(entry.ptr[0]);

	for (size_t i = 0; ok && i < entry.len; i++)
		ok = ascii_is_alnum(entry.ptr[i]) || entry.ptr[i] == '_';
	return ok || type_refuse(e, entry,
			 _("is not the name of a rule (letters, digits and "
			   "'_')"));
}

/* NNname, the name of a fragment of a list of plugins. */
static bool
check_fragment(struct str entry, struct err *e)
{
	bool ok = entry.len > 2 && entry.len <= 64 &&
		  ascii_is_digit(entry.ptr[0]) && ascii_is_digit(entry.ptr[1]);

	for (size_t i = 0; ok && i < entry.len; i++)
		ok = ascii_is_alnum(entry.ptr[i]) || entry.ptr[i] == '_' ||
		     entry.ptr[i] == '-';
	return ok || type_refuse(e, entry,
			 _("is not the name of a fragment (two digits, then "
			   "letters, digits, '_' and '-')"));
}

/* What an entry of a list looks like; the others take any word. */
static const struct list_form {
	const char *id;
	bool (*check)(struct str entry, struct err *e);
} forms[] = {
	{ "lists.sender", check_pattern },
	{ "lists.recipient", check_pattern },
	{ "lists.badmailfrom", check_mail_from },
	{ "lists.whitelisthosts", check_address },
	{ "lists.whitelistsenders", check_sender },
	{ "lists.from-to", check_pair },
	{ "spam.rule-scores", check_rule },
	{ "filter.plugins-remote", check_fragment },
	{ "filter.plugins-local", check_fragment },
};

bool
setting_target_check(const struct setting *s, struct str target, struct err *e)
{
	struct buf name = BUF_INIT(SETTING_VALUE_MAX);
	bool ok;

	/* lines of a file hold what the key of a record cannot */
	if (s->place != SETTING_IN_FILE && !name_storable(target, e))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (strcmp(s->id, forms[i].id) == 0)
			return forms[i].check(target, e);
	if (s->target != SETTING_TARGET_DOMAIN)
		return true;
	ok = type_host_add(target, &name, e);
	buf_clear(&name);
	return ok;
}
