#!/bin/bash
# man.sh - the manual pages, as TAP.
#
# From the environment: BUILD LIBRARIES TOOLS.

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
export LC_ALL=C.UTF-8

pages=$BUILD/man

for library in $LIBRARIES; do
    [ -e "$BUILD/lib/lib$library.so.1" ] || continue
    missing=
    while IFS=@ read -r name _; do
        [ -e "$pages/man3/$name.3" ] || missing+=" $name"
    done < <(Sources/Shim/check-abi.sh --print "$BUILD/lib/lib$library.so.1")
    same "man: every function of lib$library has a page" "" "$missing"
done
missing=
for header in Include/*.h; do
    name=${header##*/}
    [ -e "$pages/man7/$name.7" ] && grep -q "BR ${name//./\\.} " "$pages/man7/midl_user.7" ||
        missing+=" $name"
done
same "man: every header has a page, and midl_user(7) names it" "" "$missing"
for tool in $TOOLS; do
    [ -e "$pages/man1/$tool.1" ]
    report $? "man: $tool has a page"
done

# A page says what the function's declaration says.
for file in "$pages"/man3/*; do
    grep -q '^\.so ' "$file" && continue
    name=${file##*/}
    name=${name%.3}
    text=$(man -E ascii --nh --nj -l "$file" 2>/dev/null | col -b)
    grep -qE "^ .*\b$name\(" <<<"$text" && grep -q "^NAME" <<<"$text" && grep -qE " - ." <<<"$text"
    report $? "man: $name(3) has a summary and its prototype" "$text"
done

# The links lead to pages.
dangling=
while IFS=: read -r file target; do
    [ -e "$pages/${target#.so }" ] || dangling+=" $file"
done < <(grep -r '^\.so ' "$pages")
same "man: links lead to pages" "" "$dangling"

mapfile -t real < <(grep -rl '^\.TH ' "$pages"/man*)
same "man: mandoc finds nothing" "" "$(mandoc -Tlint -W warning "${real[@]}" 2>&1)"
warnings=$(for file in "${real[@]}"; do man --warnings -E UTF-8 -l "$file" 2>&1 >/dev/null; done)
same "man: groff finds nothing" "" "$warnings"
same "man: every page has the version and a date" "" \
    "$(grep -LE '^\.TH [^ ]+ [1-8] [0-9]{4}-[0-9]{2}-[0-9]{2} "libmidl_user [0-9.]+"' "${real[@]}")"
finish
