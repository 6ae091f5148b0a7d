/* Services that are not supervised (ES-129): by script, or by systemd. */
#include "core/model/signal_int.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPTS "/etc/rc.d/rc7.d"

enum {
	OUTPUT_MAX = 1 << 20,
	LIMIT_MS = 5 * 60 * 1000
};

/* The first "S…SERVICE" by byte order, tested afresh each time (ES-130). */
static const char *
script_find(const struct signal_run *r, const char *service)
{
	char folder[SYS_PATH_MAX];
	const struct model_ctx *m = r->m;
	const char *best = NULL;
	struct dirent *entry;
	DIR *d =
	    root_path(m->root, SCRIPTS, folder, NULL) ? opendir(folder) : NULL;
	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct str name = str_of(entry->d_name);
		if (name.len > strlen(service) && name.ptr[0] == 'S' &&
		    str_ends(name, str_of(service)) &&
		    (best == NULL || strcmp(entry->d_name, best) < 0))
			best = arena_cstr(m->arena, name);
	}
	if (d != NULL)
		closedir(d);
	return best != NULL ? arena_printf(m->arena, "%s/%s", folder, best)
			    : NULL;
}

static bool
has_unit(const struct signal_run *r, const char *service)
{
	static const char *const folders[] = { "/usr/lib/systemd/system",
		"/etc/systemd/system" };
	char path[SYS_PATH_MAX];
	/* systemd of this machine is not that of another root */
	if (!root_is_system(r->m->root))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (root_pathf(r->m->root, path, NULL, "%s/%s.service",
			folders[i], service) &&
		    file_exists(path))
			return true;
	return false;
}

/* These two would cut off who asked. */
static bool
keeps_connections(const char *service)
{
	return strcmp(service, "smanager") == 0 ||
	       strcmp(service, "httpd-e-smith") == 0;
}

/* What systemctl is told for a word; a signal goes to *signal. */
static const char *
systemd_verb(const char *service, struct str word, const char **signal)
{
	static const char *const words[][2] = {
		{ "adjust", "reload-or-restart" },
		{ "graceful", "reload-or-restart" },
		{ "sighup", "reload-or-restart" },
		{ "sigusr1", "reload-or-restart" },
		{ "sigusr2", "reload-or-restart" },
		{ "sigterm", "restart" },
		{ "up", "start" },
		{ "down", "stop" },
		{ "once", "start" },
		{ "start", "start" },
		{ "stop", "stop" },
		{ "restart", "restart" },
		{ "reload", "reload-or-restart" },
	};
	*signal = NULL;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(word, words[i][0]))
			return strcmp(words[i][1], "restart") == 0 &&
				       keeps_connections(service)
				   ? "reload-or-restart"
				   : words[i][1];
	if (!str_starts(word, STR("sig")))
		return NULL;
	*signal = word.ptr;
	return "kill";
}

static void
program_run(struct signal_run *r, const char *const *argv)
{
	const struct model_ctx *m = r->m;
	struct buf output = BUF_INIT(OUTPUT_MAX);
	struct err e = ERR_INIT;
	int status = 0;
	const struct spawn s = {
		.argv = argv,
		.output = &output,
		.limit_ms = LIMIT_MS,
	};
	if (!spawn_run(&s, m->clock, &status, &e))
		event_log_linef(&r->log, "%s", e.text);
	struct str rest = buf_str(&output), line;
	while (str_next_line(&rest, &line))
		event_log_line(&r->log, line);
	buf_clear(&output);
}

static void
unit_run(struct signal_run *r, const char *service, struct str word)
{
	struct arena *a = r->m->arena;
	const char *signal;
	const char *verb = systemd_verb(service, word, &signal);
	const char *unit = arena_printf(a, "%s.service", service);
	if (verb == NULL)
		return;
	if (signal != NULL) {
		const char *argv[] = { "systemctl", verb, "--signal", signal,
			unit, NULL };
		program_run(r, argv);
	} else {
		const char *argv[] = { "systemctl", verb, unit, NULL };
		program_run(r, argv);
	}
}

static void
word_run(struct signal_run *r, struct signal_service *s, struct str word)
{
	const char *script = script_find(r, s->name);
	word = arena_str(r->m->arena, word);
	event_log_linef(&r->log, "adjusting non-supervised %s (%.*s)", s->name,
	    STR_ARG(word));
	if (script != NULL) {
		const char *argv[] = { script, word.ptr, NULL };
		program_run(r, argv);
	} else if (has_unit(r, s->name)) {
		unit_run(r, s->name, word);
	} else {
		s->outcome = SIGNAL_ABSENT;
		event_log_linef(&r->log,
		    "serviceControl: startScript not found for service %s",
		    s->name);
	}
}

static bool
starts_or_stops(struct str word)
{
	static const char *const words[] = { "start", "restart", "up", "u",
		"once", "o", "stop", "down", "d" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(word, words[i]))
			return true;
	return false;
}

void
signal_other_adjust(
    struct signal_run *r, struct signal_service *s, bool enabled)
{
	struct str words = str_of(s->words), rest = words, word;
	bool told = false;
	if (!enabled) {
		word_run(r, s, STR("stop"));
		return;
	}
	while (str_next_word(&rest, &word))
		told = told || starts_or_stops(word);
	if (!told)
		word_run(r, s, STR("start"));
	while (str_next_word(&words, &word))
		word_run(r, s, word);
}
