# contracts.awk - reads the contracts in a public header, for another script to write in its form:
# roff.awk (manual pages), markdown.awk (the reference in the catalog).
#
#   awk -v out=DIRECTORY ... -f contracts.awk -f FORM.awk HEADER
#
# A contract is a comment that begins "name, name - summary." and stands before the prototypes of
# those functions. The comment that begins "header.h - " opens the header. Other comments give
# nothing. The form defines
#
#   write_function()     a contract was read: name_list, summary, prototype, body
#   write_header()       the header was: header, summary, macros, pages, body
#   opening(what, label, is_first), closing(what)
#                        around a block of a section: text, code, point, page, label, a parameter,
#                        or section, the first text of a section by the table `section_of`
#   prose(text), code(text)
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
    if (header_line_count > 0) finish_header()
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

function finish_contract(    i, name) {
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
    write_function()
    for (i = 1; i <= name_count; i++) pages[++page_count] = name_list[i]
}

function finish_header(    i) {
    comment_count = header_line_count
    for (i = 1; i <= comment_count; i++) comment[i] = header_text[i]
    read_contract()
    sort(pages, page_count)
    write_header()
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
            if (!(label in section_of)) begin_block("DESCRIPTION", "label", label)
            else begin_block(section_of[label], "section", label)
            add(prose(rest))
        } else if (text ~ /^  - /) {
            begin_block(section, "point", "")
            add(prose(substr(text, 5)))
        } else if (kind == "" && text ~ /^    /) {
            begin_block(section, "code", "")
            add(code(substr(text, 5)))
        } else if (kind == "code") {
            if (text ~ /^    /) add(code(substr(text, 5)))
            else { end_block(); begin_block(section, "text", ""); add(prose(text)) }
        } else {
            if (kind == "" || (kind == "point" && text !~ /^ /))
                begin_block("DESCRIPTION", "text", "")
            sub(/^ +/, "", text)
            add(prose(text))
        }
    }
    end_block()
}

function begin_block(to, what, label) {
    if (kind == "code") end_block()
    section = to
    kind = what
    add_line(opening(what, label, body[section] == ""))
}
function end_block() {
    if (kind != "") add_line(closing(kind))
    kind = ""
    section = "DESCRIPTION"
}
function add(text) { body[section] = body[section] text "\n" }
function add_line(text) { if (text != "") add(text) }

function sort(list, count,    i, j, kept) {
    for (i = 2; i <= count; i++) {
        kept = list[i]
        for (j = i - 1; j > 0 && list[j] > kept; j--) list[j + 1] = list[j]
        list[j + 1] = kept
    }
}
