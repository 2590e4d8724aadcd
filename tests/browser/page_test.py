# SPDX-License-Identifier: MIT
"""The live page and the report in a real browser: they show, they change, they complain of nothing."""

import pathlib
import signal
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/monitor"))

import chromium  # noqa: E402
import made  # noqa: E402
import outputs_test  # noqa: E402

TEXT = "document.body.innerText"
NARROW = 360  # a small phone
WIDE = "document.documentElement.scrollWidth"
# Of every element that has text of its own: what it is written in, and what it stands on.
COLOURS = """
(() => {
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.endsWith(", 0)")) return colour;
    }
    return "none";
  };
  const found = new Set();
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (own && element.checkVisibility()) {
      found.add(getComputedStyle(element).color + " on " + behind(element));
    }
  }
  return [...found];
})()
"""


def announcements(count, **members):
    return made.series("A", [1e-6 * (n % 5) for n in range(count)], **members)


@unittest.skipUnless(chromium.PROGRAM, "chromium is not installed: scripts/bootstrap full")
class Case(outputs_test.Case):
    def tearDown(self):
        for browser in self.browsers:
            self.assertEqual(browser.complaints, [])

    def setUp(self):
        super().setUp()
        self.browsers = []

    def browse(self, url, **options):
        browser = chromium.Browser(self, **options)
        self.browsers.append(browser)
        browser.open(url)
        return browser


class Live(Case):
    def page(self, *steps, **options):
        steps = [step for text in announcements(20) for step in outputs_test.say(text)] + list(steps)
        browser = self.browse(f"{self.serving(steps=steps)}/", **options)
        browser.await_value(self, TEXT, lambda text: made.ADDRESSES["A"] in text, "no card")
        return browser

    def go(self, name):
        """A step that waits for the test to say now(name)."""
        return ("until", str(self.folder / name))

    def now(self, name):
        (self.folder / name).touch()

    def test_it_shows_announcers_and_their_offsets(self):
        page = self.page()
        self.assertIn(made.KEYS["A"], page.value(TEXT))
        page.await_value(self, "document.querySelectorAll('#offsets path.line').length",
                         lambda count: count == 1, "no plot")
        self.assertIn("None so far.", page.value(TEXT))
        self.assertTrue(all(url.startswith("http://127.0.0.1:") or url == "data:,"
                            for url in page.requests), page.requests)

    def test_it_changes_by_itself(self):
        page = self.page(self.go("on"), *outputs_test.say(made.announcement("B")))
        self.assertNotIn(made.ADDRESSES["B"], page.value(TEXT))
        page.value("document.getElementById('cards').firstElementChild.dataset.seen = 'before'")
        self.now("on")
        page.await_value(self, TEXT, lambda text: made.ADDRESSES["B"] in text, "no second card")
        self.assertEqual(page.value("document.getElementById('cards').firstElementChild.dataset.seen"),
                         "before")  # the element is the same one

    def test_an_alarm_appears_and_is_read_aloud_once(self):
        more = [self.go("first"), *outputs_test.say(made.alarm("step", text="the clock stepped")),
                self.go("second"), *outputs_test.say(made.alarm("silence", text="it fell silent"))]
        page = self.page(*more)
        self.assertIn("None so far.", page.value(TEXT))
        self.now("first")
        page.await_value(self, TEXT, lambda text: "the clock stepped" in text, "no alarm")
        page.value("document.querySelector('#alarms li').dataset.seen = 'before'")
        self.now("second")
        page.await_value(self, TEXT, lambda text: "it fell silent" in text, "no second alarm")
        self.assertEqual(page.value("[...document.querySelectorAll('#alarms li')].map((item) =>"
                                    " item.dataset.seen || 'new')"), ["new", "before"])
        self.assertEqual(page.value("document.getElementById('alarms').getAttribute('aria-live')"),
                         "polite")
        self.assertNotIn("None so far.", page.value(TEXT))

    def test_when_the_monitor_has_gone_the_page_says_so(self):
        page = self.page()
        self.monitor.send_signal(signal.SIGTERM)
        self.monitor.wait(outputs_test.LIMIT_S)
        page.await_value(self, TEXT, lambda text: "has not answered since" in text, "no word of it")
        self.assertTrue(page.complaints)  # the browser's own, of the connection
        page.complaints.clear()

    def test_it_fits_a_phone(self):
        page = self.page(width=NARROW, height=700)
        self.assertEqual(page.value(WIDE), NARROW)

    def test_it_has_the_colours_that_the_reader_prefers(self):
        light, dark = (self.page(is_dark=is_dark).value(
            "getComputedStyle(document.body).backgroundColor") for is_dark in (False, True))
        self.assertEqual((light, dark), ("rgb(246, 247, 249)", "rgb(20, 23, 27)"))

    def test_no_text_has_a_colour_beyond_the_tested_ones(self):
        tested = {"rgb({}, {}, {})".format(*bytes.fromhex(colour))
                  for colour in outputs_test.document_test.colours_of_texts()}
        page = self.page()
        found = page.value(COLOURS)
        self.assertGreater(len(found), 2)
        for pair in found:
            self.assertIn(pair.partition(" on ")[0], tested)

    def test_what_a_stranger_says_is_text_in_it(self):
        hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>"
        page = self.page(*outputs_test.say(made.alarm("step", text=hostile)))
        page.await_value(self, TEXT, lambda text: hostile in text, "no alarm")
        self.assertEqual(page.value("document.querySelectorAll('#alarms img, #alarms script').length"),
                         0)


class Report(Case):
    def test_it_shows_plots_without_a_server_and_without_a_script(self):
        file = self.folder / "report.html"
        texts = [*announcements(60), *[made.estimate(made.NOON - n) for n in range(60, 0, -1)],
                 made.alarm("step", text="the clock stepped")]
        done = self.run_monitor("--report", file, *self.saved(*texts))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        page = self.browse(f"file://{file}", width=NARROW)
        page.await_value(self, TEXT, lambda text: "the clock stepped" in text, "no alarm")
        self.assertEqual(page.value("document.querySelectorAll('svg').length"), 3)
        boxes = page.value("[...document.querySelectorAll('path.line')].map((path) =>"
                           " path.getBoundingClientRect().width)")
        self.assertTrue(boxes and all(width > 150 for width in boxes), boxes)
        self.assertEqual(page.value(WIDE), NARROW)
        self.assertLessEqual({url.partition(":")[0] for url in page.requests}, {"file", "data"})
