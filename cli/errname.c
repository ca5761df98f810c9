// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "errname.h"

#define NAME(error)           \
	{                     \
		error, #error \
	}

/* strerrorname_np() is newer than some libraries. These are the module's. */
static const struct {
	int error;
	const char *name;
} names[] = {
	NAME(EPERM),  NAME(ENOENT), NAME(EIO),	      NAME(ENXIO),
	NAME(ENOMEM), NAME(EACCES), NAME(EBUSY),      NAME(ENODEV),
	NAME(EINVAL), NAME(ENOSPC), NAME(ERANGE),     NAME(EBADMSG),
	NAME(EINTR),  NAME(EEXIST), NAME(EOPNOTSUPP), NAME(EROFS),
	NAME(EMFILE), NAME(ENFILE), NAME(ENOTDIR),    NAME(EALREADY),
};

/**
 * error_name - an errno as in the manual pages
 * @error: negative or not
 *
 * Return: such as "EBUSY", or "error" for one that is not known here.
 */
const char *error_name(int error)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == abs(error))
			return names[i].name;
	return "error";
}
