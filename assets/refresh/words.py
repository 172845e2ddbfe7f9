"""How reasons read."""

from assets.refresh.forecast import Driver

DRIVERS = {
    Driver.OS: "End of support of its operating system",
    Driver.VENDOR: "End of its maker’s support",
    Driver.LIFE: "End of its useful life",
    Driver.WARRANTY: "End of its warranty",
}
