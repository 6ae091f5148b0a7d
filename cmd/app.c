/* The context of a run: streams, terminal and user. */
#include "cmd/app.h"

#include "cmd/app_dns.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/db/db.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	ARENA_MAX = 1 << 30,
	COLUMNS_USUAL = 80,
	COLUMNS_MIN = 20,
	COLUMNS_MAX = 1000,
	EXIT_TEMPORARY = 111
};

/* A command-line program has nothing better to do when memory is out. */
static void
out_of_memory(void *ctx)
{
	(void)ctx;
	static const char text[] = "smemail: out of memory\n";
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_TEMPORARY);
	_exit(EXIT_TEMPORARY);
}

struct arena *
app_arena_new(void)
{
	struct arena *a = arena_new(ARENA_MAX, out_of_memory, NULL);
	if (a == NULL)
		out_of_memory(NULL);
	return a;
}

static bool
env_is_set(const char *name)
{
	const char *v = getenv(name);
	return v != NULL && v[0] != '\0';
}

static int
terminal_columns(int fd)
{
	struct winsize size;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= COLUMNS_MIN)
		return size.ws_col;
	int64_t n;
	if (num_parse_i64(
		str_of(getenv("COLUMNS")), COLUMNS_MIN, COLUMNS_MAX, &n))
		return (int)n;
	return COLUMNS_USUAL;
}

/* Who is behind a change: the person who called sudo rather than root. */
static const char *
user_name(struct arena *a)
{
	if (getuid() == 0 && env_is_set("SUDO_USER"))
		return arena_cstr(a, str_of(getenv("SUDO_USER")));
	const struct passwd *p = getpwuid(getuid());
	if (p != NULL)
		return arena_cstr(a, str_of(p->pw_name));
	return arena_printf(a, "uid%lu", (unsigned long)getuid());
}

static const char *
environment_language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (env_is_set(names[i]))
			return getenv(names[i]);
	}
	return "C";
}

void
app_init(struct app *app, const char *program)
{
	*app = (struct app){
		.out = stdout,
		.err = stderr,
		.in = stdin,
		.clock = &clock_system,
		.program = program,
	};
	app->arena = app_arena_new();
	app->session = app_arena_new();
	app->dns = ARENA_NEW(app->session, struct app_dns);
	const char *term = getenv("TERM");
	bool dumb = term == NULL || strcmp(term, "dumb") == 0;
	app->terminal = isatty(STDOUT_FILENO) == 1;
	app->columns = app->terminal ? terminal_columns(STDOUT_FILENO) : 0;
	app->color = app->terminal && !dumb && !env_is_set("NO_COLOR");
	app->accessible = env_is_set("ACCESSIBLE");
	app->model = (struct model_ctx){
		.root = &app->root,
		.clock = app->clock,
		.arena = app->arena,
		.user = user_name(app->session),
		.release = "10",
		.share = app_share(app->session),
	};
	app_language_set(app, environment_language(), NULL);
}

void
app_clear(struct app *app)
{
	app_dns_clear(app->dns);
	arena_free(app->arena);
	arena_free(app->session);
	app->arena = app->session = NULL;
}

const char *
app_host(struct app *app)
{
	char path[SYS_PATH_MAX], own[256] = "";
	struct db *db = NULL;
	struct str name = STR_EMPTY, domain = STR_EMPTY;
	if (db_path(&app->root, "configuration", path, NULL, NULL) &&
	    db_load(path, "configuration", &db, NULL)) {
		const struct db_record *r = db_find(db, STR("SystemName"));
		if (r != NULL)
			name = db_record_value(r, app->arena);
		r = db_find(db, STR("DomainName"));
		if (r != NULL)
			domain = db_record_value(r, app->arena);
	}
	const char *host = NULL;
	if (name.len > 0 && domain.len > 0)
		host = arena_printf(
		    app->arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(domain));
	db_free(db);
	if (host != NULL)
		return host;
	gethostname(own, sizeof(own) - 1);
	return arena_cstr(app->arena, str_of(own));
}

bool
app_color_set(struct app *app, const char *when, struct err *e)
{
	if (strcmp(when, "always") == 0)
		app->color = true;
	else if (strcmp(when, "never") == 0)
		app->color = false;
	else if (strcmp(when, "auto") != 0)
		return err_set(e, ERR_USAGE,
		    _("--color takes always, auto or never, not '%s'"), when);
	return true;
}
