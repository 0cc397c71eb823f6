"""fetch.py ADDRESS   fetches a page of the documentation's web site; prints its title

The page is one for all, whose script reads what it shows, and the title, from a file of data. That and all
else that the page refers to is fetched too: an answer that is not 200 is an error.
"""
import json
import re
import sys
import urllib.parse
import urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(address):
    try:
        with opener.open(address, timeout=30) as answer:
            if answer.status != 200:
                sys.exit(f"{address}: {answer.status}")
            return answer.read().decode(errors="replace")
    except OSError as error:
        sys.exit(f"{address}: {error}")


address = sys.argv[1]
path = urllib.parse.urlsplit(address).path
page = fetch(address)
for reference in re.findall(r'(?:src|href)="([^"]+)"', page):
    fetch(urllib.parse.urljoin(address, reference))
print(json.loads(fetch(urllib.parse.urljoin(address, f"/data{path}.json")))["metadata"]["title"])
