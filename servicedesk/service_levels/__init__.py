"""When the desk works, how long it gives itself, and when a promise falls due.

`models` holds calendars and targets. `working_time` (hours, days, due instants), `calendar_shape` (hours read
from JSON), `stopwatch` (what a clock's events add up to) and `explanation` (why a deadline is what it is) are
arithmetic on plain values and import no model. The app may import from history, people, jobs, files, lists,
search and catalogue, which stand below it, and from nothing above.
"""
