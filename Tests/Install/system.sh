#!/bin/bash
# system.sh LAYER EXAMPLE VERSION PACKAGE...   installs packages into this machine as others see it
#                                              only from inside; run in a mount namespace by root
#
# Everything that is written goes to a file system in memory over the machine's own, which ends with
# this process, and which shows what was written. Prints one word for each step that succeeded.
set -eu -o pipefail

layer=$1 example=$2 version=$3
shift 3

if ! mount -t tmpfs tmpfs "$layer" || ! mkdir "$layer"/{upper,work,machine,packages} ||
    ! mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$layer/machine"; then
    echo "no layer: this kernel or container has no overlay"
    exit 1
fi
machine=$layer/machine
for directory in dev proc sys; do
    mount --rbind "/$directory" "$machine/$directory"
done
mount -t tmpfs tmpfs "$machine/tmp"
mkdir "$machine/tmp/packages"
cp "$@" "$machine/tmp/packages"
cp "$example" "$machine/tmp/example.c"

inside() { chroot "$machine" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C "$@"; }
prints_no_failure() { # COMMAND...: inside
    local printed
    printed=$(inside "$@") && [ "$printed" = "0 failures with libmidl_user $version" ] && return
    echo "printed: $printed"
    exit 1
}
# shellcheck disable=SC2016 # expanded inside
builds='cd /tmp && gcc -pthread example.c -o "$0" $(pkg-config $1 --cflags midl_user) $2 && ./"$0"'

inside sh -c 'dpkg -i /tmp/packages/*.deb'
echo installed
prints_no_failure sh -c "$builds" shared '' "-lmidl_user"
# To the end: who writes to a pipe that nobody reads any more fails, and so does all of it here.
inside ldd /tmp/shared | grep 'libmidl_user.so.1 => /' >/dev/null
echo gcc
prints_no_failure sh -c "$builds" static --static "-static -lmidl_user"
echo static
cat >"$machine/tmp/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.13)
project(example C)
find_package(midl_user REQUIRED)
find_package(Threads REQUIRED)
add_executable(example example.c)
target_link_libraries(example midl_user::midl_user Threads::Threads)
END
inside sh -c 'cmake -S /tmp -B /tmp/cmake && cmake --build /tmp/cmake' >/dev/null
prints_no_failure /tmp/cmake/example
echo cmake
inside midl-memory run -- /tmp/shared 2>&1 | grep '^  allocations  ' >/dev/null
echo tool
inside man -w 1 midl-memory
inside man -w 3 midl_user_allocate
inside man -w 3 RpcSsAllocate
inside man -w 7 midl_user
echo manual

names=$(for package in "$@"; do dpkg-deb -f "$package" Package; done | sort -r)
# shellcheck disable=SC2086 # names of packages
inside dpkg --purge $names
if inside pkg-config --exists midl_user; then
    echo "pkg-config still knows midl_user"
    exit 1
fi
# What the package tools write for themselves, and the caches that their triggers renew. Directories
# that lost what was put into them again are no trace.
traces=$(cd "$layer/upper" && find . ! -type d ! -path './var/lib/dpkg/*' ! -path './var/log/*' \
    ! -path './var/cache/*' ! -path './etc/ld.so.cache' ! -path './tmp/*')
if [ -n "$traces" ]; then
    echo "left behind: $traces"
    exit 1
fi
echo purged
