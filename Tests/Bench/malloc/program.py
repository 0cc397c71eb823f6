"""What python3 runs as a measured program: program.py COUNT

Dictionaries, lists, strings, JSON, sorting and objects; prints a hash of all results. Run with
PYTHONMALLOC=malloc and PYTHONHASHSEED=0.
"""
import hashlib
import json
import random
import re
import sys


class Node:
    def __init__(self, key, left=None, right=None):
        self.key, self.left, self.right = key, left, right


def insert(root, key):
    if root is None:
        return Node(key)
    node = root
    while True:
        side = "left" if key < node.key else "right"
        below = getattr(node, side)
        if below is None:
            setattr(node, side, Node(key))
            return root
        node = below


def depth(root):
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for node in level for child in (node.left, node.right) if child]
    return deepest


def main(count):
    source = random.Random(3)
    digest = hashlib.sha256()

    def note(value):
        digest.update(repr(value).encode())

    for turn in range(4):
        words = {}
        for i in range(count):
            word = "".join(source.choices("abcdefgh", k=source.randint(1, 9)))
            words.setdefault(word, []).append((i, word * 2))
        note(sorted(words.items(), key=lambda item: (len(item[1]), item[0]))[:100])
        records = [
            {"id": i, "name": f"name {i}", "tags": [str(t) for t in range(i % 9)], "of": {"x": i / 7}}
            for i in range(count // 4)]
        text = json.dumps(records)
        note(hashlib.sha256(text.encode()).hexdigest())
        note(sum(len(record["tags"]) for record in json.loads(text)))
        note(re.sub(r"(\d)(\d)", r"\2-\1", text[: count * 2])[-50:])
        root = None
        for _ in range(count // 4):
            root = insert(root, source.random())
        note(depth(root))
        lines = [text[i : i + source.randint(1, 200)] for i in range(0, len(text), 50)]
        lines.sort()
        note("".join(lines)[: 1 << 16])
        big = [i * i for i in range(count)]
        note(sum(x for x in set(big) if x % 3) ** turn % (1 << 89))
        buffer = bytearray()
        for line in lines:
            buffer += line.encode()
        note(hashlib.sha256(buffer).hexdigest())
    print(digest.hexdigest())


main(int(sys.argv[1]))
