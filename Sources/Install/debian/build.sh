#!/bin/bash
# build.sh OUT LISTS MAKE   makes Debian packages in OUT from what `make install` installs
#
# LISTS has the exported symbols of each release (Sources/Shim/abi), from which dpkg-gensymbols gets
# its own. control, contents and the ordinary tools of dpkg-dev decide the rest; debhelper would want a
# directory debian at the top of the tree.
set -eu -o pipefail
export LC_ALL=C
umask 022

here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$1"
mkdir -p "$1/debian"
out=$(cd "$1" && pwd)
lists=$(cd "$2" && pwd)
make=$3
licence=$PWD/LICENSE
version=$(sed -n 's/^#define MIDL_MEMORY_VERSION_STRING "\(.*\)"/\1/p' Include/midl_memory.h)
released=$(sed -n "s/^## $version, //p" Sources/MIDLMemory/MIDLMemory.docc/Changelog.md)
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
export SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH=$(date -u -d "$released" +%s)

"$make" --no-print-directory install DESTDIR="$out/installed" PREFIX=/usr \
    LIBDIR="/usr/lib/$triplet" >/dev/null

# What the tools of dpkg-dev look for, as in an unpacked source package.
cd "$out"
cp "$here/control" debian/control
cat >debian/changelog <<END
libmidl-user ($version-1) unstable; urgency=medium

  * Version $version.

 -- $(sed -n 's/^Maintainer: //p' debian/control)  $(date -u -R -d "$released")
END

# ---- The contents of each package ----

(cd installed && find . ! -type d -printf '%P\n' | sort) | while read -r file; do
    owner=
    while read -r package pattern; do
        [[ $package != \#* && -n $pattern ]] || continue
        # shellcheck disable=SC2053 # a pattern
        if [[ $file == $pattern ]]; then
            owner=$package
            break
        fi
    done <"$here/contents"
    if [ -z "$owner" ]; then
        echo "build.sh: $file is in no package" >&2
        exit 1
    fi
    mkdir -p "debian/$owner/$(dirname "$file")"
    cp -P "installed/$file" "debian/$owner/$file"
    case $file in
    */man/*) gzip -9n "debian/$owner/$file" ;;
    *.a) objcopy --strip-debug -R .comment --enable-deterministic-archives "debian/$owner/$file" ;;
    esac
done

mapfile -t packages < <(sed -n 's/^Package: //p' debian/control)
for index in "${!packages[@]}"; do
    package=${packages[index]}
    if [ ! -d "debian/$package" ]; then
        unset "packages[index]"
        continue
    fi
    documents=debian/$package/usr/share/doc/$package
    mkdir -p "$documents" "debian/$package/DEBIAN"
    gzip -9nc debian/changelog >"$documents/changelog.Debian.gz"
    cp "$licence" "$documents/copyright"
    chmod 644 "$documents"/*
    if [ -e "$here/$package.lintian-overrides" ]; then
        install -D -m 644 "$here/$package.lintian-overrides" \
            "debian/$package/usr/share/lintian/overrides/$package"
    fi
done

# ---- Symbols, then what depends on them ----

# Each symbol with the first release that had it.
symbols() { # PACKAGE LIBRARY
    printf '%s %s #MINVER#\n* Build-Depends-Package: %s-dev\n' "lib$2.so.1" "$1" "${1%1}"
    for list in $(cd "$lists" && printf '%s\n' "$2"-[0-9]*.symbols | sort -V); do
        release=${list#"$2-"}
        release=${release%.symbols}
        sed "s/\$/ $release/" "$lists/$list"
    done | awk '!($1 in seen) { seen[$1] = 1; print " " $0 }'
}
for package in "${packages[@]}"; do
    for library in "debian/$package/usr/lib/$triplet"/lib*.so.1; do
        [ -f "$library" ] && [ ! -L "$library" ] || continue
        name=$(basename "$library" .so.1)
        # A library that programs do not link promises nothing.
        compgen -G "$lists/${name#lib}-[0-9]*.symbols" >/dev/null || continue
        symbols "$package" "${name#lib}" >"debian/$package.symbols"
        dpkg-gensymbols -c4 -p"$package" -P"debian/$package" -Idebian/"$package.symbols" \
            -Odebian/"$package/DEBIAN/symbols" -v"$version-1" -e"$library"
        printf '%s 1 %s (>= %s)\n' "$name" "$package" "$version" >"debian/$package/DEBIAN/shlibs"
        printf 'activate-noawait ldconfig\n' >"debian/$package/DEBIAN/triggers"
    done
done
for package in "${packages[@]}"; do
    mapfile -t binaries < <(find "debian/$package/usr" -type f \( -name 'lib*.so.*' -o -path '*/bin/*' \))
    [ ${#binaries[@]} = 0 ] ||
        dpkg-shlibdeps -T"debian/$package.substvars" --ignore-missing-info "${binaries[@]/#/-e}"
    touch "debian/$package.substvars"
    dpkg-gencontrol -p"$package" -P"debian/$package" -T"debian/$package.substvars" \
        -fdebian/files
    (cd "debian/$package" && find usr -type f -printf '%P\0' | sort -z | sed -z 's|^|usr/|' |
        xargs -0 md5sum) >"debian/$package/DEBIAN/md5sums"
    dpkg-deb --root-owner-group --build "debian/$package" . >/dev/null
done
printf '%s\n' *.deb
