/* SPDX-License-Identifier: GPL-2.0-only */
/* The info block of a namespace, whatever driver has it. The namespace is not touched. */
#ifndef ALTMAPCTL_HEAD_H
#define ALTMAPCTL_HEAD_H

#include "libnvdimm/nd.h"
#include "plan/infoblock.h"

int head_read(const struct nd_space *space, u8 head[PMA_HEAD_SIZE],
	      const char **source, bool *closed, struct pma_refusal *why);
bool head_uuid(const struct nd_space *space, char uuid[UUID_TEXT]);

#endif /* ALTMAPCTL_HEAD_H */
