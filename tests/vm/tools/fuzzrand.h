/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that a seed and a round determine (splitmix64). */
#ifndef FUZZRAND_H
#define FUZZRAND_H

#include <stdint.h>

typedef uint64_t u64;

struct rng {
	u64 state;
};

static inline u64 rng_next(struct rng *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Any round can be had without those before it */
static inline struct rng rng_of(u64 seed, u64 round)
{
	struct rng r = { seed * 0x2545f4914f6cdd1d + round };

	r.state = rng_next(&r);
	return r;
}

/* 0 to @n - 1 */
static inline u64 rng_below(struct rng *r, u64 n)
{
	return rng_next(r) % n;
}

/* In so many of a hundred cases */
static inline int rng_percent(struct rng *r, unsigned int percent)
{
	return rng_below(r, 100) < percent;
}

/* Of any number of bits, so that small ones are as likely as large ones */
static inline u64 rng_wide(struct rng *r)
{
	u64 bits = rng_below(r, 65);

	return bits ? rng_next(r) >> (64 - bits) : 0;
}

/* A place that no program has: in the first page, in the kernel's half, or nowhere */
static inline void *rng_foreign(struct rng *r)
{
	return (void *)(rng_percent(r, 20) ? rng_below(r, 4096) :
					     rng_next(r) | 1ULL << 63);
}

#endif /* FUZZRAND_H */
