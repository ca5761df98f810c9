// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxrace SECONDS SEED: everything that can be done to namespaces and their nodes, by many
 * processes at once, as long as /tmp/stop is not there. What each did is printed as
 * "DID COUNT", and the seconds in which something was attached. What is read has to be the words
 * that the first 8 MiB were filled with. Ends with 0 when all workers came to their end.
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

#define DRIVER "/sys/bus/nd/drivers/pmem_altmap/"
#define DEVICES "/sys/bus/nd/devices"
#define DEBUGFS "/sys/kernel/debug/pmem_altmap"
#define LENGTH (8UL << 20)
#define UNIT (2UL << 20)
#define USERS 3
/* What stays in the kernel for so long after all were told to stop is stuck */
#define PATIENCE 300

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
	NR_DEEDS
};

static const char *const names[NR_DEEDS] = {
	"attached", "detached", "freed",   "quiesced", "resumed", "opened",
	"mapped",   "touched",	"sigbus",  "forked",   "split",	  "moved",
	"flushed",  "pinned",	"stopped", "read",     "forgot",  "wrong",
};

static struct {
	atomic_ulong did[NR_DEEDS];
	atomic_bool stop;
	pid_t users[USERS];
} * shared;

static unsigned int seed;
static sigjmp_buf jump;
static volatile sig_atomic_t touching;

static void did(enum deed deed)
{
	atomic_fetch_add(&shared->did[deed], 1);
}

static unsigned int pick(unsigned int n)
{
	return rand_r(&seed) % n;
}

/* One that is there now: they get other names when their bus goes and comes */
static const char *space(void)
{
	static char name[NAME_MAX + 1];
	struct dirent *entry;
	unsigned int n = 0;
	DIR *dir = opendir(DEVICES);

	strcpy(name, "namespace0.0");
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "namespace", 9) && !pick(++n))
			snprintf(name, sizeof(name), "%s", entry->d_name);
	if (dir)
		closedir(dir);
	/* Their bus is away: leave the CPUs to who brings it back, which takes minutes if not */
	if (!n)
		usleep(500000);
	return name;
}

static void pause_us(unsigned int us)
{
	usleep(pick(us));
}

static bool put_at(const char *path, const char *text)
{
	bool good;
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) > 0;
	close(fd);
	return good;
}

static bool put(const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), DRIVER "%s", file);
	return put_at(path, text);
}

/* The stock driver gets what was not named when its region came */
static bool take_from_stock(const char *name)
{
	char path[PATH_MAX], holder[64] = "";
	ssize_t len;
	bool good;
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/holder", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, holder, sizeof(holder) - 1);
	close(fd);
	if (len <= 1)
		return false;
	holder[len - 1] = '\0';
	/* Not while the bus goes: see docs/reliability.md */
	if (mkdir("/tmp/lock", 0700))
		return false;
	put_at("/sys/bus/nd/drivers/dax_pmem/unbind", holder);
	snprintf(path, sizeof(path), DEVICES "/%s/namespace", holder);
	good = put_at(path, "\n");
	rmdir("/tmp/lock");
	return good;
}

static void attacher(void)
{
	const char *name = space();

	if (put("allow", name) && put("bind", name))
		did(ATTACHED);
	else if (!pick(3) && take_from_stock(name))
		did(FREED);
	pause_us(20000);
}

/* Not too often, or the others find nothing that is attached; on a slow machine even less so */
static void detacher(void)
{
	const unsigned long opened = atomic_load(&shared->did[OPENED]);
	int i;

	pause_us(1500000);
	for (i = 0; i < 50 && atomic_load(&shared->did[OPENED]) == opened; i++)
		usleep(100000);
	if (put("unbind", space()))
		did(DETACHED);
}

static void quiescer(void)
{
	const char *name = space();
	const bool quiesced = put("quiesce", name);

	if (quiesced)
		did(QUIESCED);
	if (pick(2))
		pause_us(50000);
	if (put("resume", name) && quiesced)
		did(RESUMED);
	pause_us(30000);
}

static void forgetter(void)
{
	pause_us(2000000);
	if (put("allow", "\n"))
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
	space();
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

static void touch(volatile char *p)
{
	const u64 stored = somewhere(), loaded = somewhere();
	int sig = sigsetjmp(jump, 1);
	u64 word;

	touching = !sig;
	if (!sig) {
		*(volatile u64 *)(p + stored) = word_of(stored, pick(65536));
		word = *(volatile u64 *)(p + loaded);
		if (!is_word_of(word, loaded)) {
			did(WRONG);
			dprintf(1, "#offset:%#lx:holds:%#lx\n", loaded, word);
		}
	}
	touching = 0;
	did(!sig ? TOUCHED : sig == SIGBUS ? SIGNALLED : WRONG);
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
	char path[PATH_MAX], *p;
	int fd, i;

	snprintf(path, sizeof(path), "/dev/%s", space());
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		pause_us(20000);
		return;
	}
	did(OPENED);
	p = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED) {
		did(MAPPED);
		touch(p);
		for (i = pick(40); i; i--)
			deal_with(fd, &p);
		munmap(p, LENGTH);
	}
	close(fd);
	pause_us(10000);
}

/* Wherever a user just is, in a fault or anywhere else */
static void stopper(void)
{
	pid_t pid = shared->users[pick(USERS)];

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
	while (!atomic_load(&shared->stop))
		work();
	_exit(0);
}

/* 1 if something is attached */
static int any_attached(void)
{
	struct dirent *entry;
	DIR *dir = opendir(DRIVER);
	int any = 0;

	while (dir && (entry = readdir(dir)))
		any |= !strncmp(entry->d_name, "namespace", 9);
	if (dir)
		closedir(dir);
	return any;
}

int main(int argc, char **argv)
{
	static void (*const works[])(void) = {
		user,	  user,	    user,   attacher, attacher,	 detacher,
		quiescer, detacher, reader, reader,   forgetter, stopper,
	};
	const unsigned int nr = sizeof(works) / sizeof(*works);
	unsigned int i, left = nr, seconds = 0, attached = 0;
	time_t end;
	int status, bad = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: daxrace SECONDS SEED\n");
		return 2;
	}
	seed = atoi(argv[2]);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	signal(SIGBUS, caught);
	signal(SIGSEGV, caught);
	for (i = 0; i < nr; i++) {
		pid_t pid = start(works[i], i);

		if (i < USERS)
			shared->users[i] = pid;
	}
	for (end = time(NULL) + atoi(argv[1]); time(NULL) < end; sleep(1)) {
		if (!access("/tmp/stop", F_OK))
			break;
		seconds++;
		attached += any_attached();
	}
	atomic_store(&shared->stop, true);
	for (end = time(NULL) + PATIENCE; left && time(NULL) < end;) {
		/* One that was stopped when the stopper ended */
		for (i = 0; i < USERS; i++)
			kill(shared->users[i], SIGCONT);
		while (left && waitpid(-1, &status, WNOHANG) > 0) {
			left--;
			bad += status != 0;
		}
		usleep(100000);
	}
	for (i = 0; i < NR_DEEDS; i++)
		printf("%s %lu\n", names[i], atomic_load(&shared->did[i]));
	printf("stuck %u\nkilled %d\nlooked %u\nfound %u\n", left, bad, seconds,
	       attached);
	return left || bad;
}
