/*
 * The DKIM keys of this server: a folder a domain below
 * /home/e-smith/dkim_keys with the files 'private', 'public' and 'selector'
 * (FL-116), and beside them the same with '.ed25519' for a second signature
 * (FL-117). Making, showing, checking and changing them.
 */
#ifndef CORE_MODEL_DKIM_H
#define CORE_MODEL_DKIM_H

#include "core/auth/crypto.h"
#include "core/auth/dkim.h"
#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/dns/dns.h"
#include "core/model/ctx.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DKIM_KEYS_DIR  "/home/e-smith/dkim_keys"
#define DKIM_KEYS_NEXT DKIM_KEYS_DIR "/.next" /* made, not yet in use */
#define DKIM_KEYS_OLD  DKIM_KEYS_DIR "/.old"  /* out of use, record stays */
/* the same for the keys beside them, which change at times of their own */
#define DKIM_ED25519_NEXT DKIM_KEYS_DIR "/.next-ed25519"
#define DKIM_ED25519_OLD  DKIM_KEYS_DIR "/.old-ed25519"
#define DKIM_USER         "qpsmtpd" /* who signs */
#define DKIM_MODE         0400      /* of the key files (F156) */
#define DKIM_OLD_DIR      "/var/service/qpsmtpd/config/dkimkeys" /* until 9.1 */
#define DKIM_OLD_MODE     0700

/* One key as the signer finds it; strings in the arena. */
struct dkim_own {
	const char *folder; /* path as shown: ".../example.com" */
	const char *domain; /* d= of its signatures */
	const char *selector;
	const char *private_path; /* as shown */
	const char *private_real;
	struct crypto_key *key; /* dkim_own_clear frees it */
	enum crypto_kind kind;
	unsigned bits;
	mode_t mode; /* of the private file */
	uid_t uid;
	gid_t gid;
	int64_t made_s; /* Unix time of the file */
	bool shared;    /* the key 'default' of all domains */
	bool disabled;  /* the folder holds a file 'disabled' */
};

/* " --ed25519", or nothing: what names this key to commands. */
const char *dkim_own_option(const struct dkim_own *own);

/*
 * The key for mail of this domain: its own folder, one of a parent domain,
 * the shared one (FL-116). 'base' is DKIM_KEYS_DIR or DKIM_KEYS_NEXT. ERR_NO
 * when there is none.
 */
MUST_USE bool dkim_own_find(const struct model_ctx *m, const struct crypto *c,
    const char *base, const char *domain, enum crypto_kind kind,
    struct dkim_own *out, struct err *e);
void dkim_own_clear(const struct crypto *c, struct dkim_own *own);

struct dkim_wish {
	const char *domain;   /* or "default" */
	const char *selector; /* NULL: "default", "ed25519" */
	enum crypto_kind kind;
	unsigned bits; /* of RSA */
	bool replace;  /* an existing key is kept as private.old, ... */
	bool dry_run;  /* check alone: the key made is in no file */
};

/*
 * Make a key and its files with owner and mode (F156, F157). Fails when there
 * is one and 'replace' is not set. *out as from dkim_own_find.
 */
MUST_USE bool dkim_own_make(const struct model_ctx *m, const struct crypto *c,
    const char *base, const struct dkim_wish *wish, struct dkim_own *out,
    struct err *e);

/* "v=DKIM1; k=rsa; p=..."; 'testing' adds t=y (F159). */
MUST_USE bool dkim_own_record(const struct model_ctx *m, const struct crypto *c,
    const struct dkim_own *own, bool testing, struct str *out, struct err *e);
/* The record in strings of at most 255 bytes, quoted: "..." "..." */
struct str dkim_record_quoted(
    struct arena *a, struct str record, const char *between);

#endif
