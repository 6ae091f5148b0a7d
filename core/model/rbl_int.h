/* Inside the views of lists. */
#ifndef CORE_MODEL_RBL_INT_H
#define CORE_MODEL_RBL_INT_H

#include "core/model/rbl.h"

/* rbl_zones.c: which lists; *n zones in the arena. */
MUST_USE bool rbl_zones_read(const struct model_ctx *m,
    const struct rbl_wish *wish, bool known_too, struct rbl_view *out,
    struct err *e);

enum {
	RBL_TESTS_MAX = 5 /* questions about one list itself */
};
/* rbl_health.c: what is asked of a list to know it works. */
size_t rbl_tests_put(struct arena *a, const struct rbl_zone *z,
    struct rbl_question q[RBL_TESTS_MAX]);
void rbl_tests_judge(
    struct rbl_zone *z, const struct rbl_question *q, size_t n);
/* The resolver itself, by names that do not exist. */
enum {
	RBL_FITNESS_TESTS = 2
};
void rbl_fitness_put(struct arena *a, struct rbl_question q[RBL_FITNESS_TESTS]);
void rbl_fitness_judge(
    struct rbl_view *v, const struct rbl_question q[RBL_FITNESS_TESTS]);

#endif
