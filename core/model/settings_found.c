/*
 * What others brought to the server and smemail only reports: a package, the
 * stock fragment of a template, signatures of third parties.
 */
#include "core/model/settings_int.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/sys/file.h"
#include "core/sys/spawn.h"
#include "core/template/template.h"

#include <dirent.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PACKAGE    "rpm "
#define PACKAGES   "/var/lib/rpm"
#define TEMPLATES  "/etc/e-smith/templates"
#define CUSTOM     "/etc/e-smith/templates-custom"
#define SIGNATURES "/var/clamav"

enum {
	PACKAGE_LIMIT_MS = 10000,
	DAY_S = 86400,
	NAMES_MAX = 4096
};

/* One of the two words of the setting. */
static void
tell(struct settings_row *row, bool there)
{
	const struct setting_choice *c = row->setting->choices;

	row->is_stored = there;
	row->value = str_of(there ? c[0].word : c[1].word);
	row->stored = there ? row->value : (struct str)STR_EMPTY;
	row->stored_valid = there;
	row->source = there ? SETTINGS_SET : SETTINGS_DEFAULT;
}

/* Asks rpm, where the root has its data; without them nothing is installed. */
static void
read_package(struct settings_store *st, struct settings_row *row)
{
	const char *prefix = st->m->root->prefix;
	const char *const argv[] = { "rpm", "--root",
		prefix[0] != '\0' ? prefix : "/", "-q", "--quiet",
		row->setting->key + strlen(PACKAGE), NULL };
	struct buf output = BUF_INIT(NAMES_MAX);
	const struct spawn how = {
		.argv = argv,
		.output = &output,
		.input_set = true,
		.limit_ms = PACKAGE_LIMIT_MS,
	};
	char real[SYS_PATH_MAX];
	int status = 0;

	if (!root_path(st->m->root, PACKAGES, real, NULL) || !file_is_dir(real))
		tell(row, false);
	else if (spawn_run(&how, st->m->clock, &status, NULL) &&
		 WIFEXITED(status) && WEXITSTATUS(status) <= 1)
		tell(row, WEXITSTATUS(status) == 0);
	buf_clear(&output);
}

/* Names that ClamAV's own data begin with. */
static bool
is_official(const char *name)
{
	static const char *const own[] = { "main.", "daily.", "bytecode.",
		"safebrowsing." };

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (strncmp(name, own[i], strlen(own[i])) == 0)
			return true;
	return false;
}

/* A file of signatures, by its ending as clamd loads them. */
static bool
is_signatures(const char *name)
{
	static const char *const ends[] = { "cdb", "cld", "cvd", "db", "fp",
		"ftm", "hdb", "hdu", "hsb", "hsu", "idb", "ign", "ign2", "ldb",
		"ldu", "mdb", "mdu", "msb", "msu", "ndb", "ndu", "pdb", "sfp",
		"wdb", "yar", "yara", "gdb", "pwdb" };
	const char *dot = strrchr(name, '.');

	if (dot == NULL || name[0] == '.' || is_official(name))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (strcmp(dot + 1, ends[i]) == 0)
			return true;
	return false;
}

/* "foo.ndb (12 d)", or without the age where it is not told. */
static void
name_add(struct settings_store *st, struct vec *names, const char *name)
{
	char real[SYS_PATH_MAX];
	struct stat s;
	const char *text = name;

	if (root_pathf(st->m->root, real, NULL, SIGNATURES "/%s", name) &&
	    stat(real, &s) == 0)
		text = arena_printf(st->m->arena, _("%s (%" PRId64 " d old)"),
		    name, (clock_wall_s(st->m->clock) - s.st_mtime) / DAY_S);
	else
		text = arena_cstr(st->m->arena, str_of(name));
	(void)!vec_push(names, &text);
}

static void
read_signatures(struct settings_store *st, struct settings_row *row)
{
	struct buf note = BUF_INIT(NAMES_MAX);
	struct vec names = VEC_INIT(const char *);
	char real[SYS_PATH_MAX];
	struct dirent *entry;
	DIR *d = root_path(st->m->root, SIGNATURES, real, NULL) ? opendir(real)
								: NULL;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (is_signatures(entry->d_name))
			name_add(st, &names, entry->d_name);
	if (d != NULL)
		closedir(d);
	vec_sort(&names, str_cstr_order);
	for (size_t i = 0; i < names.len; i++)
		(void)buf_addf(&note, "%s%s", i > 0 ? ", " : "",
		    *VEC_AT(&names, const char *, i));
	tell(row, names.len > 0);
	if (names.len > 0)
		row->note = arena_cstr(st->m->arena, buf_str(&note));
	vec_clear(&names);
	buf_clear(&note);
}

/* Is the key's fragment one of those that smemail ships? */
static bool
is_shipped(const struct model_ctx *m, const char *path, const char *name)
{
	int release = template_release(m->release);
	const struct template_file *f = template_find(path, release);

	for (size_t i = 0; f != NULL && i < f->n_fragments; i++)
		if (strcmp(f->fragments[i].name, name) == 0 &&
		    template_on_release(
			f->fragments[i].since, f->fragments[i].until, release))
			return true;
	return false;
}

bool
settings_fragment_shipped(const struct model_ctx *m, const struct setting *s)
{
	const char *key = s->key, *slash = strrchr(key, '/');
	size_t skip = strlen(CUSTOM);
	char real[SYS_PATH_MAX];

	if (s->place != SETTING_IN_FILE || s->choices == NULL ||
	    strcmp(s->choices[0].word, "present") != 0 || s->form != NULL)
		return false;
	if (strncmp(key, CUSTOM "/", skip + 1) != 0)
		skip = strlen(TEMPLATES);
	if (slash == NULL || strncmp(key, TEMPLATES, strlen(TEMPLATES)) != 0 ||
	    slash <= key + skip)
		return false;
	const char *path = arena_printf(
	    m->arena, "%.*s", (int)(slash - key) - (int)skip, key + skip);
	return is_shipped(m, path, slash + 1) ||
	       (root_pathf(m->root, real, NULL, TEMPLATES "%s", key + skip) &&
		   file_exists(real));
}

bool
settings_read_found(struct settings_store *st, struct settings_row *row)
{
	const struct setting *s = row->setting;

	if (strncmp(s->key, PACKAGE, strlen(PACKAGE)) == 0) {
		read_package(st, row);
		return true;
	}
	if (strcmp(s->id, "virus.extra-signatures") == 0) {
		read_signatures(st, row);
		return true;
	}
	if (!settings_fragment_shipped(st->m, s))
		return false;
	/* nothing that anybody set, so nothing to list as changed */
	row->value = str_of(s->choices[0].word);
	row->source = SETTINGS_DEFAULT;
	return true;
}
