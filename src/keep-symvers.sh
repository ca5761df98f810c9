#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# keep-symvers.sh RELEASE ARCH: dkms runs this in its build folder. It keeps what modules are
# linked with that use this one, beside the module, where dkms removes it as well.
umask 022
if ! mkdir -p "../$1/$2" || ! cp Module.symvers "../$1/$2/"; then
	echo "pmem_altmap: Module.symvers is not kept for $1, and DKMS cannot compile a module that uses this one" >&2
	exit 1
fi
