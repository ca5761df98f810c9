// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>

#include "output/units.h"

static const char prefixes[] = "KMGTPE";

/**
 * units_parse - read a size such as 1T, 8194M, 2MiB, 0x200000 or 4096
 * @text: digits, then K, M, G, T, P or E for powers of 1024, then B or iB, which may be left out
 * @bytes: filled in
 *
 * Return: 0, -EINVAL, or -ERANGE if it does not fit in 64 bits.
 */
int units_parse(const char *text, u64 *bytes)
{
	unsigned int base = 10;
	const char *prefix;
	u64 value = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!isxdigit((unsigned char)*text))
		return -EINVAL;
	for (; isxdigit((unsigned char)*text); text++) {
		unsigned int digit = isdigit((unsigned char)*text) ?
					     *text - '0' :
					     toupper(*text) - 'A' + 10;

		/* In base 10, the B and E of units are no digits */
		if (digit >= base)
			break;
		if (value > (~0ULL - digit) / base)
			return -ERANGE;
		value = value * base + digit;
	}

	prefix = *text ? strchr(prefixes, toupper(*text)) : NULL;
	if (prefix) {
		int shift = 10 * (prefix - prefixes + 1);

		if (value > ~0ULL >> shift)
			return -ERANGE;
		value <<= shift;
		text++;
		if (*text == 'i') {
			if (text[1] != 'B')
				return -EINVAL;
			text++;
		}
	}
	if (*text == 'B')
		text++;
	if (*text)
		return -EINVAL;
	*bytes = value;
	return 0;
}

/* Rounds to the nearest hundredth; @unit is at most 10^18, so that nothing overflows */
static int scaled(u64 bytes, u64 unit, const char *name, char *text,
		  size_t size)
{
	u64 whole = bytes / unit;
	u64 rest = (u64)((double)(bytes % unit) * 100 / unit + 0.5);

	if (rest == 100) {
		whole++;
		rest = 0;
	}
	return snprintf(text, size, "%llu.%02llu %s", whole, rest, name);
}

static int in_powers(u64 bytes, u64 step, const char *const *names, char *text,
		     size_t size)
{
	u64 unit = step;
	int i = 0;

	for (; i < 5 && bytes / unit >= step; i++)
		unit *= step;
	return scaled(bytes, unit, names[i], text, size);
}

/**
 * units_short - write a size such as "1.50 GiB" or "512 B"
 * @bytes: the size
 * @text: filled in
 *
 * Return: @text.
 */
const char *units_short(u64 bytes, char text[UNITS_SIZE])
{
	static const char *const names[] = { "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };

	if (bytes < 1024)
		snprintf(text, UNITS_SIZE, "%llu B", bytes);
	else
		in_powers(bytes, 1024, names, text, UNITS_SIZE);
	return text;
}

/**
 * units_print - write a size as "ndctl list -u" does: "30.57 GiB (32.83 GB)"
 * @bytes: the size
 * @text: filled in
 *
 * Unlike with ndctl, it is a text with a unit whatever the size.
 *
 * Return: @text.
 */
const char *units_print(u64 bytes, char text[UNITS_SIZE])
{
	static const char *const names[] = {
		"kB", "MB", "GB", "TB", "PB", "EB"
	};
	size_t n;

	units_short(bytes, text);
	if (bytes < 1024)
		return text;
	n = strlen(text);
	n += snprintf(text + n, UNITS_SIZE - n, " (");
	n += in_powers(bytes, 1000, names, text + n, UNITS_SIZE - n);
	snprintf(text + n, UNITS_SIZE - n, ")");
	return text;
}
