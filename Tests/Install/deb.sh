#!/bin/bash
# deb.sh - the Debian packages, as TAP.
#
# From the environment: BUILD VERSION CC.
#
# They are installed twice: by anybody into a directory as root's file system, with the dependencies
# of this machine; and by root into this machine itself, as a layer that nobody else sees and that
# goes away with the test (system.sh).

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

work=$PWD/$BUILD/deb-test
rm -rf "$work"
mkdir -p "$work"
packages=("$PWD/$BUILD"/deb/*.deb)
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)

# ---- the packages themselves -----------------------------------------------------

names=$(for file in "${packages[@]}"; do dpkg-deb -f "$file" Package; done)
for name in libmidl-user1 libmidl-user-dev midl-user-tools; do
    grep -qx "$name" <<<"$names"
    report $? "deb: there is a package $name" "$names"
done
for file in "${packages[@]}"; do
    name=$(dpkg-deb -f "$file" Package)
    contents=$(dpkg-deb -c "$file")
    same "deb: $name: everything is root's" "root/root" "$(awk '{ print $2 }' <<<"$contents" | sort -u)"
    same "deb: $name: nothing can be written by others" "" \
        "$(awk '$1 !~ /^l/ && substr($1, 9, 1) == "w"' <<<"$contents")"
    case $name in
    *-dev) wanted='= ' ;;
    *) wanted='libc6 (>= ' ;;
    esac
    grep -qF "$wanted" <<<"$(dpkg-deb -f "$file" Depends)"
    report $? "deb: $name: its dependencies have versions" "$(dpkg-deb -f "$file" Depends)"
done
# The packages are not for Debian's own archive, where a first version closes a bug; fortification would
# find two copies, of lengths that are known.
if command -v lintian >/dev/null; then
    output=$(TMPDIR=$work lintian --allow-root --display-info --fail-on error,warning,info \
        --suppress-tags initial-upload-closes-no-bugs,hardening-no-fortify-functions "${packages[@]}" 2>&1)
    report $? "deb: lintian finds nothing" "$output"
else
    skip "deb: lintian" "it is not installed"
fi
same "deb: no file is in two packages" "" \
    "$(for file in "${packages[@]}"; do dpkg-deb --fsys-tarfile "$file" | tar -t | grep -v '/$'; done |
        sort | uniq -d)"
same "deb: every exported function is in the symbols file" \
    "$(Sources/Shim/check-abi.sh --print "$BUILD/lib/libmidl_user.so.1")" \
    "$(dpkg-deb -I "$BUILD"/deb/libmidl-user1_*.deb symbols | awk '/^ / { print $1 }' | sort)"

# ---- into a directory ------------------------------------------------------------

# With what this machine has installed for the dependencies, and fakeroot in place of root.
root=$work/root
mkdir -p "$root/var/lib/dpkg"/{info,updates,triggers}
cp /var/lib/dpkg/status "$root/var/lib/dpkg/status"
for file in arch triggers/File triggers/Unincorp; do
    : >"$root/var/lib/dpkg/$file"
done
rm "$root/var/lib/dpkg/arch"
dpkg_in_root() {
    fakeroot dpkg --root="$root" --force-not-root --force-script-chrootless --log="$work/dpkg.log" "$@" 2>&1
}
files_in_root() { (cd "$root" && find . -path ./var/lib/dpkg -prune -o ! -type d -print | sort); }

! output=$(dpkg_in_root -i "$BUILD"/deb/libmidl-user-dev_*.deb)
report $? "deb: libmidl-user-dev alone is refused" "$output"
dpkg_in_root --purge libmidl-user-dev >/dev/null
output=$(dpkg_in_root -i "${packages[@]}")
report $? "deb: all are installed into a directory" "$output"
PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig
export PKG_CONFIG_LIBDIR
same "deb: pkg-config's version" "$VERSION" "$(pkg-config --modversion midl_user)"
for compiler in gcc "$CC"; do
    output=$("$compiler" -pthread -I"$root$(pkg-config --variable=includedir midl_user)" \
        -L"$root$(pkg-config --variable=libdir midl_user)" "$here/example.c" -lmidl_user \
        -o "$work/example" 2>&1)
    report $? "deb: $compiler builds a program against them" "$output"
    output=$(LD_LIBRARY_PATH="$root/usr/lib/$triplet" "$work/example" 2>&1)
    report $? "deb: and it runs" "$output"
done
output=$("$root/usr/bin/midl-memory" run -- "$work/example" 2>&1)
grep -q 'exit status 0' <<<"$output" && grep -q '^  allocations  ' <<<"$output"
report $? "deb: midl-memory finds the library" "$output"
# shellcheck disable=SC2046 # names of packages
output=$(dpkg_in_root --purge $(sort -r <<<"$names"))
report $? "deb: all are purged" "$output"
same "deb: nothing is left" "" "$(files_in_root)"
unset PKG_CONFIG_LIBDIR

# ---- into this machine -------------------------------------------------------------

if [ "$(id -u)" != 0 ] || ! unshare --mount true 2>/dev/null; then
    skip "deb: into this machine" "root alone can make a layer over it"
else
    mkdir -p "$work/layer"
    output=$(unshare --mount --propagation private "$here/system.sh" "$work/layer" "$PWD/$here/example.c" \
        "$VERSION" "${packages[@]}" 2>&1)
    status=$?
    if grep -q '^no layer:' <<<"$output"; then
        skip "deb: into this machine" "$output"
    else
        report $status "deb: installed into this machine, used, and purged without a trace" "$(tail -15 <<<"$output")"
        for step in installed gcc static cmake tool manual purged; do
            grep -qx "$step" <<<"$output"
            report $? "deb: into this machine: $step"
        done
    fi
    same "deb: this machine does not have them" "" \
        "$(dpkg-query -W -f '${Package}\n' 'libmidl-user*' 2>/dev/null)$(ls -d /usr/include/midl_user 2>/dev/null)"
fi
rm -rf "$root" "$work/layer"
finish
