#!/bin/bash
# clean-cache.sh: remove the downloads and roots that tests keep. They come back
# when they are needed.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/lib.sh"

case $cache in
*/pmem_altmap) rm -rf "$cache" ;;
*) die "PMA_CACHE is $cache: remove it by hand" ;;
esac
