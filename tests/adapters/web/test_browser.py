from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
LOOKS = [
    {"viewport": WIDE},
    {"viewport": PHONE},
    {"viewport": PHONE, "color_scheme": "dark"},
    {"viewport": WIDE, "color_scheme": "dark"},
    {"viewport": {"width": 640, "height": 400}},  # 1280 at 200 %
    {"viewport": PHONE, "forced_colors": "active"},
]


def violations(page: Page) -> list[Any]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def ask(page: Page, text: str) -> None:
    page.get_by_label("Napisz pytanie zwykłymi słowami").fill(text)
    page.get_by_role("button", name="Wyślij").click()
    page.wait_for_load_state()


@pytest.mark.browser
@pytest.mark.trust("T-116")
@pytest.mark.parametrize(
    "page", LOOKS, indirect=True, ids=lambda look: f"{look['viewport']['width']}-{len(look)}"
)
def test_no_page_of_the_chat_has_an_accessibility_violation(page: Page, address: str) -> None:
    page.goto(address)
    assert violations(page) == []
    assert no_sideways_scrolling(page)
    for text in (
        "ile dostane z pefronu na wlasna firme",
        "staż",
        "przepis na zupę z dyni",
        "nie chce mi sie zyc",
        "Wie bekomme ich Hilfe?",
    ):
        ask(page, text)
        assert violations(page) == [], text
        assert no_sideways_scrolling(page), text


def no_sideways_scrolling(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.browser
@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_a_talk_without_javascript(page: Page, address: str) -> None:
    page.goto(address)
    ask(page, "ile dostane z pefronu na wlasna firme")
    assert page.url.endswith("/#odpowiedz"), "the question is in no address"
    answer = page.get_by_role("region").filter(has=page.locator("#odpowiedz"))
    assert "55\u00a0398,78\u00a0zł" in answer.inner_text() or "ostatnia znana wartość" in answer.inner_text()
    assert "Źródło:" in answer.inner_text()
    first = page.locator(".choices button").first
    label = first.inner_text()
    first.click()
    assert label in page.locator("#odpowiedz").inner_text()
    page.get_by_role("button", name="Człowiek", exact=True).click()
    page.get_by_text("75 752 42 54").first.wait_for()


@pytest.mark.browser
@pytest.mark.trust("T-117", "T-120")
def test_keyboard_alone_is_enough(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.type("gdzie zalozyc firme ceidg")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#odpowiedz")
    assert page.evaluate("document.activeElement.id") == "odpowiedz", "reading begins at the new answer"
    assert outlined(page)


def outlined(page: Page) -> bool:
    """Is every stop of the Tab key after the answer visible?"""
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none":
            return False
    return True


@pytest.mark.browser
@pytest.mark.trust("T-118")
@pytest.mark.parametrize("page", [{"viewport": PHONE}], indirect=True)
def test_buttons_are_large_enough_for_a_thumb(page: Page, address: str) -> None:
    page.goto(address)
    ask(page, "staż")
    boxes = [button.bounding_box() for button in page.get_by_role("button").all()]
    assert all(box and box["height"] >= 44 and box["width"] >= 44 for box in boxes)


@pytest.mark.browser
@pytest.mark.trust("T-93")
def test_the_browser_finds_nothing_against_the_content_policy(browser: Any, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    ask(page, "staż")
    context.close()
    assert said == []


@pytest.mark.browser
@pytest.mark.trust("T-17")
def test_reload_back_and_a_second_tab_repeat_nothing(page: Page, address: str) -> None:
    page.goto(address)
    ask(page, "przepis na zupę z dyni")
    before = page.locator(".answer").inner_text()
    page.reload()
    assert page.locator(".answer").inner_text() == before
    page.go_back()
    other = page.context.new_page()
    other.goto(address)
    assert other.locator(".answer").inner_text() == before
