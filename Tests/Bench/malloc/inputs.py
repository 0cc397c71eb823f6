"""Prints an input for one of the programs: inputs.py c|swift|sql|redis COUNT

The same text for the same count, wherever it runs.
"""
import random
import sys


def c(count):
    """Functions with loops, tables and calls of one another: work for every pass of gcc."""
    print("#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <string.h>")
    for i in range(count):
        fields = " ".join(f"int f{j};" for j in range(1 + i % 9))
        print(f"struct s{i} {{ {fields} struct s{i} *next; double weight[{1 + i % 5}]; }};")
        table = ", ".join(str((i * 37 + j * 11) % 251) for j in range(16))
        print(f"static const uint8_t table{i}[16] = {{ {table} }};")
        print(f"uint64_t run{i}(struct s{i} *list, const char *text, size_t length) {{")
        print(f"    uint64_t sum = {i}; struct s{i} *cursor = list;")
        print("    for (size_t j = 0; j < length; j++) {")
        print(f"        switch (text[j] & 7) {{")
        for case in range(6):
            print(f"        case {case}: sum = sum * {case + 3} + table{i}[(sum + j) & 15]; break;")
        print("        default: sum ^= (uint64_t)text[j] << (j & 31); break;\n        }\n    }")
        print("    while (cursor != NULL) {")
        print(f"        for (int k = 0; k < {1 + i % 5}; k++)")
        print("            cursor->weight[k] = cursor->weight[k] * 0.5 + (double)(sum & 255);")
        print(f"        sum += (uint64_t)cursor->f{i % 9} + strlen(text); cursor = cursor->next;\n    }}")
        if i > 2:
            other = (i * 7) % i
            print(f"    if (sum & 1) sum += run{other}((struct s{other} *)0, text, length / 2);")
        print("    return sum;\n}")


def swift(count):
    """Generic types, closures, protocols, strings and dictionaries."""
    print("protocol Shape { var area: Double { get }; func scaled(by factor: Double) -> Self }")
    for i in range(count):
        print(f"struct Shape{i}: Shape, Hashable {{")
        print(f"    var width: Double, height: Double, name: String = \"shape{i}\"")
        print(f"    var area: Double {{ width * height + {i} }}")
        print(f"    func scaled(by factor: Double) -> Shape{i} {{")
        print(f"        Shape{i}(width: width * factor, height: height / factor)\n    }}\n}}")
        print(f"enum Tree{i}<Element: Comparable> {{")
        print(f"    case leaf\n    indirect case node(Tree{i}, Element, Tree{i})")
        print(f"    func inserting(_ new: Element) -> Tree{i} {{")
        print("        switch self {\n        case .leaf: return .node(.leaf, new, .leaf)")
        print("        case let .node(left, element, right):")
        print("            return new < element ? .node(left.inserting(new), element, right)")
        print("                : .node(left, element, right.inserting(new))\n        }\n    }")
        print("    var elements: [Element] {\n        switch self {\n        case .leaf: return []")
        print("        case let .node(l, e, r): return l.elements + [e] + r.elements\n        }\n    }\n}")
        print(f"func run{i}(_ values: [Int]) -> [String: Double] {{")
        print(f"    var counts: [String: Double] = [:]")
        print(f"    let tree = values.reduce(Tree{i}<Int>.leaf) {{ $0.inserting($1) }}")
        print(f"    for value in tree.elements.filter({{ $0 % {i % 7 + 2} == 0 }}).map({{ $0 * 3 }}) {{")
        print(f"        let shape = Shape{i}(width: Double(value), height: {i + 1})")
        print("        counts[\"\\(shape.name)-\\(value)\", default: 0] += shape.scaled(by: 2).area\n    }")
        print("    return counts\n}")
    print("var total = 0.0")
    for i in range(count):
        print(f"total += run{i}(Array(0..<{i + 5})).values.reduce(0, +)")
    print("print(total)")


def sql(count):
    """Inserts, indexes, joins, groups; the results of queries are what is compared."""
    source = random.Random(1)
    words = ["".join(source.choices("abcdefghij", k=source.randint(3, 40))) for _ in range(500)]
    print("PRAGMA temp_store = memory;")
    print("CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, city TEXT, age INTEGER);")
    print("CREATE TABLE message(id INTEGER PRIMARY KEY, sender INTEGER, text TEXT, size REAL);")
    print("BEGIN;")
    for i in range(count):
        name, city = source.choice(words), source.choice(words[:50])
        print(f"INSERT INTO person VALUES({i}, '{name}', '{city}', {source.randint(1, 99)});")
        for _ in range(3):
            text = " ".join(source.choices(words, k=source.randint(1, 12)))
            print(f"INSERT INTO message(sender, text, size) VALUES({source.randrange(count)},"
                  f" '{text}', {source.random():.6f});")
    print("COMMIT;")
    print("CREATE INDEX by_name ON person(name, age);\nCREATE INDEX by_sender ON message(sender);")
    print("CREATE INDEX by_text ON message(text);")
    for _ in range(6):
        print("SELECT city, count(*), sum(length(text)), round(sum(size), 3) FROM person JOIN message"
              " ON sender = person.id GROUP BY city ORDER BY city;")
        print("SELECT a.name, count(DISTINCT b.id) FROM person a JOIN person b ON a.name = b.name"
              " AND a.age < b.age GROUP BY a.name ORDER BY 2 DESC, 1 LIMIT 20;")
        print("SELECT substr(upper(text) || hex(text), 1, 200) AS t FROM message ORDER BY t LIMIT 50;")
        print("SELECT group_concat(name, '+') FROM (SELECT name FROM person ORDER BY name DESC, id);")
        print("UPDATE message SET text = text || sender WHERE id % 3 = 0;")
    print("DELETE FROM message WHERE size < 0.5;\nVACUUM;\nSELECT count(*), sum(length(text)) FROM message;")


def redis(count):
    """Commands for redis-cli: every type of value, growing and shrinking."""
    source = random.Random(2)
    for i in range(count):
        key = source.randrange(count // 8 + 1)
        value = "x" * source.randint(1, 300)
        print(source.choice([
            f"SET s:{key} {value}", f"APPEND s:{key} {value}", f"HSET h:{key % 97} f{i} {value}",
            f"RPUSH l:{key % 53} {value}", f"LPOP l:{key % 53}", f"SADD m:{key % 31} {i}",
            f"ZADD z:{key % 17} {source.randrange(1000)} e{i}", f"DEL s:{key}",
            f"SETRANGE s:{key} {source.randrange(5000)} {value}"]))


if __name__ == "__main__":
    {"c": c, "swift": swift, "sql": sql, "redis": redis}[sys.argv[1]](int(sys.argv[2]))
