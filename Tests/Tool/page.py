"""page.py PAGE [WORDS...]   checks a page of midl-memory; prints what is wrong, a line for each

The page must be HTML whose elements are all closed in order, refer to nothing outside of itself, have a
chart, and contain each of the words in its text.
"""
import html.parser
import re
import sys

VOID = {"meta", "link", "br", "img", "input", "hr", "line", "polyline", "polygon"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.text, self.tags = [], [], [], []

    def handle_startendtag(self, tag, attributes):
        self.look(tag, attributes)

    def handle_starttag(self, tag, attributes):
        self.look(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def look(self, tag, attributes):
        self.tags.append(tag)
        if tag in ("script", "link", "img", "iframe", "object", "embed", "a", "base", "form"):
            self.wrong.append(f"an element {tag}")
        for name, value in attributes:
            if name in ("src", "href", "srcset", "data", "action", "xlink:href") or name.startswith("on"):
                self.wrong.append(f"an attribute {name}={value}")
            if value and ("url(" in value or "://" in value):
                self.wrong.append(f"{name} refers to something: {value}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()} closes nothing")

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            if "url(" in data or "@import" in data:
                self.wrong.append("the style refers to something")
        else:
            self.text.append(data)


source = open(sys.argv[1], encoding="utf-8").read()
page = Page()
page.feed(source)
page.close()
wrong = page.wrong + [f"<{tag}> is left open" for tag in page.open]
if not source.startswith("<!DOCTYPE html>"):
    wrong.append("no <!DOCTYPE html>")
if page.tags.count("svg") != 1 or page.tags.count("polyline") != 2:
    wrong.append("no chart")
points = re.findall(r'class="live" points="([^"]*)"', source)
if not points or not re.fullmatch(r"(\d+\.\d,\d+\.\d ?)+", points[0]):
    wrong.append("no line of live bytes")
text = re.sub(r"\s+", " ", "".join(page.text))
wrong += [f'"{word}" is not in the text' for word in sys.argv[2:] if word not in text]
print("\n".join(wrong), end="")
