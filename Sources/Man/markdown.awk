# markdown.awk - the reference of the C functions, as articles of a documentation catalog, from
# contracts.awk.
#
#   awk -v out=DIRECTORY -f contracts.awk -f markdown.awk HEADER
#
# A contract gives NAME.md, the header's comment HEADER-h.md with a link to each of them.

BEGIN {
    split("|Return value|Errors|Who frees it|Threads|Documented by", titles, "|")
}

function write_function(    i, file, names) {
    file = out "/" name_list[1] ".md"
    names = name_list[1]
    for (i = 2; i <= name_count; i++) names = names ", " name_list[i]
    print "# " names "\n\n" capital(summary) ".\n\n## Declaration\n\n```c" > file
    print "#include <" header ">\n" > file
    for (i = 1; i <= prototype_count; i++) print prototype[i] > file
    print "```" > file
    write_body(file, "## Overview")
    print "\n## See Also\n\n- <doc:" article(header) ">" > file
    close(file)
    articles[name_list[1]] = 1
}

function write_header(    i, file) {
    file = out "/" article(header) ".md"
    print "# " header "\n\n" capital(summary) "." > file
    write_body(file, "## Overview")
    if (page_count > 0) print "\n## Topics\n\n### Functions\n" > file
    for (i = 1; i <= page_count; i++)
        if (pages[i] in articles) print "- <doc:" pages[i] ">" > file
    close(file)
}

function write_body(file, first,    i) {
    for (i = 1; i <= section_count; i++)
        if (body[sections[i]] != "")
            printf "\n%s\n%s", i == 1 ? first : "## " titles[i], body[sections[i]] > file
}

function opening(what, label, is_first) {
    if (what == "label") return "\n- `" label "`:"
    if (what == "point") return "\n-"
    if (what == "code") return "\n```c"
    return label == "errno" ? "\n`errno`:" : "\n"
}
function closing(what) { return what == "code" ? "```" : "" }

# Names of the C language in code voice.
function prose(text) {
    gsub(/</, "\\&lt;", text)
    gsub(/[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*|(Ndr)?Rpc[A-Z][A-Za-z]*|[a-z]+[.]h|NULL|errno|ENOMEM|SIGABRT/,
        "`&`", text)
    return kind == "label" || kind == "point" ? "  " text : text
}
function code(text) { return text }
function capital(text) {
    return substr(text, 1, 1) == "`" ? text : toupper(substr(text, 1, 1)) substr(text, 2)
}
function article(header) { sub(/[.]/, "-", header); return header }
