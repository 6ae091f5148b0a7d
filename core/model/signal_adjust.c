/* Telling the services of an event. */
#include "core/model/signal_int.h"

#include "core/base/i18n.h"
#include "core/service/service.h"
#include "core/sys/file.h"

#include <string.h>

/* The record of a service; its logger ("qpsmtpd/log") shares it. */
static const char *
record_of(const struct signal_run *r, const char *service)
{
	return arena_cstr(r->m->arena, str_n(service, strcspn(service, "/")));
}

static bool
is_enabled(const struct signal_run *r, const char *service)
{
	struct str status;
	return db_prop(r->config, record_of(r, service), "status", r->m->arena,
		   &status) &&
	       str_is(status, "enabled");
}

/* Is it supervised (ES-128)? Its folder alone tells in a tree of our own. */
static bool
in_tree(const struct signal_run *r, const char *service)
{
	char path[SYS_PATH_MAX];
	return root_pathf(r->m->root, path, NULL, SERVICE_DIR "/%s", service) &&
	       file_is_dir(path);
}

/*
 * The server remakes the links of peers/ at USR1; here they are remade by the
 * event itself, and the bundled filter reads them at HUP.
 */
static struct str
word_here(const struct signal_run *r, const char *service, struct str word)
{
	bool ours = !root_is_system(r->m->root) &&
		    str_ends(str_of(service), STR("qpsmtpd"));
	return ours && str_is(word, "sigusr1") ? STR("sighup") : word;
}

/* ES-128: one byte; false when it could not be delivered. */
static bool
word_send(struct signal_run *r, struct signal_service *s, struct str word)
{
	struct err e = ERR_INIT;
	char byte = service_word_byte(word);
	if (byte == 0) {
		event_log_linef(&r->log,
		    "Unrecognised param %.*s for service %s", STR_ARG(word),
		    s->name);
		return true;
	}
	event_log_linef(
	    &r->log, "adjusting supervised %s (%.*s)", s->name, STR_ARG(word));
	if (supervisor_runit.control(r->m->root, s->name, byte, &e))
		return true;
	event_log_linef(&r->log, "%s", e.text);
	s->outcome = e.code == ERR_NO ? SIGNAL_NOT_UP : SIGNAL_FAILED;
	if (s->outcome == SIGNAL_FAILED)
		signal_failed(r, &e);
	return false;
}

/* ES-127 */
static void
supervised_adjust(struct signal_run *r, struct signal_service *s, bool enabled)
{
	struct str words = str_of(s->words), word;
	bool stays_up = true;
	if (!enabled && !word_send(r, s, STR("down")))
		return;
	while (str_next_word(&words, &word)) {
		stays_up = stays_up && !service_word_stops(word);
		if (!word_send(r, s, word_here(r, s->name, word)))
			return;
	}
	if (enabled && stays_up)
		word_send(r, s, STR("up"));
}

static void
service_adjust(struct signal_run *r, struct signal_service *s)
{
	if (db_find(r->config, str_of(record_of(r, s->name))) == NULL) {
		s->outcome = SIGNAL_NO_RECORD;
		event_log_linef(
		    &r->log, "No conf db entry for service %s", s->name);
		return;
	}
	bool enabled = is_enabled(r, s->name);
	if (in_tree(r, s->name))
		supervised_adjust(r, s, enabled);
	else
		signal_other_adjust(r, s, enabled);
}

/* During these the services are not there yet (ES-129). */
static bool
leaves_services(const char *event)
{
	return strcmp(event, "post-upgrade") == 0 ||
	       strcmp(event, "bootstrap-console-save") == 0;
}

void
signal_adjust(struct signal_run *r)
{
	const struct model_ctx *m = r->m;
	struct event_service *own = NULL;
	const struct event_service *list = r->services;
	struct err e = ERR_INIT;
	size_t n = 0;
	if (leaves_services(r->event))
		return;
	if (list == NULL) {
		if (!event_services(
			m->root, r->event, m->arena, &own, &n, &e)) {
			signal_failed(r, &e);
			return;
		}
		list = own;
	}
	for (n = 0; list[n].name != NULL; n++)
		;
	r->out->services = ARENA_ARRAY(m->arena, n + 1, struct signal_service);
	r->out->n_services = n;
	for (size_t i = 0; i < n; i++) {
		r->out->services[i] = (struct signal_service){
			list[i].name,
			list[i].words,
			SIGNAL_TOLD,
		};
		service_adjust(r, &r->out->services[i]);
	}
}
