/* Shared objects of our own, loaded when first needed. */
#include "core/sys/module.h"

#include "core/base/i18n.h"
#include "core/sys/file.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * From the folder of the running program: its build folder, that of a test
 * beside it, a prefix that was moved.
 */
static const char *const places[] = { "libexec", "../libexec",
	"../libexec/smemail" };

static bool
program_folder(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
	if (n <= 0)
		return false;
	out[n] = '\0';
	char *slash = strrchr(out, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return true;
}

/* Where the object is, or where it should have been installed. */
static void
module_path(const char *module, char out[PATH_MAX])
{
	char folder[PATH_MAX];
	for (size_t i = 0; program_folder(folder) && i < ARRAY_LEN(places);
	     i++) {
		int n = snprintf(out, PATH_MAX, "%s/%s/smemail-%s.so", folder,
		    places[i], module);
		if (n > 0 && n < PATH_MAX && file_exists(out))
			return;
	}
	snprintf(out, PATH_MAX, "%s/smemail-%s.so", SMEMAIL_LIBEXECDIR, module);
}

static const struct module_export *
module_load(const char *path, struct err *e)
{
	/* bound at once: a library that does not fit fails here, not later */
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (handle == NULL) {
		const char *why = dlerror();
		err_set(e, ERR_PERMANENT, _("cannot load '%s': %s"), path,
		    why != NULL ? why : "?");
		err_next(e, _("install smemail completely (make install)"));
		return NULL;
	}
	const struct module_export *found = dlsym(handle, MODULE_SYMBOL);
	if (found == NULL)
		err_set(
		    e, ERR_PERMANENT, _("'%s' is no module of smemail"), path);
	return found;
}

static const struct module_part *
part_find(const struct module_export *found, const char *part)
{
	for (const struct module_part *p = found->parts; p->name != NULL; p++) {
		if (strcmp(p->name, part) == 0)
			return p;
	}
	return NULL;
}

const void *
module_table(const char *module, const char *part, unsigned version,
    size_t size, struct err *e)
{
	char path[PATH_MAX];
	module_path(module, path);
	const struct module_export *found = module_load(path, e);
	if (found == NULL)
		return NULL;
	const struct module_part *p = part_find(found, part);
	if (p != NULL && p->version == version && p->size == size &&
	    strcmp(found->release, SMEMAIL_VERSION) == 0)
		return p->table;
	err_set(e, ERR_PERMANENT, _("'%s' is of another release: %s, not %s"),
	    path, found->release, SMEMAIL_VERSION);
	err_next(e, _("install smemail completely (make install)"));
	return NULL;
}
