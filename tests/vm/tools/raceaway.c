// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes of daxrace that take something away from all others: the module, a region, the
 * bus, and a namespace for the stock driver. Each rests twice as long as it takes, or a slow
 * machine does nothing but that.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "racedeeds.h"

#define BUS "/sys/bus/nd/drivers/"
/* In the midst of all others, and then while those who attach and open rest */
#define AMIDST_MS 3000
#define TRIED_MS 15000
#define IN_USE_MS 30000

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
static void persist(enum deed deed, bool (*try)(bool resting))
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
	sleep_ms(2 * (now_ms() - began));
}

static bool load(void)
{
	int fd = open(away.module, O_RDONLY | O_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = !syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return good;
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

/* Who has opened a node, or reads a counter, is in its way */
static bool reload(bool resting)
{
	(void)resting;
	if (access(DRIVER, F_OK))
		load();
	detach_all();
	if (!syscall(SYS_delete_module, "pmem_altmap", O_NONBLOCK))
		return load();
	usleep(20000);
	return false;
}

void reloader(void)
{
	sleep_ms(2000);
	persist(RELOADED, reload);
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
	persist(STOCKED, stock_takes);
}

/* A region whose namespace a user has just touched, or any one; -1 if none is in 30 s */
static int region_in_use(void)
{
	const unsigned long began = now_ms();
	int i, region;

	while (!is_over() && now_ms() - began < IN_USE_MS) {
		i = pick(USERS);
		region = atomic_load(&race->alive[i]);
		if (region >= 0)
			return region;
		usleep(10000);
	}
	return -1;
}

/* Unbinds and binds again; the latter fails while others hold on to something. Returns ms. */
static unsigned long take_away(enum deed deed, const char *driver,
			       const char *device)
{
	const unsigned long began = now_ms();
	char unbind[256], bind[256];
	bool good;
	int i;

	snprintf(unbind, sizeof(unbind), "%s/unbind", driver);
	snprintf(bind, sizeof(bind), "%s/bind", driver);
	good = put_at(unbind, device);
	for (i = 0; good && i < 50 && !put_at(bind, device); i++)
		usleep(100000);
	if (good && i < 50)
		done(deed, began);
	return now_ms() - began;
}

/* ndctl disables none where a namespace is attached, and says nothing of it with its status */
void region_taker(void)
{
	char name[32];
	int region;

	sleep_ms(5000);
	region = region_in_use();
	if (region < 0)
		return;
	snprintf(name, sizeof(name), "region%d", region);
	sleep_ms(2 * take_away(REGION_REMOVED, BUS "nd_region", name));
}

/* With it go both regions */
void bus_taker(void)
{
	unsigned long took;

	sleep_ms(11000);
	if (region_in_use() < 0)
		return;
	atomic_store(&race->bus_goes, true);
	while (atomic_load(&race->at_stock))
		usleep(10000);
	took = take_away(BUS_REMOVED, away.bus_driver, away.bus_device);
	atomic_store(&race->bus_goes, false);
	sleep_ms(2 * took);
}
