// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/paths.h"

/* More than any file has that is read here */
#define FILE_LIMIT (64UL << 20)

/**
 * path_root - what is put before each path: nothing, except in tests
 */
const char *path_root(void)
{
	const char *root = secure_getenv("ALTMAPCTL_SYSROOT");

	return root ? root : "";
}

/**
 * path_of - make a path
 * @path: filled in, cut if it does not fit
 * @fmt: an absolute path
 *
 * Return: @path.
 */
const char *path_of(char path[PATH_MAX], const char *fmt, ...)
{
	int n = snprintf(path, PATH_MAX, "%s", path_root());
	va_list args;

	if (n >= PATH_MAX)
		return path;
	va_start(args, fmt);
	vsnprintf(path + n, PATH_MAX - n, fmt, args);
	va_end(args);
	return path;
}

/**
 * path_read - read a short file without the newline at its end
 * @path: the file
 * @text: filled in; "" after an error
 * @size: bytes of @text
 *
 * Return: 0 or a negative errno.
 */
int path_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return n;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

/**
 * path_read_all - read a whole file
 * @path: the file
 * @length: its bytes, unless NULL
 *
 * Return: its text, with a NUL behind it, for the caller to free; or NULL with errno.
 */
char *path_read_all(const char *path, size_t *length)
{
	size_t size = 0, room = 0;
	char *text = NULL;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	do {
		if (room - size < 4096) {
			char *more;

			room = room ? 2 * room : 16384;
			more = room > FILE_LIMIT ? NULL : realloc(text, room);
			if (!more) {
				errno = ENOMEM;
				goto fail;
			}
			text = more;
		}
		n = read(fd, text + size, room - size - 1);
		if (n < 0)
			goto fail;
		size += n;
	} while (n);
	close(fd);
	text[size] = '\0';
	if (length)
		*length = size;
	return text;

fail:
	n = errno;
	close(fd);
	free(text);
	errno = n;
	return NULL;
}

/**
 * path_write - write a text to a file of the kernel in one piece
 * @path: a file that is there
 * @text: without a newline
 *
 * Return: 0 or a negative errno.
 */
int path_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}
