/*
 * Path MTU of the hosts we exchange mail with: is there a line on the way that
 * large mail cannot pass (S003, C39)?
 */
#ifndef CORE_MODEL_MTU_H
#define CORE_MODEL_MTU_H

#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"
#include "core/net/pathmtu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MTU_HOSTS_MAX = 64,
	MTU_TCP_PORT = 25,
	MTU_FROM_LOG_MAX = 8,
};

enum mtu_verdict {
	MTU_OK,         /* what our interface sends passes */
	MTU_NARROW,     /* smaller, and the routers say so: works, slowly */
	MTU_BLACK_HOLE, /* large packets vanish: mail stalls */
	MTU_UNTESTED,   /* could not be measured; see 'why' */
};
/* "ok", "WARN", "FAIL", "????" */
const char *mtu_verdict_state(enum mtu_verdict v);
/* "ok", "narrow", "black-hole", "untested" */
const char *mtu_verdict_word(enum mtu_verdict v);

/* One address of one host. */
struct mtu_host {
	const char *name; /* as asked */
	bool has_addr;
	struct net_addr addr;
	struct pathmtu path;
	const char *hop_names[PATHMTU_HOPS_MAX]; /* PTR, NULL: none */
	struct pathmtu_tcp tcp;
	bool tcp_asked;
	enum mtu_verdict verdict;
	struct err why; /* of MTU_UNTESTED */
	int64_t took_ms;
};

struct mtu_options {
	bool only_ipv4, only_ipv6;
	bool no_tcp;
	bool no_names; /* do not ask for the names of the hops */
	uint16_t port; /* 0: MTU_TCP_PORT */
	/* the resolver; NULL: names cannot be resolved, addresses can */
	struct dns *dns;
	/* told while hosts are measured; NULL: nobody watches */
	const struct mtu_watch *watch;
};

/*
 * From the thread that measures the host, one at a time: nothing but the host
 * may be looked at, and the arena of the context not used.
 */
struct mtu_watch {
	/* which hosts, 'n' in all: before anything is measured */
	void (*begun)(void *ctx, const struct mtu_host *hosts, size_t n);
	/* it has one hop more, or is done */
	void (*hop)(void *ctx, const struct mtu_host *h);
	void (*done)(void *ctx, const struct mtu_host *h);
	void *ctx;
};

struct mtu_report {
	struct mtu_host *hosts; /* in the order asked, IPv4 before IPv6 */
	size_t n;
	const struct mtu_host *worst; /* smallest mtu; NULL: none measured */
	unsigned advice;              /* value for network.mtu, 0: leave it */
};

/*
 * Measure all hosts at the same time, into the context's arena. Hosts that
 * cannot be measured are rows with a reason, no failure.
 */
MUST_USE bool mtu_measure(const struct model_ctx *m, const char *const *names,
    size_t n, const struct mtu_options *options, struct mtu_report **out,
    struct err *e);

/*
 * The addresses of senders whose SMTP sessions timed out in the last days
 * (0: in all of the logs), those it happened to most first, at most
 * MTU_FROM_LOG_MAX. 'dir' as log_set_open. ERR_NO when there is none.
 */
MUST_USE bool mtu_hosts_from_log(const struct model_ctx *m, const char *dir,
    int days, const char *const **names, size_t *n, struct err *e);

/* --- in words, translated, in the arena --- */
/* The verdict, without the host's name. */
const char *mtu_host_text(struct arena *arena, const struct mtu_host *h);
/* "(no reply)", "reached", "narrower" or "" */
const char *mtu_hop_text(const struct pathmtu_hop *hop);
enum {
	MTU_REMARKS_MAX = 6
};
struct mtu_remark {
	const char *label; /* stable: "tcp", "icmp", "route", "back", "end" */
	const char *text;
};
/* Facts beside the hops; returns how many. */
size_t mtu_remarks(struct arena *arena, const struct mtu_host *h, unsigned port,
    struct mtu_remark list[MTU_REMARKS_MAX]);

#endif
