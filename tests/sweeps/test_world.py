"""The sweeps see a leak when there is one."""

import pytest

from tests.sweeps.marks import mark

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "text", "found"),
    [
        ("requester", f"<td>{mark(2, 'shared')}</td>", ["shared of the other council"]),
        ("requester", mark(1, "asset").upper(), ["asset of its own council"]),
        (
            "engineer",
            f"{mark(1, 'hr')} {mark(2, 'hr')}",
            ["hr of its own council", "hr of the other council"],
        ),
        (
            "engineer",
            f"{mark(1, 'own_council')} {mark(2, 'own_council')}",
            ["own_council of the other council"],
        ),
        ("engineer", "£41,417.13", ["money of its own council"]),
        ("asset_manager", "£41,417.13 and 52528.26", ["money of the other council"]),
        ("asset_manager", "£52,528.26", ["money of the other council"]),
        ("cyber_officer", f"{mark(2, 'cyber')} {mark(2, 'asset')}", []),
        ("auditor", mark(1, "private person"), ["private person of its own council"]),
        ("auditor", "nothing of note, £1.00", []),
    ],
)
def test_what_a_role_may_not_see_is_found_in_a_text(world, role, text, found):
    assert world.hidden_marks("OCC", role, text) == found
