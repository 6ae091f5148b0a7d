/* Envelope paths (FL-11, FL-12). */
#ifndef CORE_MAIL_PATH_H
#define CORE_MAIL_PATH_H

#include "core/base/str.h"

/* An envelope path, already checked by the SMTP layer (FL-12). */
struct filter_path {
	struct str local;  /* as sent, quotes kept */
	struct str domain; /* empty for <postmaster> and the null sender */
};

#endif
