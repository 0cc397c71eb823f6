# blocks.awk - the code blocks of a page of Markdown, and what is to be done with each.
#
#   awk -v out=DIRECTORY -f blocks.awk PAGE
#
# Writes each fenced block to DIRECTORY/NUMBER and prints a line for each, with fields between tabs:
#
#   number  line  language  words
#
# The words are those of a comment <!-- test: words --> before the block. A line "indented" stands for
# code that has no fence, and so no language and no marker.

function finish_marker_unless_blank() { if ($0 !~ /^ *$/) words = "" }

!in_block && /^```/ {
    in_block = 1
    language = substr($0, 4)
    print ++number "\t" NR "\t" (language == "" ? "-" : language) "\t" words
    words = ""
    file = out "/" number
    printf "" > file
    next
}
in_block && /^```/ {
    in_block = 0
    close(file)
    next
}
in_block { print > file; next }

/^<!-- test: .* -->$/ {
    words = $0
    sub(/^<!-- test: /, "", words)
    sub(/ -->$/, "", words)
    next
}
{ finish_marker_unless_blank() }
/^    [^ ]/ && was_blank && !in_list { print "-\t" NR "\tindented\t" }
/^[-*0-9]/ { in_list = 1 }
/^[^ -]/ { in_list = 0 }
{ was_blank = $0 ~ /^ *$/ }
