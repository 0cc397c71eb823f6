# server.sh - a block whose last command is a web server, as TAP; sourced by run.sh.
# shellcheck shell=bash disable=SC2154

server=

# The port 0 stands for any that is free; the server prints which it is. It and what it started are a
# group of processes, which ends when its leader is told to, and after five minutes in any case.
begin_server() { # BLOCK PORT_IN_BLOCK: its port is in `port`
    sed "s/\b$2\b/0/g" "$1" >"$1.free"
    # shellcheck disable=SC2016
    (cd "$directory" && PYTHONUNBUFFERED=1 exec timeout -k 5 300 \
        bash -ec '. "$1"; . "$2"' bash "$state" "$1.free") >"$1.log" 2>&1 </dev/null &
    server=$!
    port=
    until [ -n "$port" ]; do
        sleep 0.1
        kill -0 "$server" 2>/dev/null || break
        port=$(sed -nE 's/^Serving .* port ([0-9]+) .*/\1/p' "$1.log")
    done
}

end_server() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    server=
}

does_anybody_answer() { (: <"/dev/tcp/localhost/$1") 2>/dev/null; }

test_server() { # NAME BLOCK TITLE
    local name=$1 block=$2 address wanted_port tenths
    address=$(grep -oE 'http://localhost:[0-9]+/[^ ]+' "$block")
    wanted_port=${address#http://localhost:}
    wanted_port=${wanted_port%%/*}
    begin_server "$block" "${wanted_port:-no port}"
    [ -n "$port" ]
    report $? "$name starts a server" "$(tail -20 "$block.log")"
    same "$name: at $address is the page" "$3" \
        "$(python3 "$here/fetch.py" "${address/:$wanted_port/:$port}" 2>&1)"
    end_server
    for ((tenths = 100; tenths > 0; tenths--)); do
        does_anybody_answer "${port:-0}" || break
        sleep 0.1
    done
    [ $tenths -gt 0 ]
    report $? "$name: the server has ended"
}
