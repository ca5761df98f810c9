// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxrace SECONDS SEED MODULE BUS_DRIVER BUS_DEVICE: everything that can be done to namespaces and
 * their nodes, by many processes at once. What each did is printed as "DID COUNT", and the seconds
 * in which something was attached. What is read has to be words of that namespace, one with pages
 * of 4 KiB being the second, and nothing is read or written through a mapping that is quiesced or
 * older than a detach. MODULE is the file to load again, and BUS_DRIVER the directory of the driver
 * of BUS_DEVICE, which is taken away. Ends with 0 when all workers came to their end.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nodewords.h"
#include "racedeeds.h"
#include "racespaces.h"

#define LENGTH (8UL << 20)
#define UNIT (2UL << 20)
/* What stays in the kernel for so long after all were told to stop is stuck */
#define PATIENCE 300

const char *const deeds[NR_DEEDS] = {
	"attached",	   "detached",	    "freed",	      "quiesced",
	"resumed",	   "opened",	    "mapped",	      "touched",
	"sigbus",	   "forked",	    "split",	      "moved",
	"flushed",	   "pinned",	    "stopped",	      "read",
	"forgot",	   "wrong",	    "revoked",	      "outlived",
	"module_reloaded", "stock_took_it", "region_removed", "bus_removed",
	"reloaded_amidst", "stock_amidst",
};

struct race *race;

/*
 * What the mapping of a user is of, -1 if that is not known, when it was there, and a word of
 * it that was stored: its page is mapped, if nobody has revoked it
 */
static int space_mapped = -1;
static unsigned long mapped_at;
static const u64 nowhere = ~0ULL;
static u64 last_stored;
/* What it says of it in race->alive */
static int me, region_mapped;

unsigned int seed;
static sigjmp_buf jump;
static volatile sig_atomic_t touching;

static void attacher(void)
{
	const char *name = some_space();

	if (is_to_rest()) {
		usleep(50000);
		return;
	}
	if (put_driver("allow", name) && put_driver("bind", name))
		did(ATTACHED);
	else if (!pick(3) && enter_stock()) {
		if (release_of_stock(name))
			did(FREED);
		leave_stock();
	}
	pause_us(20000);
}

/* Not too often, or the others find nothing that is attached; on a slow machine even less so */
static void detacher(void)
{
	const unsigned long opened = atomic_load(&race->did[OPENED]);
	unsigned long moment;
	const char *name;
	bool there;
	int i, which;

	pause_us(1500000);
	for (i = 0; i < 50 && atomic_load(&race->did[OPENED]) == opened; i++)
		usleep(100000);
	name = some_space();
	there = is_bus_there();
	/* Before, so that nothing that is attached anew counts as older */
	moment = next_moment();
	which = space_of(name);
	if (!put_driver("unbind", name))
		return;
	did(DETACHED);
	if (there && which >= 0 && is_bus_there())
		atomic_store(&race->detached[which], moment);
}

static void quiescer(void)
{
	const char *name = some_space();
	const bool there = is_bus_there();
	const bool quiesced = put_driver("quiesce", name);
	const int which = space_of(name);
	unsigned long moment;

	if (quiesced)
		did(QUIESCED);
	moment = next_moment();
	/* Nobody has attached it anew meanwhile: no mapping of before that moment is alive */
	if (quiesced && there && which >= 0 && is_quiesced(name) &&
	    is_bus_there()) {
		atomic_store(&race->quiesced[which], moment);
		/* For as long as a user needs to come across it */
		pause_us(400000);
		atomic_store(&race->quiesced[which], 0);
	}
	if (put_driver("resume", name) && quiesced)
		did(RESUMED);
	pause_us(30000);
}

static void forgetter(void)
{
	pause_us(2000000);
	if (put_driver("allow", "\n"))
		did(FORGOT);
}

static void read_all(const char *path, int depth)
{
	struct dirent *entry;
	char below[512], text[4096];
	DIR *dir = opendir(path);
	int fd;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR && depth)
			read_all(below, depth - 1);
		fd = open(below, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, text, sizeof(text)) > 0 &&
		    strstr(path, "/providers/"))
			did(READ);
		close(fd);
	}
	if (dir)
		closedir(dir);
}

static void reader(void)
{
	some_space();
	read_all(DEBUGFS, 2);
	read_all("/sys/bus/nd/drivers/pmem_altmap", 0);
	pause_us(20000);
}

static void caught(int sig)
{
	if (!touching)
		_exit(sig);
	siglongjmp(jump, sig);
}

static u64 somewhere(void)
{
	return pick(LENGTH / sizeof(u64)) * sizeof(u64);
}

/* Since when the mapping is revoked, and how; 0 if it is not */
static unsigned long revoked(enum deed *how)
{
	unsigned long detached, quiesced;

	if (space_mapped < 0)
		return 0;
	detached = atomic_load(&race->detached[space_mapped]);
	quiesced = atomic_load(&race->quiesced[space_mapped]);
	*how = mapped_at < detached ? OUTLIVED : REVOKED;
	if (mapped_at < detached)
		return detached;
	return mapped_at < quiesced ? quiesced : 0;
}

static void mark_alive(bool alive)
{
	atomic_store(&race->alive[me], alive ? region_mapped : -1);
}

static void touch(volatile char *p)
{
	enum deed how = WRONG;
	const unsigned long before = revoked(&how);
	const bool again = before && last_stored != nowhere;
	const u64 stored = again ? last_stored : somewhere();
	const u64 loaded = again ? last_stored : somewhere();
	const enum deed seen = how;
	int sig = sigsetjmp(jump, 1);
	u64 word;

	touching = !sig;
	if (!sig) {
		/* Without a namespace that it is of, only looked at */
		if (space_mapped >= 0)
			*(volatile u64 *)(p + stored) = word_of_space(
				stored, space_mapped, pick(65536));
		last_stored = stored;
		word = *(volatile u64 *)(p + loaded);
		if (space_mapped < 0 ?
			    !is_word_of(word, loaded) :
			    !is_word_of_space(word, loaded, space_mapped)) {
			did(WRONG);
			dprintf(1, "#offset:%#lx:holds:%#lx\n", loaded, word);
		}
		if (before && revoked(&how) == before) {
			did(WRONG);
			dprintf(1,
				"#mapped:at:%lu:alive:though:revoked:at:%lu\n",
				mapped_at, before);
		}
	} else if (before) {
		did(seen);
	}
	touching = 0;
	mark_alive(!sig);
	did(!sig ? TOUCHED : sig == SIGBUS ? SIGNALLED : WRONG);
}

/* Only one with pages of 4 KiB can be mapped at 4 KiB */
static int space_of_node(int fd)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);

	if (p != MAP_FAILED) {
		munmap(p, 4096);
		return 1;
	}
	return errno == EINVAL ? 0 : -1;
}

/* References that outlive the mapping, and detaching has to wait for */
static void pin(char *p)
{
	struct iovec iov = { p, 4096 };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return;
	/* Faults what is not there, so a signal is no matter of ours */
	if (vmsplice(ends[1], &iov, 1, SPLICE_F_NONBLOCK) > 0) {
		did(PINNED);
		pause_us(30000);
	}
	close(ends[0]);
	close(ends[1]);
}

static void child_of(char *p)
{
	pid_t pid = fork();

	if (pid > 0) {
		did(FORKED);
		waitpid(pid, NULL, 0);
		return;
	}
	if (pid)
		return;
	touch(p);
	munmap(p, LENGTH);
	_exit(0);
}

static void deal_with(int fd, char **p)
{
	char *moved;

	switch (pick(9)) {
	case 0:
		child_of(*p);
		break;
	case 1:
		if (!mprotect(*p + UNIT, UNIT, PROT_READ))
			did(SPLIT);
		mprotect(*p + UNIT, UNIT, PROT_READ | PROT_WRITE);
		break;
	case 2:
		moved = mremap(*p, LENGTH, LENGTH, MREMAP_MAYMOVE);
		if (moved != MAP_FAILED) {
			*p = moved;
			did(MOVED);
		}
		break;
	case 3:
		if (!fsync(fd))
			did(FLUSHED);
		break;
	case 4:
		pin(*p + pick(LENGTH / 4096) * 4096UL);
		break;
	case 5:
		madvise(*p, UNIT, MADV_DONTNEED);
		break;
	default:
		touch(*p);
	}
}

static void user(void)
{
	const char *name = some_space();
	char path[PATH_MAX], *p;
	int fd, i;

	if (is_to_rest()) {
		usleep(50000);
		return;
	}
	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		pause_us(20000);
		return;
	}
	did(OPENED);
	p = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED) {
		did(MAPPED);
		/* Later than it was mapped: so much is not known of it, and no more */
		mapped_at = atomic_load(&race->moment);
		space_mapped = space_of_node(fd);
		last_stored = nowhere;
		region_mapped = atoi(name + strlen("namespace"));
		touch(p);
		for (i = pick(40); i && !is_to_rest(); i--)
			deal_with(fd, &p);
		mark_alive(false);
		munmap(p, LENGTH);
	}
	close(fd);
	pause_us(10000);
}

/* Wherever a user just is, in a fault or anywhere else */
static void stopper(void)
{
	pid_t pid = race->users[pick(USERS)];

	pause_us(100000);
	if (!kill(pid, SIGSTOP))
		did(STOPPED);
	pause_us(200000);
	kill(pid, SIGCONT);
}

static pid_t start(void (*work)(void), unsigned int number)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	seed += number * 7919;
	me = number;
	while (!is_over())
		work();
	_exit(0);
}

int main(int argc, char **argv)
{
	static void (*const works[])(void) = {
		user,	  user,		user,	      attacher,
		attacher, detacher,	quiescer,     detacher,
		reader,	  reader,	forgetter,    stopper,
		reloader, stock_turner, region_taker, bus_taker,
	};
	const unsigned int nr = sizeof(works) / sizeof(*works);
	unsigned int i, left = nr, seconds = 0, attached = 0;
	time_t end;
	int status, bad = 0;

	if (argc != 6) {
		fprintf(stderr,
			"usage: daxrace SECONDS SEED MODULE BUS_DRIVER BUS_DEVICE\n");
		return 2;
	}
	seed = atoi(argv[2]);
	away = (struct away){ argv[3], argv[4], argv[5] };
	race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (race == MAP_FAILED)
		return 1;
	for (i = 0; i < USERS; i++)
		atomic_init(&race->alive[i], -1);
	signal(SIGBUS, caught);
	signal(SIGSEGV, caught);
	for (i = 0; i < nr; i++) {
		pid_t pid = start(works[i], i);

		if (i < USERS)
			race->users[i] = pid;
	}
	for (end = time(NULL) + atoi(argv[1]); time(NULL) < end; sleep(1)) {
		seconds++;
		attached += any_attached();
	}
	atomic_store(&race->stop, true);
	for (end = time(NULL) + PATIENCE; left && time(NULL) < end;) {
		/* One that was stopped when the stopper ended */
		for (i = 0; i < USERS; i++)
			kill(race->users[i], SIGCONT);
		while (left && waitpid(-1, &status, WNOHANG) > 0) {
			left--;
			bad += status != 0;
		}
		usleep(100000);
	}
	for (i = 0; i < NR_DEEDS; i++)
		printf("%s %lu\n", deeds[i], atomic_load(&race->did[i]));
	printf("stuck %u\nkilled %d\nlooked %u\nfound %u\n", left, bad, seconds,
	       attached);
	return left || bad;
}
