/* A policy and a client, and what is remembered of it. */
#ifndef TESTS_UNIT_FILTER_STATE_FIXTURE_H
#define TESTS_UNIT_FILTER_STATE_FIXTURE_H

#include "tests/unit/filter_fixture.h"

#include "core/filter/state.h"
#include "tests/support/state_fake.h"

enum {
	DAY = 24 * 60 * 60,
	NOW = 1700000000
};

#define ADDRESS "3221225993" /* 192.0.2.9 (FL-165) */
#define QUEUE   "rcpt_ok\nqueue/maildir /m\n"

static inline void
begin(struct fixture *f, struct state_fake *s, const char *plugins,
    const char *name, const char *content)
{
	fixture_start(f, plugins, name, content);
	state_fake_init(s, NOW);
	f->session.state = &s->state;
}

/* Another session of the same client, with what is remembered. */
static inline void
again(struct fixture *f)
{
	struct filter_session fresh = {
		.client_ip = f->session.client_ip,
		.client_name = f->session.client_name,
		.helo = f->session.helo,
		.arena = f->session.arena,
		.state = f->session.state,
	};
	filter_session_clear(&f->session);
	f->session = fresh;
	buf_reset(&f->logged);
	assert_true(filter_session_start(f->policy, &f->session));
}

static inline void
set(struct state_fake *s, int64_t start, int64_t naughty, int64_t nice,
    int64_t connects)
{
	*state_fake_record(s, STATE_KARMA, ADDRESS) =
	    (struct state_record){ .n = { start, naughty, nice, connects } };
}

static inline void
is_record(struct state_fake *s, enum filter_state_kind kind, const char *key,
    const char *text)
{
	char got[STATE_VALUE_SIZE];
	struct state_fake_record *r = state_fake_find(s, kind, str_of(key));
	if (r == NULL)
		fail_msg("no record '%s'", key);
	assert_string_equal(state_record_format(&r->record, got), text);
}

#endif
