"""A real browser without a window, driven by chromedriver over the W3C WebDriver protocol."""

import base64
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests

from tests.servers.processes import free_port, running, wait_for

MISSING: Final = "Chromium or its driver is missing: apt-get install chromium chromium-driver"
ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's name of a reference to an element
FLAGS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
                "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip


def programs() -> tuple[str, str] | None:
    """The browser and its driver."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


class Browser:
    """One window. Elements are told by CSS selectors; a click waits for the page that it leads to."""

    def __init__(self, session: str) -> None:
        self._session = session

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self._session}{path}", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    def open(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    @property
    def url(self) -> str:
        return str(self._ask("GET", "/url"))

    def _element(self, selector: str) -> str:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return f"/element/{found[ELEMENT]}"

    def count(self, selector: str) -> int:
        return len(self._ask("POST", "/elements", {"using": "css selector", "value": selector}))

    def text(self, selector: str) -> str:
        """What can be seen of an element."""
        return str(self._ask("GET", f"{self._element(selector)}/text"))

    def attribute(self, selector: str, name: str) -> str | None:
        told: str | None = self._ask("GET", f"{self._element(selector)}/attribute/{name}")
        return told

    def visible(self, selector: str) -> bool:
        return bool(self._ask("GET", f"{self._element(selector)}/displayed"))

    def click(self, selector: str) -> None:
        self._ask("POST", f"{self._element(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._ask("POST", f"{self._element(selector)}/value", {"text": text})

    def press(self, *keys: str) -> None:
        """Presses keys one after the other, wherever the focus is."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def run(self, script: str, *arguments: Any) -> Any:
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def resize(self, width: int, height: int) -> None:
        self._ask("POST", "/window/rect", {"width": width, "height": height})

    def picture(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self._ask("GET", "/screenshot"))

    def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"it never came: {self.url}"
            time.sleep(0.05)


@contextmanager
def chromium(folder: Path, *flags: str, scripts: bool = True) -> Iterator[Browser]:
    """A browser with a profile of its own in a folder; without `scripts` it runs no JavaScript of pages."""
    found = programs()
    assert found, MISSING
    folder.mkdir(parents=True, exist_ok=True)
    port, log = free_port(), folder / "log"
    options: dict[str, Any] = {"binary": found[0], "args": [*FLAGS, *flags, f"--user-data-dir={folder / 'profile'}"]}
    if not scripts:
        options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
    wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
    with running([found[1], f"--port={port}"], log) as process:
        driver = f"http://127.0.0.1:{port}"
        wait_for(f"{driver}/status", process, log)
        session = requests.post(f"{driver}/session", json=wanted, timeout=60).json()["value"]
        address = f"{driver}/session/{session['sessionId']}"
        try:
            yield Browser(address)
        finally:
            requests.delete(address, timeout=60)
