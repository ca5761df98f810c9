// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes of daxrace that take something away from all others: the module, a region, the
 * bus, and a namespace for the stock driver. Each rests twice as long as it takes, or a slow
 * machine does nothing but that.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "racedeeds.h"

#define BUS "/sys/bus/nd/drivers/"
/* In the midst of all others, and then while those who attach and open rest */
#define AMIDST_MS 8000
#define TRIED_MS 25000
#define IN_USE_MS 30000
#define BACK_MS 30000

struct away away;

static unsigned long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000UL + now.tv_nsec / 1000000;
}

static void sleep_ms(unsigned long ms)
{
	const unsigned long end = now_ms() + ms;

	while (!is_over() && now_ms() < end)
		usleep(ms < 100 ? ms * 1000 : 100000);
}

/* Its time is for who looks on */
static void done(enum deed deed, unsigned long began)
{
	const unsigned long took = now_ms() - began;
	char line[80];

	did(deed);
	snprintf(line, sizeof(line), "daxrace: %s in %lu ms", deeds[deed],
		 took);
	put_at("/dev/kmsg", line);
}

/* try() at once, and again until it does or that takes too long */
static void persist(enum deed deed, enum deed amidst, bool (*try)(bool resting))
{
	const unsigned long began = now_ms();
	bool resting = false, good = false;

	while (!is_over() && !good && now_ms() - began < TRIED_MS) {
		if (!resting && now_ms() - began >= AMIDST_MS) {
			resting = true;
			atomic_fetch_add(&race->rest, 1);
		}
		good = try(resting);
	}
	if (resting)
		atomic_fetch_sub(&race->rest, 1);
	if (good)
		done(deed, began);
	if (good && !resting)
		did(amidst);
	sleep_ms(2 * (now_ms() - began));
}

static void does_not_come_back(const char *name, int error)
{
	did(WRONG);
	dprintf(1, "#%s:does:not:come:back:%s\n", name, strerror(error));
}

/* 0, or errno */
static int load(void)
{
	int fd = open(away.module, O_RDONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		error = errno;
	close(fd);
	return error;
}

static void detach_all(void)
{
	struct dirent *entry;
	DIR *dir = opendir(DRIVER);

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "namespace", 9))
			put_driver("unbind", entry->d_name);
	if (dir)
		closedir(dir);
}

/*
 * Who has opened a node, or reads a counter, is in its way. Where nobody attaches anew, what is
 * attached is left to it.
 */
static bool reload(bool resting)
{
	int error;

	if (!resting)
		detach_all();
	if (syscall(SYS_delete_module, "pmem_altmap", O_NONBLOCK)) {
		usleep(20000);
		return false;
	}
	error = load();
	if (error)
		does_not_come_back("pmem_altmap", error);
	return !error;
}

void reloader(void)
{
	sleep_ms(2000);
	persist(RELOADED, RELOADED_AMIDST, reload);
}

/* The first driver says no, as the second one gets it; who attaches takes it away again */
static bool stock_takes(bool resting)
{
	const char *name = some_space();
	bool good = false;
	int i;

	if (!enter_stock()) {
		usleep(10000);
		return false;
	}
	put_driver("unbind", name);
	release_of_stock(name);
	if (is_of_stock(name)) {
		leave_stock();
		usleep(10000);
		return false;
	}
	put_at(BUS "nd_pmem/bind", name);
	for (i = 0; i < (resting ? 200 : 30) && !good && !is_over(); i++) {
		good = is_of_stock(name);
		usleep(10000);
	}
	/* What it has is left to it, until it is taken again */
	if (!good)
		release_of_stock(name);
	leave_stock();
	return good;
}

void stock_turner(void)
{
	sleep_ms(3000);
	persist(STOCKED, STOCKED_AMIDST, stock_takes);
}

/* A region whose namespace a user has just touched; -1 if none is */
static int region_alive(void)
{
	int i, region = -1;

	for (i = 0; i < USERS && region < 0; i++)
		region = atomic_load(&race->alive[i]);
	return region;
}

/* The same, or -1 if none is in 30 s */
static int region_in_use(void)
{
	const unsigned long began = now_ms();
	int region = -1;

	while (region < 0 && !is_over() && now_ms() - began < IN_USE_MS) {
		region = region_alive();
		usleep(10000);
	}
	return region;
}

static bool put_to(const char *driver, const char *file, const char *device)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", driver, file);
	return put_at(path, device);
}

static bool is_bound(const char *driver, const char *device)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", driver, device);
	return !access(path, F_OK);
}

/* It cannot be while others hold on to something. Returns 0, or the errno of the last try. */
static int bring_back(const char *driver, const char *device)
{
	const unsigned long began = now_ms();
	int error;

	while (!is_bound(driver, device) && !put_to(driver, "bind", device)) {
		error = errno;
		if (now_ms() - began > BACK_MS)
			return error;
		usleep(100000);
	}
	return 0;
}

/* Whether all names mean what they did when it had gone so often */
static bool is_same_bus(unsigned long removed)
{
	return is_bus_there() &&
	       atomic_load(&race->did[BUS_REMOVED]) == removed;
}

/* ndctl disables none where a namespace is attached, and says nothing of it with its status */
static void take_region(int region)
{
	const unsigned long bus = atomic_load(&race->did[BUS_REMOVED]);
	const bool there = is_bus_there();
	const unsigned long began = now_ms(), moment = next_moment();
	char name[32], space[32];
	int which, error;
	bool gone;

	snprintf(name, sizeof(name), "region%d", region);
	snprintf(space, sizeof(space), "namespace%d.0", region);
	which = space_of(space);
	gone = put_to(BUS "nd_region", "unbind", name);
	/* Unless a name has got another meaning meanwhile, what was mapped before is dead */
	if (gone && which >= 0 && there && is_same_bus(bus))
		atomic_store(&race->detached[which], moment);
	/* With it comes a dax device that nobody gives up before it is there */
	while (!enter_stock())
		usleep(10000);
	error = bring_back(BUS "nd_region", name);
	wait_probe();
	leave_stock();
	if (gone && !error)
		done(REGION_REMOVED, began);
	else if (gone && there && is_same_bus(bus))
		does_not_come_back(name, error);
	sleep_ms(2 * (now_ms() - began));
}

void region_taker(void)
{
	int region;

	sleep_ms(5000);
	region = region_in_use();
	if (region >= 0)
		take_region(region);
}

/* With it go both regions, and all that was mapped */
static void take_bus(void)
{
	const unsigned long began = now_ms(), moment = next_moment();
	int error;

	if (!put_to(away.bus_driver, "unbind", away.bus_device))
		return;
	atomic_store(&race->detached[0], moment);
	atomic_store(&race->detached[1], moment);
	error = bring_back(away.bus_driver, away.bus_device);
	if (error)
		does_not_come_back(away.bus_device, error);
	else
		done(BUS_REMOVED, began);
}

void bus_taker(void)
{
	unsigned long began;

	sleep_ms(5000);
	if (region_in_use() < 0)
		return;
	atomic_store(&race->bus_goes, true);
	while (atomic_load(&race->at_stock))
		usleep(10000);
	began = now_ms();
	if (!is_over() && region_alive() >= 0)
		take_bus();
	atomic_store(&race->bus_goes, false);
	sleep_ms(6000 + 2 * (now_ms() - began));
}
