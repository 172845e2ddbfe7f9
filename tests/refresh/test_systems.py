"""Which release the words of a register mean."""

from datetime import date

import pytest

from assets.refresh.systems import Release, release_of

RELEASES = [
    Release(
        number,
        product,
        cycle,
        f"{product} {cycle}",
        date.fromisoformat(released),
        ends and date.fromisoformat(ends),
    )
    for number, (product, cycle, released, ends) in enumerate(
        [
            ("windows", "10-22h2", "2022-10-18", "2025-10-14"),
            ("windows", "10-21h2-e", "2021-11-16", "2024-06-11"),
            ("windows", "10-21h2-w", "2021-11-16", "2023-06-13"),
            ("windows", "10-21h2-e-lts", "2021-11-16", "2027-01-12"),
            ("windows", "10-21h2-iot-lts", "2021-11-16", "2032-01-13"),
            ("windows", "11-23h2-e", "2023-10-31", "2026-11-10"),
            ("windows", "11-23h2-w", "2023-10-31", "2025-11-11"),
            ("windows", "11-25h2-e", "2025-09-30", "2028-10-10"),
            ("windows", "11-25h2-w", "2025-09-30", "2027-10-12"),
            ("windows", "7-sp1", "2011-02-22", "2020-01-14"),
            ("windows-server", "2016", "2016-10-15", "2027-01-12"),
            ("windows-server", "2012-r2", "2013-11-25", "2023-10-10"),
            ("windows-server", "2012", "2012-10-30", "2023-10-10"),
            ("ios", "17", "2023-09-18", "2025-11-01"),
            ("ios", "18", "2024-09-16", None),
            ("ubuntu", "22.04", "2022-04-21", "2027-04-01"),
            ("cisco-ios-xe", "17.9", "2022-08-01", "2027-07-31"),
        ]
    )
]


@pytest.mark.parametrize(
    ("name", "version", "cycle"),
    [
        ("Windows 10", "22H2", "10-22h2"),
        ("Microsoft Windows 10 Enterprise", "22H2", "10-22h2"),
        ("Windows 10", "", "10-22h2"),
        ("Windows", "10.0.19045.3803", "10-22h2"),
        ("Windows 10 Enterprise", "21H2", "10-21h2-e"),
        ("Windows 10 Pro", "21H2", "10-21h2-w"),
        ("Windows 10", "21H2", "10-21h2-w"),
        ("Windows 10 Enterprise LTSC", "21H2", "10-21h2-e-lts"),
        ("Windows 10 IoT Enterprise LTSC", "21H2", "10-21h2-iot-lts"),
        ("Windows 11 Enterprise", "23H2", "11-23h2-e"),
        ("Windows 11", "", "11-25h2-w"),
        ("Windows 11 Education", "", "11-25h2-e"),
        ("Windows", "10.0.22631.1", "11-23h2-w"),
        ("Windows 7", "SP1", "7-sp1"),
        ("Windows 7", "", "7-sp1"),
        ("Windows Server 2016 Standard", "", "2016"),
        ("Windows Server", "10.0.14393", "2016"),
        ("Windows Server 2012 R2", "", "2012-r2"),
        ("Windows Server 2012", "", "2012"),
        ("iOS", "17.2.1", "17"),
        ("Ubuntu", "22.04.3 LTS", "22.04"),
        ("Cisco IOS XE", "17.9.4a", "17.9"),
        ("IOS-XE", "17.9.4a", "17.9"),
    ],
)
def test_words_of_a_register_mean_a_release(name, version, cycle):
    found = release_of(name, version, RELEASES)

    assert found is not None and found.cycle == cycle


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("", ""),
        ("Windows", ""),
        ("Windows 10", "19H1"),
        ("Windows 12", "26H2"),
        ("ChromeOS", "120"),
        ("10", "22H2"),
    ],
)
def test_words_that_fit_no_release_mean_none(name, version):
    assert release_of(name, version, RELEASES) is None
