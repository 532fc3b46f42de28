#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of a result folder in a real browser: everything is seen, nothing is fetched or wrong.

usage: test_page.py RMQLAB
"""
import html
import json
import os
import re
import shutil
import sys
import tempfile
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import children
from tap import Tap, skip_all

TIMEOUT_S = 120
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (1280, 390)
HOSTILE = """scenario "<script>document.title='bad'</script> & <b>more</b>"
nameserver ns1
broker broker-a broker-b
topic Orders queues 4 on broker-a broker-b
producer P group PG timeout 3s retries 2
P sends 60 events to Orders sync every 100ms as e
at 2s for 2s broker-a answer SYSTEM_BUSY "<img src=x onerror=alert(1)>" all send requests
at 5s broker-a kill
expect failed = 0
expect duplicates > 0
expect failed = 0 where message e from 900s until 901s
"""

# A page of a given width inside another, whose script looks at it and writes down what it finds.
LOOK = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<iframe id="page" style="border:0;width:%dpx;height:4000px" srcdoc="%s"></iframe>
<pre id="found"></pre><script>
addEventListener("load", () => {
  const page = document.getElementById("page").contentDocument;
  const seen = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; };
  const texts = s => [...page.querySelectorAll(s)].filter(seen).map(e => e.textContent);
  document.getElementById("found").textContent = JSON.stringify({
    wide: page.documentElement.scrollWidth, verdict: texts("#verdict"), title: texts("h1"),
    claims: texts("#claims .claim code"), evidence: texts("#claims .claim p").length,
    words: texts("#claims .claim .w"), replay: texts("#replay"), bars: texts(".chart rect").length,
    outages: texts("#outages td").length, messages: texts("#messages svg text"),
    scripts: page.querySelectorAll("script, img, iframe, link[rel=stylesheet]").length});
});
</script>"""


def look(browser, scratch, page, width):
    """What is found in the page at that width, and what the browser's console says."""
    path = os.path.join(scratch, f"look-{width}.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(LOOK % (width, html.escape(page, quote=True)))
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
               f"--user-data-dir={os.path.join(scratch, 'profile')}", "--virtual-time-budget=5000",
               "--dump-dom", "file://" + path]
    _, out, err = children.run(command, TIMEOUT_S)
    found = re.search(r'<pre id="found">(.*?)</pre>', out, re.DOTALL)
    console = [line for line in err.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(found[1])) if found and found[1] else {}, console


def check_page(tap, browser, scratch, name, folder):
    with open(os.path.join(folder, "report.html"), encoding="utf-8") as file:
        page = file.read()
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as file:
        report = json.load(file)
    claims = sorted(verdict["claim"] for verdict in report["verdicts"])
    words = sorted(verdict["verdict"] for verdict in report["verdicts"])
    tap.check(f"/scenarios/page/{name}/nothing-from-outside",
              not re.search(r'(src|href)="(?!data:)|url\(|@import', page), page[:300])
    for width in WIDTHS:
        path = f"/scenarios/page/{name}/{width}"
        found, console = look(browser, scratch, page, width)
        tap.check(f"{path}/console-is-empty", found and not console, console)
        tap.check(f"{path}/verdict-and-title-are-seen",
                  found.get("title") == [report["title"]] and len(found.get("verdict", [])) == 1
                  and f"{report['counts']['failed']} failed" in found["verdict"][0], found)
        tap.check(f"{path}/every-claim-is-seen-with-its-evidence",
                  sorted(found.get("claims", [])) == claims and found["evidence"] == len(claims)
                  and sorted(found["words"]) == words, found)
        tap.check(f"{path}/nothing-overflows", 0 < found.get("wide", 0) <= width, found)
        tap.check(f"{path}/chart-outages-messages-replay",
                  found.get("bars", 0) > 20 and found["outages"] >= 4
                  and any("broker-a" in text for text in found["messages"])
                  and report["replay"] in found["replay"][0], found)
        tap.check(f"{path}/text-stays-text", found.get("scripts") == 0, found)
    xml.dom.minidom.parse(os.path.join(folder, "messages.svg"))
    tap.check(f"/scenarios/page/{name}/diagram-is-a-document", True)


def main(lab):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        skip_all("no browser: apt-get install chromium")
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        hostile = os.path.join(scratch, "hostile.scn")
        with open(hostile, "w", encoding="utf-8") as file:
            file.write(HOSTILE)
        for name, scenario in (("broker-a-dies", "broker-a-dies"), ("hostile", hostile)):
            folder = os.path.join(scratch, name)
            children.run([lab, "run", scenario, "--headless", "--result", folder], TIMEOUT_S)
            check_page(tap, browser, scratch, name, folder)
    tap.done()


main(os.path.abspath(sys.argv[1]))
