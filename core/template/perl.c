/* Asking perl: share/perl/fragments.pl is the other end. */
#include "core/template/perl_int.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/sys/coprocess.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct template_perl {
	struct template_perl_how how;
	struct coprocess process;
	bool running;
	unsigned depth;                 /* templates begun */
	const struct template_env *env; /* of the exchange that goes on */
};

/* What stands around one fragment while perl works on it. */
struct work {
	struct template_perl *p;
	const struct template_env *env;
	struct template_perl_count *count;
	int64_t deadline;
};

struct template_perl *
template_perl_new(const struct template_perl_how *how)
{
	struct template_perl *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->how = *how;
	if (p->how.limit_ms == 0)
		p->how.limit_ms = TEMPLATE_PERL_LIMIT_MS;
	return p;
}

static void
process_stop(struct template_perl *p)
{
	if (p->running)
		coprocess_stop(&p->process);
	p->running = false;
}

void
template_perl_free(struct template_perl *p)
{
	if (p == NULL)
		return;
	process_stop(p);
	free(p);
}

static void
note_line(void *ctx, struct str line)
{
	const struct template_perl *p = ctx;
	const struct template_env *env = p->env;
	if (env != NULL && env->note != NULL)
		env->note(env->note_ctx, arena_cstr(env->arena, line));
}

static bool
process_start(struct template_perl *p, struct err *e)
{
	char script[SYS_PATH_MAX];
	if (p->running)
		return true;
	if (snprintf(script, sizeof(script), "%s/fragments.pl", p->how.share) >=
	    (int)sizeof(script))
		return err_set(
		    e, ERR_USAGE, _("path '%s' is too long"), p->how.share);
	const char *argv[] = { "perl", "-I", p->how.share, script, NULL };
	if (!coprocess_start(&p->process, argv, p->how.clock, e))
		return err_next(
		    e, "apt-get install perl libtext-template-perl");
	p->process.line = note_line;
	p->process.line_ctx = p;
	p->running = true;
	return true;
}

static void
tell(const struct template_env *env, const char *text)
{
	if (env->note != NULL)
		env->note(env->note_ctx, text);
}

/* 'W': file, text (ES-98). */
static void
on_warning(const struct work *w, const struct perl_message *m)
{
	w->count->warnings++;
	tell(w->env, arena_printf(w->env->arena, "WARNING in %.*s: %.*s",
			 STR_ARG(perl_field(m, 0)), STR_ARG(perl_field(m, 1))));
}

/*
 * Perl ends its messages by " at FILE line N.", which is nearer than the line
 * where the block begins.
 */
static void
first_error(struct err *e, struct arena *a, struct str file, struct str line,
    struct str text)
{
	struct str place =
	    str_of(arena_printf(a, " at %.*s line ", STR_ARG(file)));
	size_t at = str_find_str(text, place);
	struct str number = str_sub(text, at + place.len, text.len);
	size_t n = 0;
	while (n < number.len && ascii_is_digit(number.ptr[n]))
		n++;
	if (n > 0) {
		line = str_sub(number, 0, n);
		text = str_sub(text, 0, at);
	}
	err_set(e, ERR_PERMANENT, _("fragment '%.*s', line %.*s: %.*s"),
	    STR_ARG(file), STR_ARG(line), STR_ARG(text));
}

/* 'X': file, line, text (ES-97). */
static void
on_error(const struct work *w, const struct perl_message *m)
{
	struct str file = perl_field(m, 0), line = perl_field(m, 1),
		   text = perl_field(m, 2);
	if (w->count->errors++ == 0)
		first_error(&w->count->first, w->env->arena, file, line, text);
	tell(w->env,
	    arena_printf(w->env->arena,
		"ERROR in %.*s: Program fragment delivered error <<%.*s>> "
		"at template line %.*s",
		STR_ARG(file), STR_ARG(text), STR_ARG(line)));
}

/* A value behind "=", or nothing. */
static bool
maybe_value(struct str f, struct str *value)
{
	bool has = f.len > 0;
	*value = has ? str_sub(f, 1, f.len) : (struct str)STR_EMPTY;
	return has;
}

/* 'S': database, key, value as it was, new value. */
static bool
store_do(const struct work *w, const struct perl_message *m, struct buf *answer,
    struct err *e)
{
	const struct template_perl_how *how = &w->p->how;
	struct template_store s = {
		.db = arena_cstr(w->env->arena, perl_field(m, 0)),
		.key = perl_field(m, 1),
	};
	bool done = false;
	s.had = maybe_value(perl_field(m, 2), &s.was);
	s.has = maybe_value(perl_field(m, 3), &s.raw);
	if (how->store == NULL)
		return err_set(e, ERR_USAGE,
		    _("a fragment may not change database '%s' here"), s.db);
	if (!how->store(how->store_ctx, &s, &done, e))
		return false;
	if (done)
		buf_add_char(answer, '1');
	return true;
}

/* 'P': path, number of roots, roots, pairs: a template in a template. */
static bool
nested_expand(const struct work *w, const struct perl_message *m,
    struct buf *answer, struct err *e)
{
	struct arena *a = w->env->arena;
	struct template_env env = *w->env;
	uint64_t roots = 0;
	if (!num_parse_u64(perl_field(m, 1), PERL_FIELDS_MAX, &roots) ||
	    roots + 2 > m->n)
		return err_set(
		    e, ERR_PERMANENT, _("perl sent a broken message"));
	const char **queue = ARENA_ARRAY(a, roots + 1, const char *);
	for (size_t i = 0; i < roots; i++)
		queue[i] = arena_cstr(a, perl_field(m, 2 + i));
	if (roots > 0)
		env.queue = queue;
	size_t n = (m->n - 2 - roots) / 2;
	struct template_prop *more =
	    ARENA_ARRAY(a, n + env.n_more + 1, struct template_prop);
	for (size_t i = 0; i < n; i++) {
		more[i].name = arena_str(a, perl_field(m, 2 + roots + 2 * i));
		more[i].value = arena_str(a, perl_field(m, 3 + roots + 2 * i));
	}
	env.more = more;
	env.n_more = n;
	return template_expand(
	    &env, arena_cstr(a, perl_field(m, 0)), answer, e);
}

static bool
request_answer(const struct work *w, const struct perl_message *m,
    bool (*answer_to)(const struct work *w, const struct perl_message *m,
	struct buf *answer, struct err *e),
    struct err *e)
{
	struct err why = ERR_INIT;
	struct buf answer = BUF_INIT(TEMPLATE_PERL_RESULT_MAX);
	struct buf fields = BUF_INIT(PERL_MESSAGE_MAX);
	bool ok = answer_to(w, m, &answer, &why);
	perl_field_put(&fields, ok ? buf_str(&answer) : str_of(why.text));
	bool sent = w->p->running;
	if (!sent && e != NULL)
		*e = why;
	sent = sent && perl_message_send(&w->p->process, ok ? 'O' : 'N',
			   &fields, w->deadline, e);
	buf_clear(&answer);
	buf_clear(&fields);
	return sent;
}

/* Take what perl says until its result. */
static bool
result_await(const struct work *w, struct buf *out, struct err *e)
{
	struct perl_message m = { .bytes = BUF_INIT(PERL_MESSAGE_MAX) };
	bool ok = true, over = false;
	while (ok && !over) {
		ok = perl_message_receive(&w->p->process, &m, w->deadline, e);
		if (!ok)
			break;
		switch (m.type) {
		case 'W':
			on_warning(w, &m);
			break;
		case 'X':
			on_error(w, &m);
			break;
		case 'S':
			ok = request_answer(w, &m, store_do, e);
			break;
		case 'P':
			ok = request_answer(w, &m, nested_expand, e);
			break;
		case 'U':
			ok = err_set(
			    e, ERR_NO, "%.*s", STR_ARG(perl_field(&m, 0)));
			break;
		case 'R':
			over = true;
			buf_add_str(out, perl_field(&m, 0));
			break;
		default:
			ok = err_set(
			    e, ERR_PERMANENT, _("perl sent a broken message"));
		}
	}
	buf_clear(&m.bytes);
	return ok;
}

/* After anything but a plain "no" the two ends do not agree any more. */
static bool
exchange(const struct work *w, char type, struct buf *fields, struct buf *out,
    struct err *e)
{
	struct err why = ERR_INIT;
	const struct template_env *outer = w->p->env;
	w->p->env = w->env;
	bool ok = perl_message_send(
		      &w->p->process, type, fields, w->deadline, &why) &&
		  (out == NULL || result_await(w, out, &why));
	w->p->env = outer;
	buf_clear(fields);
	if (ok)
		return true;
	if (why.code != ERR_NO)
		process_stop(w->p);
	if (e != NULL)
		*e = why;
	return false;
}

static struct work
work_begin(struct template_perl *p, const struct template_env *env,
    struct template_perl_count *count)
{
	return (struct work){
		.p = p,
		.env = env,
		.count = count,
		.deadline = clock_mono_ms(p->how.clock) + p->how.limit_ms,
	};
}

bool
template_perl_begin(
    struct template_perl *p, const struct template_env *env, struct err *e)
{
	struct buf fields = BUF_INIT(PERL_MESSAGE_MAX);
	if (p->depth >= TEMPLATE_PERL_DEPTH_MAX)
		return err_set(e, ERR_PERMANENT,
		    _("templates are nested more than %d deep"),
		    TEMPLATE_PERL_DEPTH_MAX);
	if (p->depth == 0 && !process_start(p, e))
		return false;
	if (!p->running)
		return err_set(e, ERR_PERMANENT, _("perl has ended"));
	struct work w = work_begin(p, env, NULL);
	perl_field_put(&fields, str_of(p->how.databases));
	perl_field_put(&fields, str_of(p->how.config));
	perl_field_put(&fields, str_of(env->writes_db));
	for (size_t i = 0; i < env->n_more; i++) {
		perl_field_put(&fields, env->more[i].name);
		perl_field_put(&fields, env->more[i].value);
	}
	if (!exchange(&w, 'T', &fields, NULL, e))
		return false;
	p->depth++;
	return true;
}

void
template_perl_end(struct template_perl *p, const struct template_env *env)
{
	struct buf fields = BUF_INIT(1);
	struct work w = work_begin(p, env, NULL);
	if (p->depth > 0)
		p->depth--;
	/* when it fails perl is gone, and starts anew at the next template */
	bool told = p->running && exchange(&w, 'E', &fields, NULL, NULL);
	(void)told;
}

bool
template_perl_fragment(struct template_perl *p, const struct template_env *env,
    const char *shown, struct str text, struct buf *out,
    struct template_perl_count *count, struct err *e)
{
	struct buf fields = BUF_INIT(PERL_MESSAGE_MAX);
	if (!p->running)
		return err_set(e, ERR_PERMANENT, _("perl has ended"));
	struct work w = work_begin(p, env, count);
	perl_field_put(&fields, str_of(shown));
	perl_field_put(&fields, text);
	return exchange(&w, 'F', &fields, out, e);
}

bool
template_perl_filter(struct template_perl *p, const struct template_env *env,
    struct str code, struct str text, struct buf *out, struct err *e)
{
	struct buf fields = BUF_INIT(2 * PERL_MESSAGE_MAX);
	struct template_perl_count count = { 0, 0, ERR_INIT };
	if (!process_start(p, e))
		return false;
	struct work w = work_begin(p, env, &count);
	perl_field_put(&fields, code);
	perl_field_put(&fields, text);
	return exchange(&w, 'L', &fields, out, e) ||
	       err_context(e, _("cannot filter lines"));
}
