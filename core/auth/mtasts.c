/* Records and policies of MTA-STS: of what a web server sends, bytes too. */
#include "core/auth/mtasts.h"

#include "core/base/i18n.h"
#include "core/base/num.h"

enum {
	ID_MAX = 32 /* RFC 8461 3.1: letters and digits */
};

static const char *const modes[] = {
	[MTASTS_NONE] = "none",
	[MTASTS_TESTING] = "testing",
	[MTASTS_ENFORCE] = "enforce",
};

static bool
is_id(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_alnum(s.ptr[i]))
			return false;
	}
	return s.len > 0 && s.len <= ID_MAX;
}

bool
mtasts_record_parse(struct str text, struct str *id)
{
	struct str rest = text;
	struct str first = str_trim(str_cut(rest, ';', &rest));
	*id = (struct str)STR_EMPTY;
	if (!str_is(first, "v=STSv1"))
		return false;
	while (rest.ptr != NULL) {
		struct str value;
		struct str name =
		    str_trim(str_cut(str_cut(rest, ';', &rest), '=', &value));
		value = str_trim(value);
		if (id->len == 0 && str_is(name, "id") && is_id(value))
			*id = value;
	}
	return true;
}

/* Of each field but mx the first counts (RFC 8461 3.2). */
struct reading {
	struct mtasts_policy *out;
	struct str version, mode, age;
};

static void
read_field(struct reading *r, struct str name, struct str value)
{
	const struct {
		const char *name;
		struct str *to;
	} fields[] = {
		{ "version", &r->version },
		{ "mode", &r->mode },
		{ "max_age", &r->age },
	};
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (str_is(name, fields[i].name) && fields[i].to->len == 0)
			*fields[i].to = value;
	}
	if (str_is(name, "mx") && value.len > 0 && r->out->n_mx < MTASTS_MX_MAX)
		r->out->mx[r->out->n_mx++] = value;
}

static bool
mode_parse(struct str word, enum mtasts_mode *out)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		if (!str_is(word, modes[i]))
			continue;
		*out = (enum mtasts_mode)i;
		return true;
	}
	return false;
}

bool
mtasts_policy_parse(struct str text, struct mtasts_policy *out, struct err *e)
{
	struct reading r = { .out = out };
	struct str rest = text, line;
	*out = (struct mtasts_policy){ 0 };
	if (text.len > MTASTS_POLICY_MAX)
		return err_set(e, ERR_PERMANENT,
		    _("the policy is larger than %d bytes"), MTASTS_POLICY_MAX);
	while (str_next_line(&rest, &line)) {
		struct str value, name = str_trim(str_cut(line, ':', &value));
		read_field(&r, name, str_trim(value));
	}
	if (!str_is(r.version, "STSv1") || !mode_parse(r.mode, &out->mode))
		return err_set(
		    e, ERR_PERMANENT, _("it is no policy of MTA-STS"));
	if (!num_parse_u64(r.age, MTASTS_AGE_MAX_S, &out->max_age_s))
		return err_set(
		    e, ERR_PERMANENT, _("the policy has no valid max_age"));
	if (out->n_mx == 0 && out->mode != MTASTS_NONE)
		return err_set(e, ERR_PERMANENT, _("the policy names no mx"));
	return true;
}

const char *
mtasts_mode_text(enum mtasts_mode mode)
{
	return modes[mode];
}

static bool
mx_fits(struct str pattern, struct str host)
{
	struct str rest;
	if (!str_starts(pattern, STR("*.")))
		return str_eq_nocase(pattern, host);
	str_cut(host, '.', &rest);
	return rest.len > 0 &&
	       str_eq_nocase(str_sub(pattern, 2, pattern.len), rest);
}

bool
mtasts_policy_names(const struct mtasts_policy *p, struct str host)
{
	for (size_t i = 0; i < p->n_mx; i++) {
		if (mx_fits(p->mx[i], host))
			return true;
	}
	return false;
}
