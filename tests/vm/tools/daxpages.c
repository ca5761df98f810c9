// SPDX-License-Identifier: GPL-2.0-only
/*
 * daxpages DEVICE SIZE io FILE      the pages are good for all kinds of I/O; FILE is
 *                                   opened with O_DIRECT and overwritten
 * daxpages DEVICE SIZE pin FIFO     pin SIZE bytes with io_uring or AF_XDP, say "pinned", let go
 *                                   and end when FIFO is closed
 * daxpages DEVICE SIZE hold FIFO    map and touch SIZE bytes, say "mapped"; when FIFO
 *                                   is written to, say what touching them gives
 * daxpages DEVICE SIZE poison       hard-offline a page that a child maps, say what
 *                                   that child and another one end with
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_xdp.h>
#include <linux/io_uring.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK (64 * 1024)

static char *data;
static size_t size;
static sigjmp_buf jump;

static void die(const char *what)
{
	fprintf(stderr, "daxpages: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void caught(int sig)
{
	siglongjmp(jump, sig);
}

static const char *touch(volatile char *p)
{
	int sig = sigsetjmp(jump, 1);

	if (sig)
		return strsignal(sig);
	*p = 42;
	return "ok";
}

static void pattern(char *to, size_t len, unsigned int seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = (seed + i) * 131 >> 3;
}

static void must_be(const char *what, const char *p, size_t len,
		    unsigned int seed)
{
	char *want = malloc(len);

	pattern(want, len, seed);
	if (memcmp(p, want, len)) {
		fprintf(stderr, "daxpages: %s: wrong bytes\n", what);
		exit(1);
	}
	free(want);
	printf("%s: ok\n", what);
}

static void direct(int file)
{
	char *plain;

	pattern(data, BLOCK, 1);
	if (pwrite(file, data, BLOCK, 0) != BLOCK)
		die("O_DIRECT write from the mapping");
	memset(data + BLOCK, 0, BLOCK);
	if (pread(file, data + BLOCK, BLOCK, 0) != BLOCK)
		die("O_DIRECT read into the mapping");
	must_be("O_DIRECT both ways", data + BLOCK, BLOCK, 1);
	if (posix_memalign((void **)&plain, 4096, BLOCK) ||
	    pread(file, plain, BLOCK, 0) != BLOCK)
		die("O_DIRECT read into memory");
	must_be("O_DIRECT as read by another buffer", plain, BLOCK, 1);
	free(plain);
}

/* -1 where the kernel does not register buffers of mapped files (before v6.3) */
static int ring_with_buffer(char *buffer, size_t len, struct io_uring_params *p)
{
	struct iovec iov = { buffer, len };
	int ring;

	memset(p, 0, sizeof(*p));
	ring = syscall(__NR_io_uring_setup, 4, p);
	if (ring < 0)
		die("io_uring_setup");
	if (!syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS,
		     &iov, 1))
		return ring;
	if (errno != EOPNOTSUPP)
		die("io_uring_register");
	close(ring);
	return -1;
}

/* Another user of long-term pins: the memory of an AF_XDP socket */
static int xdp_with_buffer(char *buffer, size_t len)
{
	struct xdp_umem_reg umem = { .addr = (uintptr_t)buffer,
				     .len = len,
				     .chunk_size = 4096 };
	int sock = socket(AF_XDP, SOCK_RAW, 0);

	if (sock < 0)
		die("AF_XDP socket");
	if (setsockopt(sock, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)))
		die("XDP_UMEM_REG");
	return sock;
}

/* One READ_FIXED through a registered buffer */
static void registered(int file)
{
	struct io_uring_params p;
	int ring = ring_with_buffer(data, BLOCK, &p);
	struct io_uring_sqe *sqes;
	unsigned int *array, *tail;
	char *sq;

	if (ring < 0) {
		printf("io_uring registered buffer: %s\n", strerror(errno));
		return;
	}
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(*array),
		  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
		  IORING_OFF_SQ_RING);
	sqes = mmap(NULL, p.sq_entries * sizeof(*sqes), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	if (sq == MAP_FAILED || sqes == MAP_FAILED)
		die("mmap of the ring");

	memset(data, 0, BLOCK);
	memset(&sqes[0], 0, sizeof(sqes[0]));
	sqes[0].opcode = IORING_OP_READ_FIXED;
	sqes[0].fd = file;
	sqes[0].addr = (uintptr_t)data;
	sqes[0].len = BLOCK;
	array = (void *)(sq + p.sq_off.array);
	tail = (void *)(sq + p.sq_off.tail);
	array[0] = 0;
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	if (syscall(__NR_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) != 1)
		die("io_uring_enter");
	must_be("io_uring registered buffer", data, BLOCK, 1);
	close(ring);
}

static void spliced(void)
{
	struct iovec iov = { data, 4096 };
	char got[4096];
	int ends[2];

	if (pipe(ends) || vmsplice(ends[1], &iov, 1, 0) != 4096 ||
	    read(ends[0], got, sizeof(got)) != 4096)
		die("vmsplice");
	must_be("vmsplice", got, sizeof(got), 1);
	close(ends[0]);
	close(ends[1]);
}

static void other_process(void)
{
	char got[4096];
	struct iovec local = { got, sizeof(got) }, remote = { data, 4096 };
	pid_t pid = fork();

	if (!pid) {
		/* Whose mapping would outlive a parent that dies below */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != 4096)
		die("process_vm_readv");
	must_be("process_vm_readv", got, sizeof(got), 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* The file is handed over a socket and mapped by the one that gets it */
static void passed_on(int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = room,
			      .msg_controllen = sizeof(room) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
	int ends[2], status, got;
	char *p;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair");
	if (!fork()) {
		close(fd);
		munmap(data, size);
		if (recvmsg(ends[1], &msg, 0) != 1)
			die("recvmsg");
		memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(got));
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, got,
			 0);
		if (p == MAP_FAILED)
			die("mmap of a file that was passed on");
		pattern(p, 4096, 9);
		_exit(0);
	}
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	if (sendmsg(ends[0], &msg, 0) != 1)
		die("sendmsg");
	wait(&status);
	if (status)
		exit(1);
	must_be("mapped by another process", data, 4096, 9);
}

static void synced(int fd)
{
	printf("fsync: %s\n", fsync(fd) ? strerror(errno) : "ok");
	printf("msync: %s\n",
	       msync(data, 4096, MS_SYNC) ? strerror(errno) : "ok");
}

static void wait_for(const char *fifo)
{
	char byte;
	int fd = open(fifo, O_RDONLY);

	if (fd < 0)
		die(fifo);
	if (read(fd, &byte, 1) < 0)
		die(fifo);
	close(fd);
}

/* A child that maps and touches the data, and then waits to be killed */
static pid_t mapper(int touches, int ready)
{
	pid_t pid = fork();

	if (!pid) {
		signal(SIGBUS, SIG_DFL);
		if (touches)
			(void)*(volatile char *)data;
		if (write(ready, "x", 1) != 1)
			die("pipe");
		pause();
		_exit(0);
	}
	return pid;
}

static const char *end_of(pid_t pid)
{
	int status, i;

	for (i = 0; i < 20; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFSIGNALED(status) ?
				       strsignal(WTERMSIG(status)) :
				       "exited";
		usleep(100000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return "lives on";
}

/* The kernel's own way to have a page of physical memory fail, or NULL: madvise() does */
static void fail_page(volatile char *where, const char *address)
{
	int fd;

	if (!address) {
		if (madvise((void *)where, 4096, MADV_HWPOISON))
			die("MADV_HWPOISON");
		return;
	}
	fd = open("/sys/devices/system/memory/hard_offline_page", O_WRONLY);
	if (fd < 0 || write(fd, address, strlen(address)) < 0)
		die("hard_offline_page");
	close(fd);
}

/* The first unit fails, or at @address the one behind it */
static void poison(int fd, const char *address)
{
	const size_t offset = address ? size / 2 : 0;
	volatile char *where;
	pid_t one, other;
	int ready[2];
	char byte;

	/* The data is mapped here as well, and touched, or the pfn is not known */
	if (pipe(ready))
		die("pipe");
	munmap(data, size);
	one = fork();
	if (!one) {
		data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0);
		where = (char *)data + offset;
		signal(SIGBUS, SIG_DFL);
		*where = 1;
		if (write(ready[1], "x", 1) != 1)
			die("pipe");
		fail_page(where, address);
		*where = 2;
		_exit(0);
	}
	data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	other = mapper(0, ready[1]);
	if (read(ready[0], &byte, 1) != 1 || read(ready[0], &byte, 1) != 1)
		die("pipe");
	printf("who maps the page: %s\n", end_of(one));
	printf("who does not: %s\n", end_of(other));
}

int main(int argc, char **argv)
{
	struct io_uring_params p;
	int fd, file, ring;

	if (argc < 4) {
		fprintf(stderr,
			"usage: daxpages DEVICE SIZE io|pin|hold|poison [FILE|ADDRESS]\n");
		return 2;
	}
	size = strtoull(argv[2], NULL, 0);
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		die(argv[1]);
	data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED)
		die("mmap");
	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGBUS, caught);

	if (!strcmp(argv[3], "io") && argc == 5) {
		file = open(argv[4], O_RDWR | O_DIRECT);
		if (file < 0)
			die(argv[4]);
		direct(file);
		registered(file);
		pattern(data, BLOCK, 1);
		spliced();
		other_process();
		passed_on(fd);
		synced(fd);
	} else if (!strcmp(argv[3], "pin") && argc == 5) {
		ring = ring_with_buffer(data, size, &p);
		printf("pinned by %s\n", ring < 0 ? "AF_XDP" : "io_uring");
		if (ring < 0)
			ring = xdp_with_buffer(data, size);
		close(fd);
		munmap(data, size);
		puts("pinned");
		wait_for(argv[4]);
		close(ring);
	} else if (!strcmp(argv[3], "hold") && argc == 5) {
		printf("mapped: %s\n", touch(data));
		wait_for(argv[4]);
		printf("touched again: %s\n", touch(data));
	} else if (!strcmp(argv[3], "poison")) {
		poison(fd, argv[4]);
	} else {
		return 2;
	}
	return 0;
}
