# site.sh - the web site that `make docs` writes, as TAP; sourced by run.sh.
# shellcheck shell=bash disable=SC2154

site=$BUILD/docs
data=$site/data/documentation/midlmemory

[ -s "$site/index.html" ]
report $? "site: it is there"
missing=
for page in "$BUILD"/docs-work/MIDLMemory.docc/*.md; do
    name=${page##*/}
    name=${name%.md}
    name=${name,,}
    [ "$name" = midlmemory ] || [ -s "$data/$name.json" ] || missing+=" $name"
done
same "site: every article has a page" "" "$missing"
missing=
for type in rpcenvironment stubblock rpcerror rpcthreadhandle orphans memorystatistics memoryallocator; do
    [ -s "$data/$type.json" ] || missing+=" $type"
done
same "site: every public Swift type has a page" "" "$missing"
# Of each exported function: named in the title of a page of the reference.
missing=
while IFS=@ read -r name _; do
    grep -lqE "^# (.*, )?$name(,|\$)" "$BUILD"/docs-work/MIDLMemory.docc/*.md || missing+=" $name"
done < <(Sources/Shim/check-abi.sh --print "$BUILD/lib/libmidl_user.so.1")
same "site: every function of the library is in the reference" "" "$missing"
undocumented=$(tr '{' '\n' <"$data.json" | grep -c 'No overview available')
same "site: nothing public lacks a comment" 0 "$undocumented"
missing=
for picture in Sources/MIDLMemory/MIDLMemory.docc/Resources/*; do
    [ -s "$(find "$site/images" -name "${picture##*/}" | head -1)" ] || missing+=" ${picture##*/}"
    grep -q "(${picture##*/})" Sources/MIDLMemory/MIDLMemory.docc/*.md || missing+=" ${picture##*/}, unused"
done
same "site: every picture is in it and used" "" "$missing"
same "site: nothing of the build tree is in it" "" "$(grep -rlF "$PWD" "$site" | head -5)"
