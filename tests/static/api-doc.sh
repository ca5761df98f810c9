#!/bin/bash
# api-doc.sh KERNEL: docs/api.rst as the kernel's kernel-doc makes it of the header and of
# the exported functions, on standard output. 'make api-doc' writes it.
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$top/tests/lib.sh"

need perl=perl
root=$("$top/tests/vm/root.sh" "$1")
script=$(echo "$root"/usr/lib/linux-kbuild-*/scripts/kernel-doc)
cd "$top"
cat <<'EOT'
.. SPDX-License-Identifier: GPL-2.0-only
.. Written by 'make api-doc' from include/linux/pmem_altmap.h and src/core/api.c

==============================
pmem_altmap for other modules
==============================

What ``#include <linux/pmem_altmap.h>`` offers. A client to begin with is in
``samples/pmem_altmap_client``; how it is built, also by DKMS, is in ``docs/clients.md``.

EOT
perl "$script" -rst -sphinx-version 3.0 include/linux/pmem_altmap.h src/core/api.c 2>"$build/kernel-doc.log" ||
	{ cat "$build/kernel-doc.log" >&2; exit 1; }
! grep -E 'error|warning' "$build/kernel-doc.log" >&2
