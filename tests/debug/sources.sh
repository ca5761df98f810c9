#!/bin/bash
# sources.sh: print a name for the state of the module's sources
set -eu -o pipefail
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$top"
find src include Kbuild \( -name '*.[ch]' -o -name Kbuild \) -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12
