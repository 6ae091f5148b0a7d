/* Who gets a copy of a message (core/filter/deliver.h). */
#include "core/filter/deliver.h"

#include "core/base/random.h"
#include "core/filter/lists_int.h"
#include "core/filter/policy_int.h"
#include "core/mail/header.h"

#include <string.h>

/* What is known of the names met while one recipient is followed. */
struct walk {
	const struct filter_policy *p;
	struct filter_deliveries *out; /* NULL: only whether it leads to any */
	struct arena *arena;
	const struct mail_path *rcpt; /* as written */
	uint32_t *seen; /* of each line: for which recipient it was met last */
	uint32_t turn;  /* the recipient's number, from 1 */
	bool *boxed;    /* has its copy */
	bool too_many, no_memory;
	/* copies that go away, by address: 1 + index, 0 where there is none */
	uint32_t *away;
	size_t away_cap; /* a power of two, or 0 */
};

static const struct alias_table *
table_of(const struct walk *w)
{
	return &w->p->aliases;
}

/* Room for one more, doubled whenever it is a power of two. */
static bool
has_room(struct walk *w)
{
	struct filter_deliveries *out = w->out;
	w->too_many = w->too_many || out->n >= FILTER_DELIVERIES_MAX;
	if (w->too_many || w->no_memory || (out->n & (out->n - 1)) != 0)
		return !w->too_many && !w->no_memory;
	struct filter_delivery *more = ARENA_ARRAY(
	    w->arena, out->n == 0 ? 1 : out->n * 2, struct filter_delivery);
	w->no_memory = more == NULL;
	if (more == NULL)
		return false;
	if (out->n > 0)
		memcpy(more, out->items, out->n * sizeof(*more));
	out->items = more;
	return true;
}

static void
add(struct walk *w, const struct filter_delivery *d)
{
	if (w->out == NULL || !has_room(w))
		return;
	w->out->items[w->out->n++] = *d;
	w->out->n_away += d->away;
}

/* With a seed: whoever sends to many must not aim them at one place. */
static size_t
hash_of(const struct mail_path *path)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t h = random_process_seed() ^ path->local.len;
	for (size_t i = 0; i < path->local.len; i++)
		h = (h ^ (unsigned char)path->local.ptr[i]) * odd;
	for (size_t i = 0; i < path->domain.len; i++)
		h = (h ^ (unsigned char)ascii_lower(path->domain.ptr[i])) * odd;
	return (size_t)(h ^ h >> 32);
}

/* Where it is among the copies that go away, or belongs. */
static uint32_t *
place_away(const struct walk *w, const struct mail_path *rcpt)
{
	size_t at = hash_of(rcpt);
	for (;; at++) {
		uint32_t *place = &w->away[at & (w->away_cap - 1)];
		if (*place == 0)
			return place;
		const struct mail_path *it = &w->out->items[*place - 1].rcpt;
		if (str_eq(it->local, rcpt->local) &&
		    str_eq_nocase(it->domain, rcpt->domain))
			return place;
	}
}

static bool
has_places(struct walk *w)
{
	enum {
		FIRST = 16
	};
	if (2 * (w->out->n_away + 1) <= w->away_cap)
		return true;
	w->away_cap = w->away_cap > 0 ? w->away_cap * 2 : FIRST;
	w->away = ARENA_ARRAY(w->arena, w->away_cap, uint32_t);
	w->no_memory = w->no_memory || w->away == NULL;
	for (size_t i = 0; w->away != NULL && i < w->out->n; i++)
		if (w->out->items[i].away)
			*place_away(w, &w->out->items[i].rcpt) =
			    (uint32_t)i + 1;
	return w->away != NULL;
}

/* A second copy for the same address elsewhere is none. */
static void
add_away(struct walk *w, const struct filter_delivery *d)
{
	if (w->out == NULL || w->no_memory || !has_places(w))
		return;
	uint32_t *place = place_away(w, &d->rcpt);
	size_t before = w->out->n;
	if (*place != 0)
		return;
	add(w, d);
	if (w->out->n > before)
		*place = (uint32_t)w->out->n;
}

/* True when a server is known for it. */
static bool
send_away(struct walk *w, const struct mail_path *rcpt)
{
	struct filter_delivery d = { .rcpt = *rcpt, .away = true };
	if (!filter_policy_route(w->p, rcpt->domain, &d.route))
		return false;
	add_away(w, &d);
	return true;
}

/*
 * The line that 'first' is of is the mailbox's own. False: it is one for
 * addresses, or for names that nobody has, which have none.
 */
static bool
put_in_box(struct walk *w, size_t first, struct str box)
{
	struct filter_delivery d = { .rcpt = *w->rcpt, .box = box };
	if (str_is(box, "*") || str_find(box, '@', 0) < box.len)
		return false;
	if (!w->boxed[first])
		add(w, &d);
	w->boxed[first] = true;
	return true;
}

/* The lines that an address of ours is looked for under; SIZE_MAX: none. */
static size_t
lines_for(const struct alias_table *t, const struct folded *f)
{
	size_t at = aliases_find(t, f->address);
	if (at == SIZE_MAX && f->domain.len > 0)
		at = aliases_find(t, f->at_domain);
	for (size_t end = f->local.len; at == SIZE_MAX && end > 0;) {
		at = aliases_find(t, str_sub(f->local, 0, end));
		do
			end--;
		while (end > 0 && f->local.ptr[end] != '-');
	}
	return at != SIZE_MAX ? at : aliases_find(t, STR("*"));
}

static bool follow(struct walk *w, size_t first, int depth);

static struct mail_path
path_of(struct str address)
{
	size_t at = address.len;
	while (at > 0 && address.ptr[at - 1] != '@')
		at--;
	return (struct mail_path){ str_sub(address, 0, at - 1),
		str_sub(address, at, address.len) };
}

/*
 * An address as a target: of ours, or elsewhere. What no server is known for
 * stays in the mailbox of the name that it was meant to leave.
 */
static bool
follow_address(struct walk *w, size_t first, struct str to, int depth)
{
	struct mail_path path = path_of(to);
	struct folded f;
	if (send_away(w, &path))
		return true;
	struct str name = table_of(w)->items[first].name;
	if (policy_is_here(w->p, path.domain)) {
		fold_path(&f, &path);
		size_t next = lines_for(table_of(w), &f);
		/* to itself: as its bare name would */
		if (next != first)
			return follow(w, next, depth + 1);
	}
	return put_in_box(w, first, name);
}

/* All targets of a name; true when any leads somewhere. */
static bool
follow(struct walk *w, size_t first, int depth)
{
	const struct alias_table *t = table_of(w);
	bool any = false;
	if (first == SIZE_MAX || depth > FILTER_ALIAS_DEPTH ||
	    w->seen[first] == w->turn)
		return false;
	w->seen[first] = w->turn;
	struct str name = t->items[first].name;
	for (size_t i = first; i < t->n && str_eq(t->items[i].name, name);
	     i++) {
		struct str to = t->items[i].to;
		if (str_eq(to, name)) {
			any |= put_in_box(w, first, name);
		} else if (str_find(to, '@', 0) < to.len) {
			any |= follow_address(w, first, to, depth);
		} else {
			size_t next = aliases_find(t, to);
			/* known already: it was met, and had its copy */
			any |= next != SIZE_MAX &&
			       (w->boxed[next] || follow(w, next, depth + 1));
		}
	}
	return any;
}

/* One that is kept, by the names if there are any. */
static bool
keep(struct walk *w, bool boxes, struct err *e)
{
	struct filter_delivery d = { .rcpt = *w->rcpt };
	struct folded f;
	if (!boxes || !table_of(w)->is_set) {
		add(w, &d);
		return true;
	}
	if (!policy_is_here(w->p, w->rcpt->domain))
		return err_set(e, ERR_NO,
		    "no server is known for mail to '%.*s'",
		    STR_ARG(w->rcpt->domain));
	fold_path(&f, w->rcpt);
	w->turn++;
	return follow(w, lines_for(table_of(w), &f), 0) ||
	       err_set(e, ERR_NO, "nobody here has the mailbox '%.*s'",
		   STR_ARG(w->rcpt->local));
}

static bool
walk_init(struct walk *w, const struct filter_policy *p, struct arena *a)
{
	*w = (struct walk){ .p = p, .arena = a };
	w->seen = ARENA_ARRAY(a, p->aliases.n + 1, uint32_t);
	w->boxed = ARENA_ARRAY(a, p->aliases.n + 1, bool);
	return w->seen != NULL && w->boxed != NULL;
}

bool
filter_policy_deliver(const struct filter_policy *p,
    const struct mail_path *rcpts, size_t n, bool boxes, struct arena *a,
    struct filter_deliveries *out, struct err *e)
{
	struct walk w;
	*out = (struct filter_deliveries){ .n = 0 };
	if (!walk_init(&w, p, a))
		return err_set(e, ERR_TEMPORARY, "out of memory");
	w.out = out;
	for (size_t i = 0; i < n; i++) {
		w.rcpt = &rcpts[i];
		if (!send_away(&w, w.rcpt) && !keep(&w, boxes, e))
			return false;
	}
	if (w.no_memory)
		return err_set(e, ERR_TEMPORARY, "out of memory");
	return !w.too_many || err_set(e, ERR_TEMPORARY,
				  "the message has more than %d recipients",
				  FILTER_DELIVERIES_MAX);
}

static bool
is_marked(struct str head)
{
	struct filter_field f;
	return mail_header_find(head, "X-Spam-Status", &f) &&
	       str_starts_nocase(str_trim(f.body), STR("yes"));
}

static bool
has_sorted(const struct filter_policy *p, struct str box)
{
	struct config_lines l = config_kept(&p->config, STR("sortspam"));
	for (size_t i = 0; i < l.n; i++) {
		if (str_eq_nocase(l.lines[i].text, box))
			return true;
	}
	return false;
}

bool
filter_policy_sorts(const struct filter_policy *p,
    const struct filter_delivery *d, struct str head, int *marked)
{
	if (d->box.len == 0 || *marked == 0 || !has_sorted(p, d->box))
		return false;
	if (*marked < 0)
		*marked = is_marked(head);
	return *marked > 0;
}

void
aliases_check(struct filter_policy *p)
{
	const struct alias_table *t = &p->aliases;
	struct mail_path nobody = { .domain = STR_EMPTY };
	struct walk w;
	if (t->n == 0 || !walk_init(&w, p, p->arena))
		return;
	w.rcpt = &nobody;
	for (size_t i = 0; i < t->n; i++) {
		if (i > 0 && str_eq(t->items[i].name, t->items[i - 1].name))
			continue;
		w.turn++;
		if (!follow(&w, i, 0))
			config_note(&p->config, LEVEL_WARN, t->items[i].line,
			    "'%.*s' leads to no mailbox",
			    STR_ARG(t->items[i].name));
	}
}
