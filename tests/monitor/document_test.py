# SPDX-License-Identifier: MIT
"""Pieces of HTML: what comes from outside stays text, plots hold what they show."""

import html.parser
import re
import unittest

import made
from made import NOON
from timecast_monitor import document, history, lines, metrics, plot, table

HOSTILE = '<img src=x onerror="alert(1)">&\''
VOID = {"meta", "link", "path"}


class Reader(html.parser.HTMLParser):
    """Fails where an element is not closed, and knows all elements and attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes = [], set(), set()
        self.feed(text)
        self.close()
        if self.open:
            raise AssertionError(f"not closed: {self.open}")

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError(f"</{tag}> closes nothing")


def pieces(*texts, now=NOON):
    """All that is made of these lines, in one text."""
    past = history.History()
    for text in texts:
        past.observe(lines.parse(text))
    view = made.network(*texts).view(now)
    return "".join([document.estimate_block(view, past), document.offsets_block(past),
                    document.notes(view), *[card for _, card in document.cards(view, past)],
                    *[alarm for _, alarm in document.alarms(view)]])


class Text(unittest.TestCase):
    def test_what_strangers_say_stays_text(self):
        text = pieces(
            made.announcement(address=HOSTILE, interface=HOSTILE, reference_id=HOSTILE,
                              key=HOSTILE, stream=HOSTILE),
            made.alarm(HOSTILE, text=HOSTILE), made.packet(reason=HOSTILE, address=HOSTILE),
            made.hearing("deaf", reason=HOSTILE), made.estimate(reason=HOSTILE, announcer=HOSTILE))
        reader = Reader(text)
        self.assertNotIn("img", reader.tags)
        self.assertNotIn("onerror", reader.attributes)
        self.assertNotIn("<img", text)

    def test_that_announcers_disagree_is_told_with_the_one_that_is_furthest_off(self):
        self.assertNotIn("disagree", pieces(made.estimate(announcers=2, disagreeing=0)))
        text = pieces(made.estimate(announcers=3, disagreeing=1, dissent_s=0.0123,
                                    dissenter="192.0.2.2:11123"))
        self.assertIn("announcers disagree</span> 1 of 3 contradict the one that is followed; "
                      "192.0.2.2:11123 is +12.3 ms from it", text)
        hostile = pieces(made.estimate(announcers=2, disagreeing=1, dissent_s=1.0,
                                       dissenter=HOSTILE))
        self.assertNotIn("<img", hostile)

    def test_an_announcer_is_one_card_whatever_its_streams(self):
        texts = [made.announcement("A"), made.announcement("A", address="fd77::1"),
                 made.plain("A"), made.announcement("B")]
        past = history.History()
        cards = document.cards(made.network(*texts).view(NOON), past)
        self.assertEqual(len(cards), 2)
        self.assertIn("fd77::1", cards[0][1])
        self.assertIn("<small>plain</small>", cards[0][1])
        self.assertIn(made.KEYS["A"], cards[0][1])

    def test_a_state_is_told_by_words_and_not_by_colour_alone(self):
        for text, word, kind in ((made.announcement(), "announces", "good"),
                                 (made.announcement(leap="unsynchronised", stratum=0),
                                  "unsynchronised", "fair"),
                                 (made.forged(), "bad signature", "bad")):
            card = document.cards(made.network(text).view(NOON), history.History())[0][1]
            self.assertRegex(card, rf'<span class="mark {kind}">.*{word}')

    def test_the_latest_alarm_is_first_and_has_its_own_number(self):
        view = made.network(*[made.alarm("step", text=f"number {n}") for n in range(300)]).view(NOON)
        found = document.alarms(view)
        self.assertEqual((len(found), found[0][0]), (document.MOST_ALARMS, 299))
        self.assertIn("number 299", found[0][1])

    def test_without_a_listener_the_page_says_so(self):
        self.assertIn("No timecast-listener runs here", pieces(made.announcement()))

    def test_a_listener_that_is_gone_has_no_state_any_more(self):
        text = pieces(made.estimate(), now=NOON + 12)
        self.assertNotIn("synchronised", text)
        self.assertRegex(text, r'<span class="mark bad">.*the timecast-listener of this host has not '
                               "answered for 12.0 s")


class Extremes(unittest.TestCase):
    def test_numbers_at_the_edge_of_what_a_line_can_hold_are_shown_somehow(self):
        edges = (0.0, -0.0, 5e-324, 1e-9, 3e9, 1e12, -1e12)
        for first in edges:
            for second in edges:
                texts = [made.announcement("A", NOON, offset_s=first),
                         made.announcement("A", second * 1e290, offset_s=second, interval_s=1.7e308),
                         made.announcement("B", first, offset_s=-first, lost=10 ** 300),
                         made.estimate(first, offset_s=first, error_s=second, bound_s=second),
                         made.estimate(second, offset_s=second, error_s=first, bound_s=first)]
                with self.subTest(first=first, second=second):
                    Reader(pieces(*texts))
                    self.assertTrue(table.render(made.network(*texts).view(NOON), 200))
                    for form in (metrics.open_metrics, metrics.text_format):
                        self.assertIn("timecast_announcer_up",
                                      form(made.network(*texts).view(NOON)))


class Plots(unittest.TestCase):
    def points(self, *values):
        return tuple(history.Point(float(n), value, value, value) for n, value in enumerate(values))

    def test_every_point_is_in_the_drawing(self):
        axis = plot.linear_axis([-1e-3, 0.0, 2e-3])
        self.assertEqual([round(axis.place(value), 3) for value in (-1e-3, 2e-3)],
                         [round((-1e-3 - axis.low) / (axis.step * axis.steps), 3),
                          round((2e-3 - axis.low) / (axis.step * axis.steps), 3)])
        for value in (-1e-3, 2e-3):
            self.assertTrue(0 <= axis.place(value) <= 1)

    def test_labels_are_round_and_zero_is_among_them(self):
        self.assertEqual(plot.linear_axis([-80e-6, 80e-6]).labels(),
                         ["-100 us", "-50 us", "0", "+50 us", "+100 us"])
        self.assertEqual(plot.linear_axis([0.1, 0.1001]).labels(), [
            "+99.95 ms", "+100.00 ms", "+100.05 ms", "+100.10 ms", "+100.15 ms"])
        self.assertEqual(plot.log_axis([20e-6, 5e-3]).labels(), ["10 us", "100 us", "1 ms", "10 ms"])

    def test_a_few_far_points_do_not_flatten_the_others(self):
        axis = plot.linear_axis([1e-6 * (n % 7) for n in range(99)] + [1.0])
        self.assertLess(axis.step * axis.steps, 1e-4)

    def test_one_point_and_equal_points_make_a_plot(self):
        for values in ((0.0,), (1e-3, 1e-3)):
            points = self.points(*values)
            Reader(plot.chart("a name", plot.linear_axis(values), [plot.Line("s0", points)]))

    def test_a_line_is_broken_where_nothing_was_heard(self):
        early = self.points(0.0, 0.0, 0.0)
        late = tuple(point._replace(time_s=point.time_s + 100) for point in early)
        drawn = plot.chart("a name", plot.linear_axis([0.0]), [plot.Line("s0", early + late)])
        path = re.search('class="line s0" d="(.*?)"', drawn)[1]
        self.assertEqual(path.count("M"), 2)

    def test_it_has_a_name_for_who_cannot_see_it(self):
        drawn = plot.chart("offsets of all", plot.linear_axis([0.0]),
                           [plot.Line("s0", self.points(0.0, 1e-6))])
        self.assertIn('role="img" aria-label="offsets of all"', drawn)


class Page(unittest.TestCase):
    def test_it_needs_nothing_from_elsewhere(self):
        page = document.template()
        Reader(page)
        self.assertNotRegex(page, r"https?://|@import|url\(")
        self.assertNotIn('style="', page)  # its policy would refuse it

    def test_its_policy_allows_its_own_script_and_style_alone(self):
        policy = document.policy("<style>a{}</style><script>1</script>")
        self.assertRegex(policy, "default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-")
        self.assertNotIn("unsafe", policy)


def colours_of_texts():
    """Of both palettes, those that contrast_test.py looks at as texts, as six digits."""
    return set(re.findall(r"--(?:text|quiet|good|fair|bad): #(\w{6})", document.template()))
