/* The symbol of the module "pam": PAM and crypt(3). */
#include "core/auth/system_login.h"
#include "core/sys/module.h"

/* not declared elsewhere: it is found by its name only */
extern const struct module_export smemail_module_export;

static const struct login_calls login_calls = {
	.pam = pam_login_judge,
	.hash = crypt_login_judge,
};

static const struct module_part parts[] = {
	{ "login", LOGIN_VERSION_OF_TABLE, sizeof(struct login_calls),
	    &login_calls },
	{ NULL, 0, 0, NULL },
};

const struct module_export smemail_module_export = {
	.release = SMEMAIL_VERSION,
	.parts = parts,
};
