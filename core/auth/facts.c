/* DNS facts, asked for by evaluators and supplied by a driver. */
#include "core/auth/facts.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/mail/idna.h"

void
facts_init(struct facts *f, struct arena *a)
{
	*f = (struct facts){ .arena = a, .by_key = MAP_INIT };
	f->last = &f->first;
}

void
facts_clear(struct facts *f)
{
	map_clear(&f->by_key);
	f->first = NULL;
	f->last = &f->first;
	f->wanted = 0;
}

static struct str
without_final_dot(struct str name)
{
	if (name.len > 0 && name.ptr[name.len - 1] == '.')
		name.len--;
	return name;
}

bool
fact_name_is_valid(struct str name)
{
	struct str rest = without_final_dot(name);
	if (rest.len == 0 || rest.len > FACT_NAME_MAX)
		return false;
	while (rest.ptr != NULL) {
		struct str label = str_cut(rest, '.', &rest);
		if (label.len == 0 || label.len > FACT_LABEL_MAX)
			return false;
	}
	return true;
}

enum {
	KEY_TYPE = 2, /* octets of the type before the name */
	KEY_MAX = KEY_TYPE + FACT_NAME_MAX
};

static struct str
key_of(struct str name, uint16_t type, char out[KEY_MAX])
{
	out[0] = (char)(type >> 8);
	out[1] = (char)(type & 0xff);
	for (size_t i = 0; i < name.len; i++)
		out[KEY_TYPE + i] = ascii_lower(name.ptr[i]);
	return str_n(out, KEY_TYPE + name.len);
}

const struct fact *
facts_ask(struct facts *f, struct str name, uint16_t type)
{
	char key[KEY_MAX];
	if (!fact_name_is_valid(name))
		return NULL;
	struct str k = key_of(without_final_dot(name), type, key);
	struct fact *fact = map_get(&f->by_key, k);
	if (fact != NULL || f->by_key.len >= FACTS_MAX)
		return fact;
	struct str kept = arena_str(f->arena, k);
	fact = ARENA_NEW(f->arena, struct fact);
	if (fact == NULL || kept.ptr == NULL ||
	    !map_put(&f->by_key, kept, fact))
		return NULL;
	*fact = (struct fact){ .owner = f,
		.type = type,
		.name = str_sub(kept, KEY_TYPE, kept.len) };
	*f->last = fact;
	f->last = &fact->next;
	f->wanted++;
	return fact;
}

struct fact *
facts_next_wanted(struct facts *f)
{
	for (struct fact *fact = f->first; fact != NULL; fact = fact->next)
		if (fact->answer == NULL && !fact->asked)
			return fact;
	return NULL;
}

void
facts_settle(struct fact *fact, const struct dns_answer *answer)
{
	if (fact->answer != NULL)
		return;
	fact->answer = dns_answer_dup(fact->owner->arena, answer);
	if (fact->answer != NULL)
		fact->owner->wanted--;
}

static void
on_answer(void *ctx, const struct dns_answer *answer)
{
	facts_settle(ctx, answer);
}

void
facts_submit(struct facts *f, struct dns *d, const struct dns_how *how)
{
	static const struct dns_answer no_memory = { .status = DNS_ABORTED };
	for (struct fact *fact; (fact = facts_next_wanted(f)) != NULL;) {
		fact->asked = true;
		if (dns_submit(d, fact->name, fact->type, how, on_answer,
			fact) == NULL)
			facts_settle(fact, &no_memory);
	}
}

void
facts_fetch(struct facts *f, struct dns *d, const struct dns_how *how)
{
	facts_submit(f, d, how);
	while (f->wanted > 0 && dns_wait(d, -1, NULL))
		;
}

bool
fact_is_void(const struct fact *fact)
{
	return fact->answer->status == DNS_NODATA ||
	       fact->answer->status == DNS_NXDOMAIN ||
	       fact->answer->status == DNS_NOT_A_NAME;
}

bool
fact_is_failed(const struct fact *fact)
{
	return fact->answer->status != DNS_OK && !fact_is_void(fact);
}

/* "300.1.1.1" is a mistyped address: no top-level domain is a number. */
static bool
ends_in_number(struct str name)
{
	size_t at = name.len;
	while (at > 0 && ascii_is_digit(name.ptr[at - 1]))
		at--;
	return at < name.len && (at == 0 || name.ptr[at - 1] == '.');
}

bool
fact_domain_parse(
    struct arena *arena, const char *text, struct str *out, struct err *e)
{
	struct buf name = BUF_INIT(4 * FACT_NAME_MAX);
	struct str s = str_of(text);
	size_t at = s.len;
	while (at > 0 && s.ptr[at - 1] != '@')
		at--;
	bool ok = idna_domain(str_sub(s, at, s.len), &name) &&
		  fact_name_is_valid(buf_str(&name)) &&
		  !ends_in_number(without_final_dot(buf_str(&name))) &&
		  str_find(buf_str(&name), ' ', 0) == name.len;
	if (ok)
		*out = arena_str(arena, without_final_dot(buf_str(&name)));
	buf_clear(&name);
	return ok || err_set(e, ERR_USAGE, _("'%s' is not a domain"), text);
}
