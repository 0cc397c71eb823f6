# pages.awk - manual pages from the contracts in a public header.
#
#   awk -v out=DIRECTORY -v version=1.0.0 -v date=2026-01-31 -f pages.awk HEADER
#
# A contract is a comment that begins "name, name - summary." and stands before the prototypes of
# those functions; it gives man3/NAME.3, and a link for each further name and prototype. The comment
# that begins "header.h - " opens the header and gives man7/header.h.7, with a link for each macro
# Rpc... of the header, which are its statements. Other comments give nothing.
#
# In a contract, after the summary:
#     text                  a paragraph
#     label  text           two spaces: a parameter, or a section by the table `section_of`
#       - text              a point of a list
#         text              four spaces: an example
#     Page: "..."           what documents the function; Pages: for several

BEGIN {
    section_of["Returns"] = "RETURN VALUE"
    section_of["Errors"] = "ERRORS"
    section_of["errno"] = "ERRORS"
    section_of["Frees"] = "OWNERSHIP"
    section_of["Threads"] = "THREADS"
    section_of["Page:"] = section_of["Pages:"] = "STANDARDS"
    section_count = split("DESCRIPTION|RETURN VALUE|ERRORS|OWNERSHIP|THREADS|STANDARDS", sections, "|")
}

FNR == 1 { header = FILENAME; sub(/.*\//, "", header) }

# ---- Comments ----

/^\/\*/ {
    finish_contract()
    in_comment = 1
    comment_count = 0
}
in_comment {
    line = $0
    closes = sub(/ *\*\/$/, "", line)
    sub(/^ ?\/?\*+ ?/, "", line)
    if (comment_count > 0 || line != "") comment[++comment_count] = line
    if (closes) {
        in_comment = 0
        begin_contract()
    }
    next
}

# ---- What follows them ----

/^#define Rpc[A-Za-z]+/ {
    macro = $2
    sub(/\(.*/, "", macro)
    macros[++macro_count] = macro
}
/^(#|$)/ { finish_contract(); next }
# Without what only compilers and linkers read.
in_contract {
    sub(/ *__attribute__\(\(.*\)\)/, "")
    sub(/ *MIDL_LINKED_AS\(.*\)/, "")
    if ($0 == ";") prototype[prototype_count] = prototype[prototype_count] ";"
    else prototype[++prototype_count] = $0
}
END {
    finish_contract()
    if (header_line_count > 0) write_header_page()
}

function begin_contract(    i, names) {
    if (comment[1] !~ /^[A-Za-z_][A-Za-z_0-9.]*(, [A-Za-z_][A-Za-z_0-9.]*)* - /) return
    names = comment[1]
    sub(/ - .*/, "", names)
    if (names == header) {
        header_line_count = comment_count
        for (i = 1; i <= comment_count; i++) header_text[i] = comment[i]
        return
    }
    in_contract = 1
    prototype_count = 0
}

function finish_contract(    i, name, file) {
    if (!in_contract) return
    in_contract = 0
    read_contract()
    # The names of the comment, then those of the prototypes that it does not mention.
    name_count = split(contract_names, name_list, ", ")
    for (i in seen) delete seen[i]
    for (i = 1; i <= name_count; i++) seen[name_list[i]] = 1
    for (i = 1; i <= prototype_count; i++)
        if (match(prototype[i], /[A-Za-z_0-9]+\(/)) {
            name = substr(prototype[i], RSTART, RLENGTH - 1)
            if (name ~ /^(midl|MIDL_user|Rpc|NdrRpc)/ && !(name in seen)) {
                seen[name] = 1
                name_list[++name_count] = name
            }
        }
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
    for (i = 2; i <= name_count; i++) {
        link(name_list[i], 3, name_list[1] ".3", 3)
        pages[++page_count] = name_list[i]
    }
    pages[++page_count] = name_list[1]
}

function write_header_page(    i, file) {
    comment_count = header_line_count
    for (i = 1; i <= comment_count; i++) comment[i] = header_text[i]
    read_contract()
    file = out "/man7/" header ".7"
    title(file, header, 7)
    printf ".SH NAME\n%s", header > file
    for (i = 1; i <= macro_count; i++) printf ",\n%s", macros[i] > file
    print " \\- " summary > file
    print ".SH SYNOPSIS\n.B #include <" header ">" > file
    write_body(file)
    print ".SH SEE ALSO" > file
    sort(pages, page_count)
    for (i = 1; i <= page_count; i++) print ".BR " pages[i] " (3)," > file
    print ".BR midl_user (7)" > file
    close(file)
    for (i = 1; i <= macro_count; i++) link(macros[i], 3, header ".7", 7)
}

# ---- A contract, read into `body`, one text for each section ----

function read_contract(    i, text, label, rest) {
    for (i = 1; i <= section_count; i++) body[sections[i]] = ""
    section = "DESCRIPTION"
    kind = ""
    summary = comment[1]
    contract_names = summary
    sub(/ - .*/, "", contract_names)
    sub(/^.* - /, "", summary)
    for (i = 2; i <= comment_count && comment[i] != ""; i++) summary = summary " " comment[i]
    sub(/[.]$/, "", summary)
    summary = prose(summary)
    for (; i <= comment_count; i++) {
        text = comment[i]
        if (text == "" && kind == "code" && comment[i + 1] ~ /^    /) add("")
        else if (text == "") end_block()
        else if (match(text, /^Pages?: /)) {
            end_block()
            begin_block(section_of[substr(text, 1, RLENGTH - 1)], "page", "")
            add(prose(substr(text, RLENGTH + 1)))
        } else if (match(text, /^[A-Za-z][A-Za-z_]*(, [A-Za-z][A-Za-z_]*)*  +/)) {
            label = substr(text, 1, RLENGTH)
            rest = substr(text, RLENGTH + 1)
            sub(/ +$/, "", label)
            end_block()
            if (!(label in section_of)) begin_block("DESCRIPTION", "label", ".TP\n.I " label)
            else if (label == "errno") begin_block("ERRORS", "label", ".PP\n.I errno:")
            else begin_block(section_of[label], "label", ".PP")
            add(prose(rest))
        } else if (text ~ /^  - /) {
            begin_block(section, "point", ".IP \\(bu 3")
            add(prose(substr(text, 5)))
        } else if (kind == "" && text ~ /^    /) {
            begin_block(section, "code", ".PP\n.RS 4\n.nf")
            add(code(substr(text, 5)))
        } else if (kind == "code") {
            if (text ~ /^    /) add(code(substr(text, 5)))
            else { end_block(); begin_block(section, "text", ".PP"); add(prose(text)) }
        } else {
            if (kind == "" || (kind == "point" && text !~ /^ /))
                begin_block("DESCRIPTION", "text", ".PP")
            sub(/^ +/, "", text)
            add(prose(text))
        }
    }
    end_block()
}

function begin_block(to, what, start) {
    if (kind == "code") end_block()
    section = to
    kind = what
    # The first paragraph of a section needs no macro before it.
    if (body[section] == "") sub(/^[.]PP\n?/, "", start)
    if (start != "") add(start)
}
function add(text) { body[section] = body[section] text "\n" }
function end_block() {
    if (kind == "code") add(".fi\n.RE")
    kind = ""
    section = "DESCRIPTION"
}

function write_body(file,    i) {
    for (i = 1; i <= section_count; i++)
        if (body[sections[i]] != "") printf ".SH %s\n%s", sections[i], body[sections[i]] > file
}

# ---- roff ----

function title(file, name, number) {
    print ".\\\" From " header " by pages.awk." > file
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
function sort(list, count,    i, j, kept) {
    for (i = 2; i <= count; i++) {
        kept = list[i]
        for (j = i - 1; j > 0 && list[j] > kept; j--) list[j + 1] = list[j]
        list[j + 1] = kept
    }
}
