/* Looking at the filter's state, and taking out of it. */
#include "core/model/remembered.h"

#include "core/base/vec.h"
#include "core/filter/filter.h"
#include "core/filter/state_store.h"
#include "core/sys/root.h"

#include <string.h>

#define CONFIG "/var/service/qpsmtpd/config"

enum {
	BUNDLE_MAX = 64 << 20,
	BUSY_MS = 5000, /* the daemon writes for moments only */
	DAY_S = 24 * 60 * 60
};

/* Where SME keeps it, for a configuration that says nothing of it. */
static const struct {
	const char *dir;
	int64_t wait_s;
} usual[STATE_KINDS] = {
	[STATE_KARMA] = { "/var/lib/qpsmtpd/karma", DAY_S },
	[STATE_GREYLIST] = { "/var/lib/qpsmtpd/greylisting", 50 * 60 },
};

struct places {
	struct filter_state_place of[STATE_PLACES_MAX];
	size_t n;
	bool loaded;
};

static bool
read_policy(const struct model_ctx *m, struct filter_policy **policy)
{
	char path[SYS_PATH_MAX], control[SYS_PATH_MAX];
	struct buf bundle = BUF_INIT(BUNDLE_MAX);
	bool ok = root_path(m->root, CONFIG, path, NULL) &&
		  root_path(m->root, "/var/qmail/control", control, NULL) &&
		  filter_bundle_read(path, control, &bundle, NULL) &&
		  filter_policy_new(buf_str(&bundle), policy, NULL);
	buf_clear(&bundle);
	return ok;
}

/* A configuration that cannot be read names none: the usual place is it. */
static bool
find_places(const struct model_ctx *m, enum filter_state_kind kind,
    struct places *out, struct err *e)
{
	struct filter_state_place all[STATE_PLACES_MAX];
	struct filter_policy *policy = NULL;
	char path[SYS_PATH_MAX];
	*out = (struct places){ .n = 0 };
	size_t n =
	    read_policy(m, &policy) ? filter_policy_states(policy, all) : 0;
	for (size_t i = 0; i < n; i++) {
		if (all[i].kind != kind)
			continue;
		out->of[out->n] = all[i];
		out->of[out->n++].dir =
		    arena_cstr(m->arena, str_of(all[i].dir));
	}
	filter_policy_free(policy);
	out->loaded = out->n > 0;
	if (out->loaded)
		return true;
	if (!root_path(m->root, usual[kind].dir, path, e))
		return false;
	out->of[out->n++] = (struct filter_state_place){ .kind = kind,
		.dir = arena_cstr(m->arena, str_of(path)),
		.wait_s = usual[kind].wait_s };
	return true;
}

/* ---- looking ---- */

struct walk {
	const struct model_ctx *m;
	enum filter_state_kind kind;
	struct str wanted;
	int64_t now, wait_s;
	size_t place;
	struct vec rows; /* struct remembered_row */
	bool no_memory;
};

/* "3221225993:a@b.example": the address as people write it. */
static struct str
shown_key(struct arena *a, struct str key)
{
	char text[NET_ADDR_TEXT_SIZE];
	struct str rest, first = str_cut(key, ':', &rest);
	struct str address = state_key_show(first, text);
	if (rest.ptr == NULL)
		return arena_str(a, address);
	return str_of(
	    arena_printf(a, "%.*s:%.*s", STR_ARG(address), STR_ARG(rest)));
}

static bool
has_nocase(struct str all, struct str part)
{
	for (size_t i = 0; i + part.len <= all.len; i++) {
		if (str_eq_nocase(str_sub(all, i, i + part.len), part))
			return true;
	}
	return false;
}

static bool
is_wanted(const struct walk *w, struct str who)
{
	if (w->wanted.ptr == NULL)
		return true;
	return w->kind == STATE_KARMA ? str_eq_nocase(who, w->wanted)
				      : has_nocase(who, w->wanted);
}

static int64_t
time_left(const struct walk *w, const struct state_record *r)
{
	if (w->kind == STATE_KARMA)
		return karma_penalty_left(r, w->wait_s, w->now);
	int64_t left = r->n[GREYLIST_TIME] + w->wait_s - w->now;
	return r->n[GREYLIST_WHITE] > 0 || left < 0 ? 0 : left;
}

static bool
take(void *ctx, struct str key, const struct state_record *r, int64_t stamp)
{
	struct walk *w = ctx;
	struct remembered_row row = { .place = w->place, .record = *r };
	(void)stamp;
	struct str who = shown_key(w->m->arena, key);
	if (!is_wanted(w, who))
		return true;
	row.who = who;
	row.key = arena_str(w->m->arena, key);
	row.left_s = time_left(w, r);
	w->no_memory = !vec_push(&w->rows, &row);
	return !w->no_memory;
}

static int
by_time_left(const void *a, const void *b)
{
	const struct remembered_row *one = a, *other = b;
	if (one->left_s != other->left_s)
		return one->left_s < other->left_s ? 1 : -1;
	return str_cmp(one->who, other->who);
}

static bool
look(struct walk *w, const struct filter_state_place *place, struct err *e)
{
	struct state_store *store;
	w->wait_s = place->wait_s;
	if (!state_store_open(
		w->kind, place->dir, STATE_ACCESS_READ, BUSY_MS, &store, e))
		return false;
	bool ok = state_store_walk(store, take, w, e);
	state_store_close(store);
	return ok && (!w->no_memory || err_no_memory(e));
}

bool
remembered_list(const struct model_ctx *m, enum filter_state_kind kind,
    const char *wanted, struct remembered *out, struct err *e)
{
	struct places places;
	struct walk w = { .m = m,
		.kind = kind,
		.wanted = str_of(wanted),
		.now = clock_wall_s(m->clock),
		.rows = VEC_INIT(struct remembered_row) };
	*out = (struct remembered){ .kind = kind };
	if (!find_places(m, kind, &places, e))
		return false;
	bool ok = true;
	for (; ok && w.place < places.n; w.place++)
		ok = look(&w, &places.of[w.place], e);
	vec_sort(&w.rows, by_time_left);
	out->loaded = places.loaded;
	out->n = w.rows.len;
	out->rows =
	    ARENA_ARRAY(m->arena, w.rows.len + 1, struct remembered_row);
	if (w.rows.len > 0)
		memcpy(out->rows, w.rows.data,
		    w.rows.len * sizeof(struct remembered_row));
	vec_clear(&w.rows);
	return ok;
}

/* ---- forgetting ---- */

static bool
forget_all(struct state_store *store, const struct remembered *r, size_t place,
    int64_t *n, struct err *e)
{
	int64_t one;
	if (!state_store_begin(store, e))
		return false;
	for (size_t i = 0; i < r->n; i++) {
		if (r->rows[i].place != place)
			continue;
		if (!state_store_forget(store, r->rows[i].key, &one, e)) {
			state_store_rollback(store);
			return false;
		}
		*n += one;
	}
	return state_store_commit(store, e);
}

static bool
has_rows(const struct remembered *r, size_t place)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->rows[i].place == place)
			return true;
	}
	return false;
}

bool
remembered_forget(const struct model_ctx *m, const struct remembered *r,
    int64_t *n, struct err *e)
{
	struct places places;
	*n = 0;
	if (!find_places(m, r->kind, &places, e))
		return false;
	bool ok = true;
	for (size_t i = 0; ok && i < places.n; i++) {
		struct state_store *store;
		if (!has_rows(r, i))
			continue;
		ok = state_store_open(r->kind, places.of[i].dir,
		    STATE_ACCESS_CHANGE, BUSY_MS, &store, e);
		if (!ok)
			break;
		ok = forget_all(store, r, i, n, e);
		state_store_close(store);
	}
	return ok;
}
