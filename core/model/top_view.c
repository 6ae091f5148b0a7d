/* The figures of a moment, from what is kept. */
#include "core/model/counters.h"
#include "core/model/service.h"
#include "core/model/top_int.h"

#include "core/base/arena.h"
#include "core/sys/file.h"

#include <stdlib.h>
#include <string.h>

enum {
	MINUTE_S = 60,
	SECONDS_S = 10,
	QUEUE_EVERY_MS = 5000, /* a long queue takes time to count */
	LOAD_MAX = 256,
	SERVICE_BYTES = 1 << 20,
};

/* Events before the window go, and sessions that nobody ended. */
static void
forget(struct top *t, int64_t now)
{
	struct top_event *all = t->events.data;
	size_t old = 0;
	while (old < t->events.len &&
	       all[old].ns < now - (int64_t)TOP_WINDOW_S * NS_PER_S)
		old++;
	t->events.len -= old;
	if (old > 0 && t->events.len > 0)
		memmove(all, all + old, t->events.len * sizeof(*all));
	for (size_t i = t->sessions.len; i > 0; i--)
		if (VEC_AT(&t->sessions, struct top_session, i - 1)->last_ns <
		    now - (int64_t)TOP_IDLE_S * NS_PER_S)
			vec_remove(&t->sessions, i - 1);
}

static void
count(struct top *t, const struct top_event *ev, struct top_view *out)
{
	uint64_t *const whole[] = { &out->connections, &out->queued,
		&out->refused, &out->deferred };
	int64_t ago = out->now_ns - ev->ns;
	if (ev->what < TOP_WHATS) {
		++*whole[ev->what];
		out->minute[ev->what] += ago < (int64_t)MINUTE_S * NS_PER_S;
		out->second[ev->what] += ago < (int64_t)SECONDS_S * NS_PER_S;
	}
	if (ev->what == TOP_REFUSED || ev->what == TOP_DEFERRED)
		t->rules[ev->name].n++;
	if (ev->what == TOP_SCORE) {
		if (out->scores == 0 || ev->value > out->score_most_tenths)
			out->score_most_tenths = ev->value;
		out->score_sum_tenths += ev->value;
		out->scores++;
	}
	if (ev->what == TOP_CALL) {
		struct top_plugin *p = &t->plugins[ev->name];
		p->calls++;
		p->total_ns += ev->value;
		p->worst_ns = ev->value > p->worst_ns ? ev->value : p->worst_ns;
	}
}

static int
by_count(const void *va, const void *vb)
{
	const struct top_count *a = va, *b = vb;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int64_t
mean(const struct top_plugin *p)
{
	return p->calls > 0 ? p->total_ns / (int64_t)p->calls : -1;
}

static int
by_mean(const void *va, const void *vb)
{
	const struct top_plugin *a = va, *b = vb;
	if (mean(a) != mean(b))
		return mean(a) > mean(b) ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void
count_all(struct top *t, struct top_view *out)
{
	for (size_t i = 0; i < t->n_names; i++) {
		t->rules[i] = (struct top_count){ t->names[i], 0 };
		t->plugins[i] = (struct top_plugin){ t->names[i], 0, 0, 0 };
	}
	for (size_t i = 0; i < t->events.len; i++)
		count(t, VEC_AT(&t->events, struct top_event, i), out);
	qsort(t->rules, t->n_names, sizeof(t->rules[0]), by_count);
	qsort(t->plugins, t->n_names, sizeof(t->plugins[0]), by_mean);
	out->rules = t->rules;
	out->plugins = t->plugins;
	while (out->n_rules < t->n_names && t->rules[out->n_rules].n > 0)
		out->n_rules++;
	while (
	    out->n_plugins < t->n_names && t->plugins[out->n_plugins].calls > 0)
		out->n_plugins++;
}

/* Longest wait first; the older session where they are alike. */
static int
by_wait(const void *va, const void *vb)
{
	const struct top_session *a = va, *b = vb;
	if (a->last_ns != b->last_ns)
		return a->last_ns < b->last_ns ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static bool
copy_sessions(struct top *t, struct top_view *out)
{
	t->shown.len = 0;
	for (size_t i = 0; i < t->sessions.len; i++)
		if (!vec_push(
			&t->shown, VEC_AT(&t->sessions, struct top_session, i)))
			return false;
	vec_sort(&t->shown, by_wait);
	out->sessions = t->shown.data;
	out->n_sessions = t->shown.len;
	return true;
}

static void
find_busiest(struct top_view *out)
{
	for (size_t i = 0; i < out->n_sessions; i++) {
		uint32_t n = 0;
		for (size_t k = 0; k < out->n_sessions; k++)
			n += strcmp(out->sessions[i].ip, out->sessions[k].ip) ==
			     0;
		if (n > out->busiest) {
			out->busiest = n;
			memcpy(out->busiest_ip, out->sessions[i].ip,
			    sizeof(out->busiest_ip));
		}
	}
}

/* Should a filter run here that does not? */
static bool
is_down(const struct top *t)
{
	struct arena *a = arena_new(SERVICE_BYTES, NULL, NULL);
	const struct model_ctx m = {
		.root = t->root, .clock = t->clock, .arena = a
	};
	struct service_row row;
	struct err e = ERR_INIT;
	bool down =
	    a != NULL && service_row_of(&m, "qpsmtpd", &row, &e) &&
	    row.enabled &&
	    (strcmp(row.state, "down") == 0 || strcmp(row.state, "FAIL") == 0);
	arena_free(a);
	return down;
}

/* Nobody answers: it may be another filter, of which nothing is said. */
static void
ask_daemon(const struct top *t, struct top_daemon *out)
{
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(COUNTERS_TEXT_MAX);
	out->known = counters_read(t->root, &text, &e);
	out->down = !out->known && is_down(t);
	struct str all = buf_str(&text);
	out->up_s = counters_value(all, "up_seconds");
	out->sessions = counters_value(all, "sessions");
	out->sessions_max = counters_value(all, "sessions_max");
	out->queued = counters_value(all, "messages_queued_total");
	out->refused = counters_value(all, "refused_total");
	out->deferred = counters_value(all, "deferred_total");
	waiting_from_counters(all, &out->waiting);
	buf_clear(&text);
}

/* "0.61 ..." of the kernel. */
static double
machine_load(void)
{
	struct buf text = BUF_INIT(LOAD_MAX);
	double load = -1;
	if (file_read("/proc/loadavg", "/proc/loadavg", &text, NULL))
		load = strtod(buf_cstr(&text), NULL);
	buf_clear(&text);
	return load;
}

bool
top_view(struct top *t, struct top_view *out, struct err *e)
{
	int64_t now_ms = clock_mono_ms(t->clock);
	memset(out, 0, sizeof(*out));
	out->now_ns = clock_wall_ns(t->clock);
	forget(t, out->now_ns);
	out->last_ns = t->last_ns;
	out->span_s = TOP_WINDOW_S;
	if (t->first_ns != 0 && t->first_ns < out->now_ns &&
	    (out->now_ns - t->first_ns) / NS_PER_S < TOP_WINDOW_S)
		out->span_s = (out->now_ns - t->first_ns) / NS_PER_S + 1;
	out->log_is_silent =
	    t->last_ns < out->now_ns - (int64_t)TOP_WINDOW_S * NS_PER_S;
	count_all(t, out);
	if (t->failed || !copy_sessions(t, out))
		return err_no_memory(e);
	find_busiest(out);
	out->sessions_max = t->max;
	out->spamd_children = t->spamd_children;
	out->spamd_busy = t->spamd_busy;
	out->deliveries_known = t->deliveries_known;
	out->local = t->local;
	out->local_max = t->local_max;
	out->remote = t->remote;
	out->remote_max = t->remote_max;
	if (t->queue_ms == 0 || now_ms - t->queue_ms > QUEUE_EVERY_MS) {
		top_queue_count(t->root, &t->queue);
		t->queue_ms = now_ms;
	}
	out->queue = t->queue;
	out->load = machine_load();
	if (t->own_logs)
		ask_daemon(t, &out->daemon);
	return true;
}
