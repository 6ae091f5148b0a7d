/*
 * Does a list work? RFC 5782 5: it lists 127.0.0.2 and ::FFFF:7F00:2, or the
 * domain TEST, and never 127.0.0.1 or INVALID.
 */
#include "core/base/i18n.h"
#include "core/base/random.h"
#include "core/model/rbl_int.h"

enum {
	ADDRESSES = DNS_LIST_IPV4 | DNS_LIST_IPV6
};

/* By enum rbl_health. */
static const struct health_text {
	const char *word, *text;
} healths[] = {
	[RBL_HEALTH_OK] = { "ok", NULL },
	[RBL_HEALTH_NO_TEST] = { "no-test",
	    N_("it has no test point: whether it works cannot be told") },
	[RBL_HEALTH_DEAD] = { "dead",
	    N_("it does not list its test point: it lists nobody") },
	[RBL_HEALTH_WORLD] = { "lists-all",
	    N_("it lists what no list may list: it would refuse everybody") },
	[RBL_HEALTH_PARKED] = { "parked",
	    N_("it answers with addresses of no list: a parked domain, or a "
	       "resolver that invents answers") },
	[RBL_HEALTH_REFUSED] = { "refused", NULL },
	[RBL_HEALTH_CLOSED] = { "closed", NULL },
	[RBL_HEALTH_UNKNOWN] = { "unknown", NULL },
};

const char *
rbl_health_word(enum rbl_health h)
{
	return healths[h].word;
}

bool
rbl_health_counts(enum rbl_health h, enum rbl_verdict verdict)
{
	return h == RBL_HEALTH_OK ||
	       (h == RBL_HEALTH_NO_TEST && verdict == RBL_LISTED);
}

const char *
rbl_fitness_word(enum rbl_fitness f)
{
	static const char *const words[] = { "fit", "lies", "no-answer" };
	return words[f];
}

static struct str
random_label(struct arena *a)
{
	return str_of(arena_printf(
	    a, "q%08x%08x", (unsigned)random_u32(), (unsigned)random_u32()));
}

/* The positive tests come first, then the negative ones. */
size_t
rbl_tests_put(struct arena *a, const struct rbl_zone *z,
    struct rbl_question q[RBL_TESTS_MAX])
{
	size_t n = 0;
	bool addresses = (z->kinds & ADDRESSES) != 0;
	bool domains = (z->kinds & DNS_LIST_DOMAIN) != 0;
	const char *test = z->known != NULL && z->known->test != NULL
			       ? z->known->test
			       : "test";
	if (addresses)
		q[n++].item = STR("127.0.0.2");
	if (domains)
		q[n++].item = str_of(test);
	if (addresses)
		q[n++].item = STR("127.0.0.1");
	if (domains) {
		q[n++].item = STR("invalid");
		q[n++].item =
		    str_of(arena_printf(a, "%s.com", random_label(a).ptr));
	}
	for (size_t i = 0; i < n; i++) {
		q[i].zone = z->zone;
		q[i].no_text = true;
	}
	return n;
}

static bool
is_positive(const struct rbl_question *q)
{
	return !str_is(q->item, "127.0.0.1") && !str_is(q->item, "invalid") &&
	       !str_ends(q->item, STR(".com"));
}

static bool
is_test_domain(const struct rbl_zone *z, const struct rbl_question *q)
{
	return z->known != NULL && z->known->test != NULL &&
	       str_is(q->item, z->known->test);
}

/* The worst that the tests tell. */
static enum rbl_health
tests_weigh(const struct rbl_zone *z, const struct rbl_question *q, size_t n,
    struct str *reason)
{
	bool listed = false, unknown = false, wrong = false, world = false;
	for (size_t i = 0; i < n; i++) {
		bool positive = is_positive(&q[i]) || is_test_domain(z, &q[i]);
		switch (q[i].result.verdict) {
		case RBL_REFUSED:
			*reason = q[i].result.reason;
			return RBL_HEALTH_REFUSED;
		case RBL_WRONG:
			wrong = true;
			break;
		case RBL_UNKNOWN:
			unknown = true;
			*reason = q[i].result.reason;
			break;
		case RBL_LISTED:
			listed = listed || positive;
			world = world || !positive;
			break;
		case RBL_CLEAN:
		case RBL_NOT_ASKED:
			break;
		}
	}
	if (world)
		return RBL_HEALTH_WORLD;
	if (wrong)
		return RBL_HEALTH_PARKED;
	if (unknown)
		return RBL_HEALTH_UNKNOWN;
	if (listed)
		return RBL_HEALTH_OK;
	return z->known != NULL ? RBL_HEALTH_DEAD : RBL_HEALTH_NO_TEST;
}

void
rbl_tests_judge(struct rbl_zone *z, const struct rbl_question *q, size_t n)
{
	z->reason = str_n("", 0);
	z->health = tests_weigh(z, q, n, &z->reason);
	for (size_t i = 0; i < n; i++) {
		if (q[i].result.elapsed_ms > z->elapsed_ms)
			z->elapsed_ms = q[i].result.elapsed_ms;
	}
	bool silent =
	    z->health == RBL_HEALTH_DEAD || z->health == RBL_HEALTH_UNKNOWN;
	if (z->known != NULL && z->known->state != DNS_LIST_OPEN && silent) {
		z->health = RBL_HEALTH_CLOSED;
		z->reason = str_of(z->known->instead != NULL
				       ? _("it has closed; another list took "
					   "its place")
				       : _("it has closed"));
	}
	if (healths[z->health].text != NULL)
		z->reason = str_of(_(healths[z->health].text));
}

/*
 * Two names that do not exist, asked as if they stood in lists: an address for
 * one of them is invented.
 */
void
rbl_fitness_put(struct arena *a, struct rbl_question q[RBL_FITNESS_TESTS])
{
	q[0].zone = STR("com");
	q[1].zone = STR("org");
	for (size_t i = 0; i < RBL_FITNESS_TESTS; i++) {
		q[i].item = random_label(a);
		q[i].no_text = true;
	}
}

void
rbl_fitness_judge(
    struct rbl_view *v, const struct rbl_question q[RBL_FITNESS_TESTS])
{
	v->fitness = RBL_FIT;
	v->fitness_reason = str_n("", 0);
	for (size_t i = 0; i < RBL_FITNESS_TESTS; i++) {
		const struct rbl_result *r = &q[i].result;
		if (r->verdict == RBL_UNKNOWN && v->fitness == RBL_FIT) {
			v->fitness = RBL_NO_ANSWER;
			v->fitness_reason = r->reason;
		}
		if (r->n_codes > 0) {
			v->fitness = RBL_LIES;
			v->fitness_reason = str_of(
			    _("the resolver gives an address to names that do "
			      "not exist"));
		}
	}
}
