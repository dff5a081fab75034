"""Open dashboards in a headless Chromium and say how each came out, as JSON.

Runs by itself in the environment of requirements/browser.txt, reads its work as JSON from standard
input and writes one line of JSON a dashboard:

    {"url": …, "user": …, "password": …, "chromium": …, "width": 1440, "pictures": folder or null,
     "rounds": 1, "tabs": true, "primed": false,
     "dashboards": {"executive": 12 charts on it, …}}
"""

from __future__ import annotations

import json
import re
import sys
from time import perf_counter

from playwright.sync_api import Error, Page, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
]
# Superset draws what is in the window only, so the window is as high as a dashboard.
HEIGHT = 5200
PATIENCE = 120.0
TABS = '[data-test="dashboard-component-tabs"] .ant-tabs-tab'

# What a reader waits for: every box drawn, nothing turning, nothing to be alarmed at.
STATE = """() => {
    const shown = one => one.offsetParent !== null || one.getClientRects().length > 0;
    const all = what => [...document.querySelectorAll(what)].filter(shown);
    const boxes = all('[data-test="chart-grid-component"]');
    const drawn = boxes.filter(box => box.querySelector(
        '.slice_container canvas, .slice_container svg, .slice_container table, '
        + '.slice_container .header-line'));
    const name = box => (box.querySelector('[data-test="editable-title"]')
        || box.querySelector('.header-title') || box).textContent.trim().slice(0, 120);
    const hollow = boxes.filter(box => /No results were returned|No data/.test(box.innerText));
    const turning = all('.loading, [data-test="loading-indicator"]').length;
    const wrong = [
        ...all('[role="alert"]').map(one => one.textContent.trim().slice(0, 300)),
        ...hollow.map(box => 'empty: ' + name(box)),
    ];
    const root = document.documentElement;
    return {
        boxes: boxes.length, drawn: drawn.length, turning, wrong,
        missing: boxes.filter(box => !drawn.includes(box)).map(name),
        overflow: root.scrollWidth - root.clientWidth,
    };
}"""
READY = f"""(charts) => {{
    const state = ({STATE})();
    return state.wrong.length > 0
        || (state.boxes >= charts && state.drawn >= state.boxes && state.turning === 0);
}}"""


def main() -> None:
    """One browser for all dashboards; a new page, without its cache, for each round."""
    work = json.load(sys.stdin)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=work["chromium"], args=FLAGS)
        window = {"width": work["width"], "height": HEIGHT}
        context = browser.new_context(viewport=window, base_url=work["url"], locale="en-US")
        sign_in(context.request, work["user"], work["password"])
        if work["primed"]:
            prime(context, list(work["dashboards"]))
        for slug, charts in work["dashboards"].items():
            for number in range(work["rounds"]):
                page = context.new_page()
                picture = work["pictures"] if number == 0 else None
                try:
                    said = visit(page, slug, charts, work["width"], picture)
                    if work["tabs"]:
                        turn_pages(page, said, slug, work["width"], picture)
                except Error as error:
                    said = {"seconds": None, "wrong": [str(error)[:500]], "drawn": 0}
                page.close()
                print(json.dumps({"dashboard": slug, "charts": charts} | said), flush=True)
        browser.close()


def sign_in(request, user: str, password: str) -> None:
    """By the form, since pages know no tokens."""
    form = request.get("/login/").text()
    token = re.search(r"csrf_token[^>]*?value=\\?\"([^\"\\]+)", form) or re.search(
        r"csrf_token(?:&#34;|\"):\s*(?:&#34;|\")([^&\"]+)", form
    )
    fields = {"username": user, "password": password}
    if token:
        fields["csrf_token"] = token[1]
    answer = request.post("/login/", form=fields)
    if "/login" in answer.url:
        raise SystemExit(f"Superset did not let {user} in")


def prime(context, slugs: list[str]) -> None:
    """Fetch the program of the pages, which a browser then keeps, and no data."""
    for slug in slugs:
        page = context.new_page()
        page.route("**/api/v1/chart/data*", lambda route: route.abort())
        page.goto(f"/superset/dashboard/{slug}/", wait_until="networkidle", timeout=1000 * PATIENCE)
        page.close()


def visit(page: Page, slug: str, charts: int, width: int, pictures: str | None) -> dict:
    """Open a dashboard; seconds are those until its first view stood."""
    asked: list[str] = []
    page.on(
        "requestfinished",
        lambda one: asked.append(one.url) if "/api/v1/chart/data" in one.url else None,
    )
    began = perf_counter()
    page.goto(f"/superset/dashboard/{slug}/", wait_until="commit")
    first = '[data-test="chart-grid-component"]' if charts else ".dashboard-markdown"
    page.wait_for_selector(first, timeout=1000 * PATIENCE)
    waited = wait(page, charts if page.locator(TABS).count() == 0 else 1)
    seconds = perf_counter() - began
    said = page.evaluate(STATE) | {"seconds": round(seconds, 3), "requests": len(asked)}
    if not waited:
        said["wrong"].append(f"not drawn in {PATIENCE:.0f} s: {', '.join(said['missing'])}")
    take(page, pictures, f"{slug}-{width}")
    return said


def turn_pages(page: Page, said: dict, slug: str, width: int, pictures: str | None) -> None:
    """Open the other tabs, and add what they show to what was said of the first."""
    tabs = page.locator(TABS)
    for number in range(1, tabs.count()):
        tabs.nth(number).click()
        page.wait_for_timeout(300)
        wait(page, 1)
        state = page.evaluate(STATE)
        said["wrong"] += state["wrong"] + [f"not drawn: {one}" for one in state["missing"]]
        said["overflow"] = max(said["overflow"], state["overflow"])
        said["drawn"] += state["drawn"] - above(page)
        take(page, pictures, f"{slug}-{width}-{number + 1}")


def above(page: Page) -> int:
    """Charts that stand outside the tabs, which every tab shows again."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[data-test="chart-grid-component"]')].filter(
        one => one.getClientRects().length && !one.closest('[data-test="dashboard-component-tabs"]')
        ).length"""
    )


def wait(page: Page, charts: int) -> bool:
    """Until all boxes are drawn, or one says what is wrong; False when neither happens."""
    try:
        page.wait_for_function(READY, arg=charts, timeout=1000 * PATIENCE, polling=50)
    except Error:
        return False
    return True


def take(page: Page, pictures: str | None, name: str) -> None:
    """A picture as high as what is on the page."""
    if pictures is None:
        return
    page.wait_for_timeout(1200)  # the lines of a chart are drawn slowly on purpose
    high = page.evaluate(
        """() => Math.max(600, ...[...document.querySelectorAll(
        '[data-test="chart-grid-component"], .dashboard-markdown')].map(
        one => one.getBoundingClientRect().bottom))"""
    )
    size = page.viewport_size
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(high + 24, size["height"])}
    page.screenshot(path=f"{pictures}/{name}.png", clip=clip)


if __name__ == "__main__":
    main()
