// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxbench write FILE TEXT          write to a file of sysfs
 * daxbench faults DEVICE UNIT N [TIMES]  map N units and touch each once
 * daxbench direct DEVICE BYTES FILE O_DIRECT from and into the mapping, 1 MiB blocks
 * daxbench pin DEVICE BYTES         pin with io_uring or AF_XDP, and unpin
 *
 * Each prints lines of what was done, how often, and the nanoseconds in all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define BLOCK (1UL << 20)

static void die(const char *what)
{
	fprintf(stderr, "daxbench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void say(const char *what, uint64_t count, uint64_t ns)
{
	printf("%s %llu %llu\n", what, (unsigned long long)count,
	       (unsigned long long)ns);
}

static int open_or_die(const char *name, int flags)
{
	int fd = open(name, flags);

	if (fd < 0)
		die(name);
	return fd;
}

static char *map(int fd, size_t size)
{
	char *data =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (data == MAP_FAILED)
		die("mmap");
	return data;
}

static void write_text(const char *file, const char *text)
{
	int fd = open_or_die(file, O_WRONLY);
	uint64_t start = now();
	ssize_t done = write(fd, text, strlen(text));
	uint64_t end = now();

	if (done < 0)
		die(file);
	say("write", 1, end - start);
}

static void faults(int fd, size_t unit, size_t count, int times)
{
	uint64_t ns = 0, start;
	volatile char *data;
	size_t i;
	int t;

	for (t = 0; t < times; t++) {
		data = map(fd, unit * count);
		start = now();
		for (i = 0; i < count; i++)
			data[i * unit] = 1;
		ns += now() - start;
		munmap((void *)data, unit * count);
	}
	say("faults", count * times, ns);
}

static void direct(char *data, size_t size, const char *name)
{
	int fd = open_or_die(name, O_RDWR | O_DIRECT);
	uint64_t start;
	size_t i;

	/* Faults are another row */
	for (i = 0; i < size; i += 4096)
		data[i] = 1;
	start = now();
	for (i = 0; i < size; i += BLOCK)
		if (pwrite(fd, data + i, BLOCK, i) != BLOCK)
			die("O_DIRECT write from the mapping");
	say("direct-write", size / BLOCK, now() - start);
	start = now();
	for (i = 0; i < size; i += BLOCK)
		if (pread(fd, data + i, BLOCK, i) != BLOCK)
			die("O_DIRECT read into the mapping");
	say("direct-read", size / BLOCK, now() - start);
	close(fd);
}

/* Kernels before 6.3 register no buffers of mapped files */
static int pin_by_ring(char *data, size_t size)
{
	struct iovec iov = { data, size };
	struct io_uring_params p = { 0 };
	int ring = syscall(__NR_io_uring_setup, 4, &p);
	uint64_t start;

	if (ring < 0)
		die("io_uring_setup");
	start = now();
	if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov,
		    1)) {
		if (errno != EOPNOTSUPP)
			die("io_uring_register");
		close(ring);
		return -1;
	}
	say("pin-io_uring", 1, now() - start);
	start = now();
	if (syscall(__NR_io_uring_register, ring, IORING_UNREGISTER_BUFFERS,
		    NULL, 0))
		die("io_uring_register");
	say("unpin-io_uring", 1, now() - start);
	close(ring);
	return 0;
}

static int register_umem(int sock, char *data, size_t size)
{
	struct xdp_umem_reg umem = { .addr = (uintptr_t)data,
				     .len = size,
				     .chunk_size = 4096 };

	return setsockopt(sock, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem));
}

/*
 * Closing the socket unpins some time later. But a umem whose last page cannot be
 * taken is unpinned on the spot: @data has a page after @size that is not there.
 */
static void pin_by_socket(char *data, size_t size)
{
	int sock = socket(AF_XDP, SOCK_RAW, 0);
	uint64_t start, end;

	if (sock < 0)
		die("AF_XDP socket");
	start = now();
	if (!register_umem(sock, data, size + 4096))
		die("a umem with a hole was registered");
	end = now();
	if (errno != ENOMEM)
		die("XDP_UMEM_REG of a umem with a hole");
	say("pin-unpin-AF_XDP", 1, end - start);
	start = now();
	if (register_umem(sock, data, size))
		die("XDP_UMEM_REG");
	say("pin-AF_XDP", 1, now() - start);
	close(sock);
}

/* Mapped at an address with room behind it that stays empty */
static void pin(int fd, size_t size)
{
	const size_t gib = 1UL << 30;
	char *room = mmap(NULL, size + 2 * gib, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *data = (char *)(((uintptr_t)room + gib - 1) & -gib);
	size_t i;

	if (room == MAP_FAILED || mmap(data, size, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_FIXED, fd, 0) != data)
		die("mmap");
	for (i = 0; i < size; i += 4096)
		((volatile char *)data)[i] = 1;
	if (pin_by_ring(data, size))
		pin_by_socket(data, size);
}

int main(int argc, char **argv)
{
	size_t size;
	int fd;

	if (argc == 4 && !strcmp(argv[1], "write")) {
		write_text(argv[2], argv[3]);
		return 0;
	}
	if (argc < 4) {
		fprintf(stderr,
			"usage: daxbench write|faults|direct|pin ...\n");
		return 2;
	}
	fd = open_or_die(argv[2], O_RDWR);
	size = strtoull(argv[3], NULL, 0);
	if (!strcmp(argv[1], "faults") && argc >= 5)
		faults(fd, size, strtoull(argv[4], NULL, 0),
		       argc > 5 ? atoi(argv[5]) : 1);
	else if (!strcmp(argv[1], "direct") && argc == 5)
		direct(map(fd, size), size, argv[4]);
	else if (!strcmp(argv[1], "pin"))
		pin(fd, size);
	else
		return 2;
	return 0;
}
