/* State in memory, with a clock that the test sets. */
#ifndef TESTS_SUPPORT_STATE_FAKE_H
#define TESTS_SUPPORT_STATE_FAKE_H

#include "core/base/list.h"
#include "core/filter/state.h"

#include <stdio.h>
#include <string.h>

enum {
	STATE_FAKE_RECORDS = 32
};

struct state_fake_record {
	enum filter_state_kind kind;
	char key[STATE_KEY_MAX + 1];
	struct state_record record;
};

struct state_fake {
	struct filter_state state;
	struct state_fake_record records[STATE_FAKE_RECORDS];
	size_t n;
	int64_t now;
	bool away;  /* cannot be asked */
	bool fails; /* knows nothing */
	bool full;  /* stores nothing */
	bool late;  /* answers later: state_fake_deliver */
	unsigned asked;
	filter_state_done *done;
	void *ctx;
	struct filter_state_answer answer;
};

static inline struct state_fake_record *
state_fake_find(
    struct state_fake *f, enum filter_state_kind kind, struct str key)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->records[i].kind == kind &&
		    str_is(key, f->records[i].key))
			return &f->records[i];
	}
	return NULL;
}

static inline struct state_record *
state_fake_record(
    struct state_fake *f, enum filter_state_kind kind, const char *key)
{
	struct state_fake_record *r = state_fake_find(f, kind, str_of(key));
	if (r == NULL) {
		/* without room the last one is used anew */
		r = &f->records[f->n < STATE_FAKE_RECORDS ? f->n++ : f->n - 1];
		r->kind = kind;
		snprintf(r->key, sizeof(r->key), "%s", key);
	}
	return &r->record;
}

static inline bool
state_fake_ask(struct filter_state *st, const struct filter_state_op *op,
    filter_state_done *done, void *ctx)
{
	struct state_fake *f = LIST_ITEM(st, struct state_fake, state);
	struct filter_state_answer a = { .stored = !f->full, .now = f->now };
	char key[STATE_KEY_MAX + 1];
	if (f->away)
		return false;
	f->asked++;
	if (f->fails) {
		snprintf(a.why, sizeof(a.why), "it is broken");
	} else {
		struct state_fake_record *r =
		    state_fake_find(f, op->kind, op->key);
		a.status = r != NULL ? STATE_FOUND : STATE_NONE;
		struct state_record after = { .n = { 0 } };
		if (r != NULL)
			a.record = after = r->record;
		snprintf(key, sizeof(key), "%.*s", STR_ARG(op->key));
		if (state_apply(op, r != NULL, &after, f->now) && !f->full)
			*state_fake_record(f, op->kind, key) = after;
		if (f->full)
			snprintf(a.why, sizeof(a.why), "it is full");
	}
	if (done != NULL && f->late) {
		f->done = done;
		f->ctx = ctx;
		f->answer = a;
	} else if (done != NULL) {
		done(ctx, &a);
	}
	return true;
}

static inline void
state_fake_init(struct state_fake *f, int64_t now)
{
	*f = (struct state_fake){ .state = { state_fake_ask }, .now = now };
}

/* The answer that is late; false: there is none. */
static inline bool
state_fake_deliver(struct state_fake *f)
{
	filter_state_done *done = f->done;
	f->done = NULL;
	if (done != NULL)
		done(f->ctx, &f->answer);
	return done != NULL;
}

#endif
