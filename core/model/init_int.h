/* Between the files that lay out a tree. */
#ifndef CORE_MODEL_INIT_INT_H
#define CORE_MODEL_INIT_INT_H

#include "core/model/init.h"

enum {
	INIT_SMTP_OFFSET = 525,
	INIT_SMTPS_OFFSET = 465,
	INIT_SUBMISSION_OFFSET = 587
};

/* The databases with the records of a new server. */
MUST_USE bool init_records(const struct model_ctx *m,
    const struct init_wish *wish, size_t *files, struct err *e);

#endif
