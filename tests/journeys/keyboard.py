"""Going about the site by keyboard alone, as somebody without a mouse does."""

from re import Pattern

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

MOST_STEPS = 120
WHERE = "element => !element.isConnected ? 'gone' : element === document.activeElement ? 'here' : 'not yet'"
"""Asked of the element itself, as to find it again at every step takes ten times as long."""

PATIENCE = 30_000
"""Milliseconds: a busy machine is slow, and a condition that holds is seen at once."""
expect.set_options(timeout=PATIENCE)


class Hands:
    """One person at one browser. Nothing is clicked: Tab, arrows, Space, Enter and typing."""

    def __init__(self, browser: Browser, site: str, person, width: int):
        self.site = site
        self.page: Page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        self.page.set_default_timeout(PATIENCE)
        if person:  # else a stranger, who may sign in
            client = Client()
            client.force_login(person)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            self.page.context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}]
            )

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)

    def reach(self, target: Locator) -> None:
        """Press Tab until the focus is there."""
        element = target.element_handle()
        for _ in range(MOST_STEPS):
            where = element.evaluate(WHERE)
            if where == "here":
                return
            if where == "gone":
                element = target.element_handle()
                continue
            self.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard does not reach {target}")

    def press(self, name: str) -> None:
        """Reach the button or link and press it; wait for the page that follows."""
        target = self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        )
        self.reach(target.first)
        self.enter()

    def open(self, words: str) -> None:
        """Unfold what is folded."""
        self.reach(self.page.locator("summary", has_text=words))
        self.page.keyboard.press("Enter")

    def enter(self) -> None:
        """End what was typed with Enter, as a scanner does; wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, label: str, text: str, within: str = "main") -> None:
        self.reach(self.page.locator(within).get_by_label(label, exact=True))
        self.page.keyboard.type(text)

    def choose(self, label: str) -> None:
        """Reach the group of radio buttons and go down to the one that is meant."""
        radio = self.page.get_by_label(label, exact=True)
        name = radio.get_attribute("name")
        group = self.page.locator(f'input[type=radio][name="{name}"]')
        chosen = self.page.locator(f'input[type=radio][name="{name}"]:checked')
        self.reach(chosen.first if chosen.count() else group.first)
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows do not choose {label}")

    def tick(self, label: str) -> None:
        """Reach a box and tick it."""
        self.reach(self.page.locator("main").get_by_label(label, exact=True))
        self.page.keyboard.press("Space")

    def select(self, label: str, text: str, within: str = "main") -> None:
        """Reach a list and type the beginning of the choice."""
        self.reach(self.page.locator(within).get_by_label(label, exact=True))
        self.page.keyboard.type(text)

    def sees(self, words: str | Pattern) -> None:
        """Wait until the page says so."""
        expect(self.page.locator("main")).to_contain_text(words)

    def reads(self) -> str:
        return self.page.locator("main").inner_text()

    def faults(self) -> list:
        """What axe finds, and whether the page is wider than its window."""
        found = [
            (problem["id"], [node["html"] for node in problem["nodes"]])
            for problem in Axe().run(self.page).response["violations"]
        ]
        wide = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        return found + [("wider than the window", self.page.url)] * wide


class Straight(Hands):
    """Somebody who goes straight to what they mean and types over what stands there, where walking by Tab is proved."""

    def reach(self, target: Locator) -> None:
        target.focus()
        target.evaluate("element => element.select?.()")

    def rows(self, name: str) -> list[list[str]]:
        """What a table says, row by row."""
        return self.page.get_by_role("table", name=name, exact=True).evaluate(
            "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
