/* Asking the running daemon for its counters. */
#include "core/model/counters.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/sys/local_ask.h"

#include <errno.h>
#include <string.h>

#define PREFIX "smemail_filterd_"

enum {
	ANSWER_MS = 2000
};

bool
counters_read(const struct root *root, struct buf *out, struct err *e)
{
	char path[SYS_PATH_MAX];
	if (!root_path(root, COUNTERS_SOCKET, path, e))
		return false;
	const char *shown = root_shown(root, path);
	struct err why = ERR_INIT;
	if (local_ask(path, STR(""), ANSWER_MS, out, &why) && out->len > 0)
		return true;
	bool is_absent =
	    why.sys_errno == ENOENT || why.sys_errno == ECONNREFUSED;
	if (why.sys_errno != 0 && !is_absent) {
		if (e != NULL)
			*e = why;
		return false;
	}
	err_set(e, ERR_TEMPORARY,
	    is_absent ? _("no filter daemon answers at '%s'")
		      : _("the filter daemon at '%s' does not answer as it "
			  "should"),
	    shown);
	return err_next(e, "smemail service list");
}

bool
counters_is_told_beside(struct str line)
{
	static const char *const words[] = { COUNTERS_WHY, COUNTERS_REFUSED,
		COUNTERS_SESSION, COUNTERS_SESSION_LINE };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_starts(line, str_of(words[i])))
			return true;
	return false;
}

/* PREFIX NAME VALUE, or PREFIX NAME{label="OF"} VALUE */
static bool
line_read(struct str line, struct counter *out)
{
	struct str number, rest;
	if (!str_starts(line, STR(PREFIX)))
		return false;
	struct str head = str_cut(line, ' ', &number);
	head = str_sub(head, strlen(PREFIX), head.len);
	out->name = str_cut(head, '{', &rest);
	out->of = (struct str)STR_EMPTY;
	if (rest.ptr != NULL) {
		(void)str_cut(rest, '"', &rest);
		out->of = str_cut(rest, '"', &rest);
	}
	return num_parse_u64(number, UINT64_MAX, &out->value);
}

bool
counters_next(struct str *at, struct counter *out)
{
	struct str line;
	while (str_next_line(at, &line)) {
		if (line_read(line, out))
			return true;
	}
	return false;
}

uint64_t
counters_value(struct str text, const char *name)
{
	struct counter c;
	while (counters_next(&text, &c)) {
		if (c.of.len == 0 && str_is(c.name, name))
			return c.value;
	}
	return 0;
}
