"""Why a clock of a ticket is due when it is: told from its events, so that it agrees with the deadline it explains.

A new priority may bring other hours. What was used before it was measured by the hours of that time, so each stretch
of a clock is explained by its own calendar.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.explanation import Explanation, closed_days
from servicedesk.service_levels.promises import hours_of
from servicedesk.service_levels.working_time import Slot, WorkingCalendar, counted_slots
from servicedesk.tickets.clocks import pauses_of, read_again
from servicedesk.tickets.models import Clock
