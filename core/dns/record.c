/* Typed data of records. Bounds are checked here whatever the codec did. */
#include "core/dns/record_int.h"

#include "core/dns/name.h"

enum {
	IPV4_SIZE = 4,
	IPV6_SIZE = 16,
	SOA_NUMBERS = 20,
	SRV_HEAD = 6,
	TLSA_HEAD = 3,
	CAA_HEAD = 2
};

static bool
address_read(struct str data, struct net_addr *out, bool ipv6)
{
	size_t size = ipv6 ? IPV6_SIZE : IPV4_SIZE;
	*out = (struct net_addr){ .is_ipv6 = ipv6 };
	if (data.len != size)
		return false;
	memcpy(out->bytes, data.ptr, size);
	return true;
}

/* One name at the front of *data. */
static bool
name_read(struct arena *a, struct str *data, struct str *out)
{
	size_t n = dns_name_length(*data);
	if (n == 0)
		return false;
	*out = dns_name_text(a, str_sub(*data, 0, n));
	*data = str_sub(*data, n, data->len);
	return true;
}

static bool
read_a(struct arena *a, struct str data, struct dns_record *out)
{
	(void)a;
	return address_read(data, &out->as.addr, false);
}

static bool
read_aaaa(struct arena *a, struct str data, struct dns_record *out)
{
	(void)a;
	return address_read(data, &out->as.addr, true);
}

static bool
read_host(struct arena *a, struct str data, struct dns_record *out)
{
	return name_read(a, &data, &out->as.host) && data.len == 0;
}

static bool
read_mx(struct arena *a, struct str data, struct dns_record *out)
{
	if (data.len < 2)
		return false;
	out->as.mx.preference = dns_get16(&data);
	return name_read(a, &data, &out->as.mx.host) && data.len == 0;
}

/* Number of strings, or 0 when their lengths do not add up. */
static size_t
strings_count(struct str data)
{
	size_t n = 0, at = 0;
	while (at < data.len) {
		at += 1 + (size_t)(unsigned char)data.ptr[at];
		n++;
	}
	return at == data.len ? n : 0;
}

static bool
read_txt(struct arena *a, struct str data, struct dns_record *out)
{
	size_t n = strings_count(data), len = 0;
	if (n == 0)
		return false;
	char *text = ARENA_ARRAY(a, data.len + 1, char);
	struct str *strings = ARENA_ARRAY(a, n, struct str);
	if (text == NULL || strings == NULL)
		return false;
	for (size_t i = 0, at = 0; i < n; i++) {
		size_t size = (unsigned char)data.ptr[at];
		memcpy(text + len, data.ptr + at + 1, size);
		strings[i] = str_n(text + len, size);
		len += size;
		at += 1 + size;
	}
	out->as.txt.text = str_n(text, len);
	out->as.txt.strings = strings;
	out->as.txt.n = n;
	return true;
}

static bool
read_soa(struct arena *a, struct str data, struct dns_record *out)
{
	if (!name_read(a, &data, &out->as.soa.mname) ||
	    !name_read(a, &data, &out->as.soa.rname) || data.len != SOA_NUMBERS)
		return false;
	out->as.soa.serial = dns_get32(&data);
	out->as.soa.refresh = dns_get32(&data);
	out->as.soa.retry = dns_get32(&data);
	out->as.soa.expire = dns_get32(&data);
	out->as.soa.minimum = dns_get32(&data);
	return true;
}

static bool
read_srv(struct arena *a, struct str data, struct dns_record *out)
{
	if (data.len < SRV_HEAD)
		return false;
	out->as.srv.priority = dns_get16(&data);
	out->as.srv.weight = dns_get16(&data);
	out->as.srv.port = dns_get16(&data);
	return name_read(a, &data, &out->as.srv.host) && data.len == 0;
}

static bool
read_tlsa(struct arena *a, struct str data, struct dns_record *out)
{
	(void)a;
	if (data.len <= TLSA_HEAD)
		return false;
	out->as.tlsa.usage = (uint8_t)data.ptr[0];
	out->as.tlsa.selector = (uint8_t)data.ptr[1];
	out->as.tlsa.matching = (uint8_t)data.ptr[2];
	out->as.tlsa.data = str_sub(data, TLSA_HEAD, data.len);
	return true;
}

/* RFC 8659 4.1: flags, length of the tag, tag, value. */
static bool
read_caa(struct arena *a, struct str data, struct dns_record *out)
{
	(void)a;
	if (data.len < CAA_HEAD)
		return false;
	size_t tag = (unsigned char)data.ptr[1];
	if (tag == 0 || CAA_HEAD + tag > data.len)
		return false;
	out->as.caa.flags = (uint8_t)data.ptr[0];
	out->as.caa.tag = str_sub(data, CAA_HEAD, CAA_HEAD + tag);
	out->as.caa.value = str_sub(data, CAA_HEAD + tag, data.len);
	return true;
}

static const struct reader {
	uint16_t type;
	bool (*read)(struct arena *a, struct str data, struct dns_record *out);
} readers[] = {
	{ DNS_A, read_a },
	{ DNS_AAAA, read_aaaa },
	{ DNS_NS, read_host },
	{ DNS_CNAME, read_host },
	{ DNS_PTR, read_host },
	{ DNS_MX, read_mx },
	{ DNS_TXT, read_txt },
	{ DNS_SPF, read_txt },
	{ DNS_SOA, read_soa },
	{ DNS_SRV, read_srv },
	{ DNS_TLSA, read_tlsa },
	{ DNS_CAA, read_caa },
};

bool
dns_record_read(
    struct arena *a, const struct dns_flat_record *from, struct dns_record *out)
{
	*out = (struct dns_record){ .type = from->type, .ttl = from->ttl };
	out->name = dns_name_text(a, from->owner);
	out->raw = arena_str(a, from->data);
	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		if (readers[i].type == from->type)
			return readers[i].read(a, out->raw, out);
	}
	return true;
}
