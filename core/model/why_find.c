/* Finding: the stories of a word, each explained as it ends. */
#include "core/model/why_find.h"

#include "core/base/vec.h"
#include "core/maillog/story_find.h"
#include "core/model/logs.h"

#include <string.h>

enum {
	NAMES_MAX = 4096,
	HELD_MAX = 16 << 20, /* bytes of all rows: no more are taken then */
	SETTINGS_HELD_MAX = 4 << 20, /* of what reading settings leaves */
};

/* A message explained, and what it lives in: freed when it is pushed out. */
struct row {
	struct why *why;
	struct arena *arena;
};

struct finding {
	const struct model_ctx *m;
	struct log_set set;
	const char *names[LOG_SET_MAX + 1];
	struct settings_store *settings; /* NULL without a tree */
	struct model_ctx settings_of;    /* its own arena */
	size_t settings_held, settings_most;
	struct vec found; /* struct row */
	size_t *held;     /* bytes of their arenas, in the arena above them */
	size_t more;
	bool is_cut;                 /* it was not looked further back */
	const struct why_sink *sink; /* or NULL */
	size_t given;                /* of 'found', sorted, to the sink */
	size_t sure, sure_more;      /* of 'found' and 'more': not anew */
};

static struct why *
at(const struct vec *v, size_t i)
{
	return VEC_AT(v, const struct row, i)->why;
}

/* Of those found since the last call of 'settled': the one to give up. */
static size_t
oldest_of_new(const struct finding *f)
{
	size_t oldest = f->sure;
	for (size_t i = f->sure + 1; i < f->found.len; i++)
		if (at(&f->found, i)->time_ns < at(&f->found, oldest)->time_ns)
			oldest = i;
	return oldest;
}

/* Every row is explained with one store, whose reading leaves a little. */
static void
open_settings(struct finding *f)
{
	settings_close(f->settings);
	arena_reset(f->settings_of.arena);
	if (!settings_open(&f->settings_of, &f->settings, NULL))
		f->settings = NULL;
}

static void
renew_settings(struct finding *f)
{
	if (f->settings_held <= f->settings_most)
		return;
	open_settings(f);
	/* so much it takes, perhaps, before anything is left */
	f->settings_most = f->settings_most * 2;
}

static void
free_row(struct vec *rows, size_t i)
{
	arena_free(VEC_AT(rows, struct row, i)->arena);
}

static bool
is_full(const struct finding *f)
{
	return f->found.len == WHY_FOUND_MAX || *f->held > HELD_MAX;
}

static struct row
explained(struct finding *f, const struct story *s)
{
	struct model_ctx m = *f->m;
	struct row row = { .arena = arena_child(f->m->arena) };
	m.arena = row.arena;
	arena_count(row.arena, f->held);
	renew_settings(f);
	row.why = why_explain(&m, f->settings, s, f->names);
	return row;
}

/* Stories of one stretch come as they end, and only the newest are kept. */
static void
found(void *ctx, const struct story *s)
{
	struct finding *f = ctx;
	size_t i = f->found.len;
	if (is_full(f)) {
		f->more++;
		i = oldest_of_new(f);
		if (i == f->found.len ||
		    story_time(s) <= at(&f->found, i)->time_ns)
			return;
	}
	struct row row = explained(f, s);
	if (i < f->found.len) {
		free_row(&f->found, i);
		*VEC_AT(&f->found, struct row, i) = row;
	} else if (!vec_push(&f->found, &row)) {
		arena_free(row.arena);
		f->more++;
	}
}

static bool
enough(void *ctx)
{
	struct finding *f = ctx;
	/* asked only while there may be older ones */
	f->is_cut = is_full(f);
	return f->is_cut;
}

/* May the other half of it still be found? */
static bool
is_undecided(const struct why *w)
{
	return (w->doubts & STORY_BEGAN_EARLIER) != 0 &&
	       (w->msg != 0 || w->queue_id.len > 0);
}

/* Is it a half of a message that was found whole as well? */
static bool
is_half(const struct vec *all, const struct why *w)
{
	if (!is_undecided(w))
		return false;
	for (size_t i = 0; i < all->len; i++) {
		const struct why *o = at(all, i);
		if (o != w && o->msg == w->msg &&
		    str_eq(o->queue_id, w->queue_id) &&
		    (o->doubts & STORY_BEGAN_EARLIER) == 0)
			return true;
	}
	return false;
}

/* The newest message first: it is the one that is asked about. */
static int
newest_first(const void *x, const void *y)
{
	const struct why *a = ((const struct row *)x)->why;
	const struct why *b = ((const struct row *)y)->why;
	if (a->time_ns != b->time_ns)
		return a->time_ns > b->time_ns ? -1 : 1;
	return a->id > b->id ? -1 : a->id < b->id;
}

/* Rows whose place no later find can change, up to the first undecided. */
static void
give_rows(struct finding *f, bool last)
{
	if (f->sink == NULL)
		return;
	for (; f->given < f->found.len; f->given++) {
		const struct why *w = at(&f->found, f->given);
		if (is_half(&f->found, w))
			continue;
		if (!last && is_undecided(w))
			return;
		f->sink->row(f->sink->ctx, w);
	}
}

static void
settled(void *ctx)
{
	struct finding *f = ctx;
	vec_sort(&f->found, newest_first);
	give_rows(f, false);
	f->sure = f->found.len;
	f->sure_more = f->more;
}

static void
again(void *ctx)
{
	struct finding *f = ctx;
	while (f->found.len > f->sure)
		free_row(&f->found, --f->found.len);
	f->more = f->sure_more;
}

static void
give(struct finding *f, struct why_list *out)
{
	vec_sort(&f->found, newest_first);
	give_rows(f, true);
	out->rows = ARENA_ARRAY(f->m->arena, f->found.len + 1, struct why *);
	for (size_t i = 0; i < f->found.len; i++)
		if (!is_half(&f->found, at(&f->found, i)))
			out->rows[out->n++] = at(&f->found, i);
	out->more = f->more;
	out->is_cut = f->is_cut;
}

/* Where it was looked, and how far back that reaches. */
static void
tell_logs(struct finding *f, struct why_list *out)
{
	struct buf names = BUF_INIT(NAMES_MAX);
	log_set_names(&f->set, &names);
	out->looked = arena_cstr(f->m->arena, buf_str(&names));
	out->notes = arena_cstr(f->m->arena, buf_str(&f->set.notes));
	if (!log_set_oldest(&f->set, &out->oldest_ns))
		out->oldest_ns = INT64_MIN;
	buf_clear(&names);
}

/* By one word of those a text holds. */
static bool
find_word(struct finding *f, const char *text, struct err *e)
{
	struct story_what word;
	struct story_find order = { .sources = f->set.sources,
		.n = f->set.n,
		.what = &word,
		.steps = true,
		.found = found,
		.enough = enough,
		.settled = settled,
		.again = again,
		.ctx = f };
	story_what_parse(str_of(text), clock_wall_ns(f->m->clock), &word);
	return story_find(&order, e);
}

/* The words in their order, until one finds something. */
static bool
find_any(
    struct finding *f, const char *what, struct why_list *out, struct err *e)
{
	struct why_words words;
	bool ok = true;
	why_words(f->m, what, &words);
	out->word = words.words[0];
	out->words = "";
	for (size_t i = 0; ok && i < words.n && f->found.len == 0; i++) {
		const char *word = words.words[i];
		ok = find_word(f, word, e);
		out->words = arena_printf(f->m->arena, "%s%s'%s'", out->words,
		    i > 0 ? ", " : "", why_word_shown(word));
		if (f->found.len > 0)
			out->word = word;
	}
	return ok;
}

bool
why_find(const struct model_ctx *m, const char *what, const char *dir,
    struct logrange range, int input, const struct why_sink *sink,
    struct why_list *out, struct err *e)
{
	struct finding f = { .m = m,
		.settings_of = *m,
		.settings_most = SETTINGS_HELD_MAX,
		.held = ARENA_NEW(m->arena, size_t),
		.found = VEC_INIT(struct row),
		.sink = sink };
	memset(out, 0, sizeof(*out));
	if (!log_set_open(m, NULL, dir, range, input, &f.set, e))
		return false;
	for (size_t i = 0; i < f.set.n; i++)
		f.names[i] = arena_cstr(m->arena, str_of(f.set.names[i]));
	f.settings_of.arena = arena_child(m->arena);
	arena_count(f.settings_of.arena, &f.settings_held);
	open_settings(&f);
	bool ok = find_any(&f, what, out, e);
	if (ok) {
		give(&f, out);
		tell_logs(&f, out);
	}
	vec_clear(&f.found);
	settings_close(f.settings);
	arena_free(f.settings_of.arena);
	log_set_close(&f.set);
	return ok;
}
