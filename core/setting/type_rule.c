/* Lines that the mail filter reads: rules about hosts, plugins. */
#include "core/setting/type_int.h"

#include "core/base/i18n.h"

/* What a rule of hosts_allow says (FL-44). */
static const char *const results[] = { "OK", "DENY", "DENYSOFT",
	"DENY_DISCONNECT", "DENYSOFT_DISCONNECT", "DECLINED" };

static bool
is_result(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(results); i++)
		if (str_is(word, results[i]))
			return true;
	return false;
}

/* "ADDRESS[/BITS] RESULT [text for the peer]" */
static bool
rule_add(const struct setting *s, struct str entry, struct buf *stored,
    struct err *e)
{
	struct str rest = entry, address, word;

	(void)s;
	if (!str_next_word(&rest, &address) ||
	    type_address_kind(address) == TYPE_ADDRESS_NONE)
		return type_refuse(
		    e, entry, _("does not begin with an address or network"));
	if (!str_next_word(&rest, &word) || !is_result(word))
		return type_refuse(e, entry,
		    _("has no OK, DENY, DENYSOFT, DENY_DISCONNECT, "
		      "DENYSOFT_DISCONNECT or DECLINED behind the address"));
	return type_storable(entry, e) && buf_add_str(stored, entry);
}

static bool
parse_host_rules(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	return type_list_parse(s, text, ",\n", rule_add, stored, e);
}

static void
describe_host_rules(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words,
	    _("rules ADDRESS[/BITS] RESULT [TEXT], parted by commas; RESULT "
	      "is OK, DENY, DENYSOFT, DENY_DISCONNECT, DENYSOFT_DISCONNECT or "
	      "DECLINED"));
}

/* One line of a fragment: text, not code, and not a comment alone. */
static bool
parse_plugin_line(
    const struct setting *s, struct str text, struct buf *stored, struct err *e)
{
	(void)s;
	text = str_trim(text);
	if (text.len > 0 && text.ptr[0] == '#')
		return type_refuse(e, text, _("is a comment, not a plugin"));
	if (str_find(text, '{', 0) < text.len ||
	    str_find(text, '}', 0) < text.len)
		return type_refuse(
		    e, text, _("holds '{' or '}', which would be code"));
	return type_storable(text, e) && buf_add_str(stored, text);
}

static void
describe_plugin_line(const struct setting *s, struct buf *words)
{
	(void)s;
	(void)buf_add_cstr(words, _("a plugin and its words, one line"));
}

const struct setting_type setting_type_host_rules = {
	.name = "ip-list",
	.editor = SETTING_EDIT_LIST,
	.parse = parse_host_rules,
	.format = type_format_plain,
	.describe = describe_host_rules,
};

const struct setting_type setting_type_plugin_line = {
	.name = "text",
	.editor = SETTING_EDIT_LINE,
	.parse = parse_plugin_line,
	.format = type_format_plain,
	.describe = describe_plugin_line,
};
