# roff.awk - manual pages from contracts.awk.
#
#   awk -v out=DIRECTORY -v version=1.0.0 -v date=2026-01-31 -f contracts.awk -f roff.awk HEADER
#
# A contract gives man3/NAME.3, and a link for each further name and prototype; the header's comment
# man7/header.h.7, with a link for each macro Rpc... of the header, which are its statements.

function write_function(    i, file) {
    file = out "/man3/" name_list[1] ".3"
    title(file, name_list[1], 3)
    print ".SH NAME" > file
    for (i = 1; i <= name_count; i++)
        print name_list[i] (i < name_count ? "," : " \\- " summary) > file
    print ".SH LIBRARY\nMemory management for RPC stubs (libmidl_user, \\-lmidl_user)" > file
    print ".SH SYNOPSIS\n.nf\n\\fB#include <" header ">\\fP\n" > file
    for (i = 1; i <= prototype_count; i++) print "\\fB" code(prototype[i]) "\\fP" > file
    print ".fi" > file
    write_body(file)
    print ".SH SEE ALSO\n.BR " header " (7),\n.BR midl_user (7)" > file
    close(file)
    for (i = 2; i <= name_count; i++) link(name_list[i], 3, name_list[1] ".3", 3)
}

function write_header(    i, file) {
    file = out "/man7/" header ".7"
    title(file, header, 7)
    printf ".SH NAME\n%s", header > file
    for (i = 1; i <= macro_count; i++) printf ",\n%s", macros[i] > file
    print " \\- " summary > file
    print ".SH SYNOPSIS\n.B #include <" header ">" > file
    write_body(file)
    print ".SH SEE ALSO" > file
    for (i = 1; i <= page_count; i++) print ".BR " pages[i] " (3)," > file
    print ".BR midl_user (7)" > file
    close(file)
    for (i = 1; i <= macro_count; i++) link(macros[i], 3, header ".7", 7)
}

function write_body(file,    i) {
    for (i = 1; i <= section_count; i++)
        if (body[sections[i]] != "") printf ".SH %s\n%s", sections[i], body[sections[i]] > file
}

function opening(what, label, is_first) {
    if (what == "label") return ".TP\n.I " label
    if (what == "point") return ".IP \\(bu 3"
    # The first paragraph of a section needs no macro before it.
    if (what == "code") return (is_first ? "" : ".PP\n") ".RS 4\n.nf"
    if (label == "errno") return (is_first ? "" : ".PP\n") ".I errno:"
    return what == "page" || is_first ? "" : ".PP"
}
function closing(what) { return what == "code" ? ".fi\n.RE" : "" }

function title(file, name, number) {
    print ".\\\" From " header " by roff.awk." > file
    print ".TH " name " " number " " date " \"libmidl_user " version "\" \"RPC stub memory\"" > file
}
function link(name, number, target, target_number,    file) {
    file = out "/man" number "/" name "." number
    print ".so man" target_number "/" target > file
    close(file)
}
function prose(text) {
    gsub(/\\/, "\\e", text)
    if (text ~ /^[.']/) text = "\\&" text
    return text
}
function code(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    if (text ~ /^[.']/) text = "\\&" text
    return text
}
