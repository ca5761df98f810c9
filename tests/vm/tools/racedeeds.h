/* SPDX-License-Identifier: GPL-2.0-only */
/* For daxrace: what its processes have done, and what they tell each other */
#ifndef RACEDEEDS_H
#define RACEDEEDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

#include "racespaces.h"

#define USERS 3

enum deed {
	ATTACHED,
	DETACHED,
	FREED,
	QUIESCED,
	RESUMED,
	OPENED,
	MAPPED,
	TOUCHED,
	SIGNALLED,
	FORKED,
	SPLIT,
	MOVED,
	FLUSHED,
	PINNED,
	STOPPED,
	READ,
	FORGOT,
	WRONG,
	REVOKED,
	OUTLIVED,
	RELOADED,
	STOCKED,
	REGION_REMOVED,
	BUS_REMOVED,
	RELOADED_AMIDST,
	STOCKED_AMIDST,
	NR_DEEDS
};

extern const char *const deeds[NR_DEEDS];

struct race {
	atomic_ulong did[NR_DEEDS];
	atomic_bool stop;
	pid_t users[USERS];
	/* The number of the region whose mapping each user has just found alive, or -1 */
	atomic_int alive[USERS];
	/*
	 * Moments have numbers. What was mapped before the last detach is dead for ever, and
	 * while it is quiesced, what was before that; 0 is neither.
	 */
	atomic_ulong moment, detached[2], quiesced[2];
	/* How many want that nobody attaches or opens */
	atomic_int rest;
	/* That one takes something from the stock driver, and that none may as the bus goes */
	atomic_bool at_stock, bus_goes;
};

extern struct race *race;

static inline void did(enum deed deed)
{
	atomic_fetch_add(&race->did[deed], 1);
}

static inline bool is_over(void)
{
	return atomic_load(&race->stop);
}

static inline unsigned long next_moment(void)
{
	return atomic_fetch_add(&race->moment, 1) + 1;
}

/* So that the module can go, or the stock driver have its turn */
static inline bool is_to_rest(void)
{
	return atomic_load(&race->rest) > 0;
}

static inline void pause_us(unsigned int us)
{
	usleep(pick(us));
}

/* A name may be of the other one when the bus is back */
static inline bool is_bus_there(void)
{
	return !atomic_load(&race->bus_goes);
}

/* One at a time, and not while the bus goes: see docs/reliability.md, what the kernel has wrong */
static inline void leave_stock(void)
{
	atomic_store(&race->at_stock, false);
}

static inline bool enter_stock(void)
{
	if (atomic_exchange(&race->at_stock, true))
		return false;
	if (is_bus_there())
		return true;
	leave_stock();
	return false;
}

/* What takes something away for a while, and brings it back */
struct away {
	const char *module, *bus_driver, *bus_device;
};

extern struct away away;

void reloader(void);
void stock_turner(void);
void region_taker(void);
void bus_taker(void);

#endif /* RACEDEEDS_H */
