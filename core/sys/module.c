/* Shared objects of our own, loaded when first needed. */
#include "core/sys/module.h"

#include "core/base/i18n.h"
#include "core/sys/libexec.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum {
	OBJECT_NAME_MAX = 64
};

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
	char object[OBJECT_NAME_MAX], path[SYS_PATH_MAX];
	snprintf(object, sizeof(object), "%s.so", module);
	libexec_find(object, path);
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
