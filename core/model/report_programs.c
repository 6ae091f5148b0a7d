/*
 * Which versions judged the mail (LG-56). What the logs of the period say is
 * of that time; else what runs or lies in this root now is asked.
 */
#include "core/model/report_int.h"

#include "core/base/num.h"
#include "core/sys/file.h"
#include "core/sys/local_ask.h"
#include "core/sys/spawn.h"

#include <string.h>
#include <sys/wait.h>

#define CLAMD_CONF   "/etc/clamd.conf"
#define CLAMD_SOCKET "/var/clamav/clamd.socket"
#define CLAMD        "/usr/sbin/clamd"

enum {
	ANSWER_MAX = 4096,
	CONF_MAX = 1 << 20,
	MODULE_MAX = 4 << 20,
	ANSWER_MS = 2000,
	RUN_MS = 10 * 1000,
	DATE_MAX = 32,
	MAJOR_MAX = 999,
	PERL_DIGITS = 3, /* "4.000001" is 4.0.1 */
};

static bool
read_below(const struct model_ctx *m, const char *path, struct buf *out)
{
	char real[SYS_PATH_MAX];
	return root_follow(m->root, path, real, NULL) &&
	       file_read(real, NULL, out, NULL);
}

/* A version ends before anything that is in none; NULL: there is none. */
static const char *
version_in(const struct model_ctx *m, struct str s)
{
	size_t n = 0;
	while (
	    n < s.len && n < STATS_VERSION_SIZE &&
	    (ascii_is_alnum(s.ptr[n]) || memchr(".+-~_", s.ptr[n], 5) != NULL))
		n++;
	return n > 0 ? arena_cstr(m->arena, str_sub(s, 0, n)) : NULL;
}

/* "ClamAV 1.4.6/27822/Thu Nov 26 09:26:00 2026"; without signatures shorter. */
static bool
clamav_told(const struct model_ctx *m, struct str said, const char *from,
    struct report_programs *out)
{
	static const struct str name = { "ClamAV ", 7 };
	struct str rest;
	if (!str_starts(said, name))
		return false;
	said = str_sub(said, name.len, str_find(said, '\n', 0));
	const char *version = version_in(m, str_cut(said, '/', &rest));
	if (version != NULL && out->clamav.version == NULL)
		out->clamav = (struct report_program){ version, from };
	if (rest.ptr != NULL)
		out->signatures = version_in(m, str_cut(rest, '/', &rest));
	if (rest.ptr != NULL && out->signatures != NULL)
		out->signatures_of =
		    arena_cstr(m->arena, str_sub(rest, 0, DATE_MAX));
	return version != NULL;
}

/* Where clamd listens; the path in its configuration is of its own root. */
static const char *
clamd_socket(const struct model_ctx *m)
{
	static const struct str key = { "LocalSocket ", 12 };
	struct buf conf = BUF_INIT(CONF_MAX);
	const char *path = CLAMD_SOCKET;
	if (read_below(m, CLAMD_CONF, &conf)) {
		struct str rest = buf_str(&conf), line;
		while (str_next_line(&rest, &line))
			if (str_starts(line, key))
				path = arena_cstr(m->arena,
				    str_trim(str_sub(line, key.len, line.len)));
	}
	buf_clear(&conf);
	return path;
}

static bool
ask_clamd(const struct model_ctx *m, struct report_programs *out)
{
	char real[SYS_PATH_MAX];
	struct buf answer = BUF_INIT(ANSWER_MAX);
	bool ok = root_follow(m->root, clamd_socket(m), real, NULL) &&
		  local_ask(real, STR("nVERSION\n"), ANSWER_MS, &answer, NULL);
	ok = clamav_told(m, buf_str(&answer), "running", out) && ok;
	buf_clear(&answer);
	return ok;
}

/* Programs of another root are not run. */
static void
run_clamd(const struct model_ctx *m, struct report_programs *out)
{
	static const char *const argv[] = { CLAMD, "--version", NULL };
	struct buf output = BUF_INIT(ANSWER_MAX);
	const struct spawn how = { .argv = argv,
		.path = CLAMD,
		.output = &output,
		.input_set = true,
		.limit_ms = RUN_MS };
	int status = 0;
	if (root_is_system(m->root) && file_exists(CLAMD) &&
	    spawn_run(&how, m->clock, &status, NULL) && status == 0)
		(void)clamav_told(m, buf_str(&output), "installed", out);
	buf_clear(&output);
}

/* Perl's "4.000001" as people write it; NULL: it is none. */
static const char *
perl_version(const struct model_ctx *m, struct str s)
{
	struct str fraction;
	uint64_t major;
	unsigned parts[2] = { 0, 0 };
	if (!num_parse_u64(str_cut(s, '.', &fraction), MAJOR_MAX, &major) ||
	    fraction.ptr == NULL || fraction.len < (size_t)2 * PERL_DIGITS)
		return NULL;
	for (size_t i = 0; i < (size_t)2 * PERL_DIGITS; i++) {
		unsigned *part = &parts[i / PERL_DIGITS];
		if (!ascii_is_digit(fraction.ptr[i]))
			return NULL;
		*part = *part * 10 + (unsigned)(fraction.ptr[i] - '0');
	}
	return arena_printf(
	    m->arena, "%u.%u.%u", (unsigned)major, parts[0], parts[1]);
}

/* The program is a module of perl, which names its version. */
static void
read_spamassassin(const struct model_ctx *m, struct report_programs *out)
{
	static const char *const places[] = {
		"/usr/share/perl5/vendor_perl/Mail/SpamAssassin.pm",
		"/usr/share/perl5/Mail/SpamAssassin.pm",
		"/usr/lib/perl5/vendor_perl/5.8.8/Mail/SpamAssassin.pm",
	};
	static const struct str mark = { "$VERSION = \"", 12 };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct buf module = BUF_INIT(MODULE_MAX);
		struct str all, rest;
		if (read_below(m, places[i], &module)) {
			all = buf_str(&module);
			size_t at = str_find_str(all, mark);
			all = str_sub(
			    all, at < all.len ? at + mark.len : at, all.len);
			out->spamassassin = (struct report_program){
				perl_version(m, str_cut(all, '"', &rest)),
				"installed"
			};
		}
		buf_clear(&module);
		if (out->spamassassin.version != NULL)
			return;
	}
}

void
report_ask_programs(const struct model_ctx *m, struct report *r)
{
	struct report_programs *out = &r->programs;
	const char *clamd = r->stats.clamd.version.text;
	const char *spamd = r->stats.spamd.version.text;
	if (clamd[0] != '\0')
		out->clamav = (struct report_program){
			arena_cstr(m->arena, str_of(clamd)), "logs"
		};
	if (spamd[0] != '\0')
		out->spamassassin = (struct report_program){
			arena_cstr(m->arena, str_of(spamd)), "logs"
		};
	if (!ask_clamd(m, out))
		run_clamd(m, out);
	if (out->spamassassin.version == NULL)
		read_spamassassin(m, out);
}
