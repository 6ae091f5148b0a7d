/*
 * Libraries that few commands need (OpenSSL, ...) stay out of the programs'
 * start: each is wrapped by a shared object of our own, "smemail-NAME.so" in
 * the libexec folder, which is loaded at first use (T-49 ... T-51).
 *
 * Such an object exports one symbol, a struct module_export, with tables of
 * functions. A table's layout is the header that declares it; its version and
 * size are compared, so that an object of another build is refused.
 */
#ifndef CORE_SYS_MODULE_H
#define CORE_SYS_MODULE_H

#include "core/base/compiler.h"
#include "core/base/err.h"

#include <stddef.h>

/* Name of the symbol of type struct module_export. */
#define MODULE_SYMBOL "smemail_module_export"

struct module_part {
	const char *name; /* "crypto"; NULL ends the list */
	unsigned version; /* counted up when the table changes */
	size_t size;      /* of the table */
	const void *table;
};

struct module_export {
	const char *release; /* SMEMAIL_VERSION of the build */
	const struct module_part *parts;
};

/*
 * The table 'part' of the object "smemail-MODULE.so", loaded when it is not
 * yet; it stays until the process ends. NULL with the place and the reason
 * when it is missing, cannot be loaded or does not fit (ERR_PERMANENT). Call
 * it before a sandbox closes the file system.
 */
MUST_USE const void *module_table(const char *module, const char *part,
    unsigned version, size_t size, struct err *e);

#endif
