/* Words and texts of verdicts: one row each. */
#include "core/auth/dkim_int.h"

#include "core/base/i18n.h"

static const char *const results[] = {
	[DKIM_NONE] = "none",
	[DKIM_PASS] = "pass",
	[DKIM_FAIL] = "fail",
	[DKIM_POLICY] = "policy",
	[DKIM_NEUTRAL] = "neutral",
	[DKIM_TEMPERROR] = "temperror",
	[DKIM_PERMERROR] = "permerror",
};

static const struct {
	const char *word;
	const char *text;
	enum dkim_result result;
} reasons[DKIM_REASONS] = {
	[DKIM_OK] = { "ok", N_("the signature verifies"), DKIM_PASS },
	[DKIM_BAD_TAGS] = { "tags",
	    N_("the field is no list of tags, or has one twice"),
	    DKIM_PERMERROR },
	[DKIM_BAD_VERSION] = { "version", N_("v= is not 1"), DKIM_PERMERROR },
	[DKIM_VERSION_MISSING] = { "version-missing",
	    N_("v= is missing: a form older than the standard"),
	    DKIM_PERMERROR },
	[DKIM_BAD_ALGORITHM] = { "algorithm",
	    N_("a= names an algorithm that is not known"), DKIM_PERMERROR },
	[DKIM_SHA1] = { "sha1", N_("rsa-sha1 is no longer valid (RFC 8301)"),
	    DKIM_PERMERROR },
	[DKIM_BAD_CANON] = { "canonicalization",
	    N_("c= names a form that is not known"), DKIM_PERMERROR },
	[DKIM_BAD_DOMAIN] = { "domain", N_("d= is no domain name"),
	    DKIM_PERMERROR },
	[DKIM_BAD_SELECTOR] = { "selector", N_("s= is no name"),
	    DKIM_PERMERROR },
	[DKIM_BAD_IDENTITY] = { "identity",
	    N_("i= is not within the domain of d="), DKIM_PERMERROR },
	[DKIM_BAD_HEADERS] = { "headers", N_("h= is no list of field names"),
	    DKIM_PERMERROR },
	[DKIM_FROM_UNSIGNED] = { "from-unsigned", N_("h= leaves out From"),
	    DKIM_PERMERROR },
	[DKIM_BAD_QUERY] = { "query",
	    N_("q= names no way to the key that is known"), DKIM_PERMERROR },
	[DKIM_BAD_TIME] = { "time",
	    N_("t= or x= is no time, or x= is not after t="), DKIM_PERMERROR },
	[DKIM_BAD_LENGTH] = { "length", N_("l= is no number"), DKIM_PERMERROR },
	[DKIM_LENGTH_BEYOND] = { "length-beyond",
	    N_("l= is more than the body has: it was cut"), DKIM_PERMERROR },
	[DKIM_BAD_BODY_HASH] = { "body-hash", N_("bh= is not base64"),
	    DKIM_PERMERROR },
	[DKIM_BAD_SIGNATURE] = { "signature", N_("b= is not base64"),
	    DKIM_PERMERROR },
	[DKIM_TAG_MISSING] = { "tag-missing",
	    N_("a tag that must be there is missing"), DKIM_PERMERROR },
	[DKIM_BAD_INSTANCE] = { "instance", N_("i= is no number from 1 to 50"),
	    DKIM_PERMERROR },
	[DKIM_TAG_FORBIDDEN] = { "tag-forbidden",
	    N_("a tag that must not be there is present"), DKIM_PERMERROR },
	[DKIM_NO_KEY] = { "no-key", N_("no key is published"), DKIM_PERMERROR },
	[DKIM_KEY_SYNTAX] = { "key-syntax", N_("the key record cannot be read"),
	    DKIM_PERMERROR },
	[DKIM_KEY_VERSION] = { "key-version",
	    N_("the key record is not v=DKIM1, or v= is not first"),
	    DKIM_PERMERROR },
	[DKIM_KEY_SEVERAL] = { "key-several",
	    N_("several key records are published"), DKIM_PERMERROR },
	[DKIM_KEY_REVOKED] = { "key-revoked",
	    N_("the key is revoked (p= is empty)"), DKIM_PERMERROR },
	[DKIM_KEY_KIND] = { "key-kind",
	    N_("the key is not of the kind that a= needs"), DKIM_PERMERROR },
	[DKIM_KEY_HASH] = { "key-hash",
	    N_("the key record does not allow this digest (h=)"),
	    DKIM_PERMERROR },
	[DKIM_KEY_SERVICE] = { "key-service",
	    N_("the key is not for mail (s=)"), DKIM_PERMERROR },
	[DKIM_KEY_STRICT] = { "key-strict",
	    N_("the key is for the domain itself (t=s), i= is below it"),
	    DKIM_PERMERROR },
	[DKIM_KEY_UNUSABLE] = { "key-unusable",
	    N_("p= is no key that can be used"), DKIM_PERMERROR },
	[DKIM_KEY_UNREACHABLE] = { "key-unreachable",
	    N_("the key could not be asked for"), DKIM_TEMPERROR },
	[DKIM_NO_CRYPTO] = { "no-crypto",
	    N_("the cryptographic library failed"), DKIM_TEMPERROR },
	[DKIM_BODY_CHANGED] = { "body-changed",
	    N_("the body was changed after signing"), DKIM_FAIL },
	[DKIM_HEADER_CHANGED] = { "header-changed",
	    N_("a signed field was changed, or the key is not the one that "
	       "signed"),
	    DKIM_FAIL },
	[DKIM_KEY_SHORT] = { "key-short",
	    N_("the RSA key is shorter than 1024 bits (RFC 8301)"),
	    DKIM_POLICY },
	[DKIM_EXPIRED] = { "expired", N_("the signature has expired (x=)"),
	    DKIM_POLICY },
	[DKIM_TOO_MANY] = { "too-many",
	    N_("not judged: the message has too many signatures"),
	    DKIM_POLICY },
};

const char *
dkim_result_word(enum dkim_result r)
{
	return results[r];
}

const char *
dkim_reason_word(enum dkim_reason r)
{
	return reasons[r].word;
}

const char *
dkim_reason_text(enum dkim_reason r)
{
	return _(reasons[r].text);
}

enum dkim_result
dkim_result_of(enum dkim_reason r)
{
	return reasons[r].result;
}

bool
dkim_reason_is_formal(enum dkim_reason r)
{
	return r == DKIM_SHA1 || r == DKIM_VERSION_MISSING;
}

const char *
dkim_algorithm_word(enum dkim_algorithm a)
{
	static const char *const words[] = {
		[DKIM_RSA_SHA256] = "rsa-sha256",
		[DKIM_ED25519_SHA256] = "ed25519-sha256",
		[DKIM_RSA_SHA1] = "rsa-sha1",
		[DKIM_ALGORITHM_UNKNOWN] = "unknown",
	};
	return words[a];
}

const char *
dkim_canon_word(enum dkim_canon c)
{
	return c == DKIM_RELAXED ? "relaxed" : "simple";
}
