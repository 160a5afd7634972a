"""The app's end of the pipe: Textual's driver for the web, which ends with its server.

Named to Textual by the variable `TEXTUAL_DRIVER`, see `child.py`.
"""

from __future__ import annotations

from typing import Any

from textual import messages
from textual.drivers.web_driver import WebDriver


class ServedDriver(WebDriver):
    """A WebDriver that leaves no orphan and makes the browser open or save nothing."""

    def run_input_thread(self) -> None:
        """Read until the pipe closes, and then quit: the server is gone, however it ended."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Nothing: a stranger's link is not for the browser that moderates."""

    def deliver_binary(self, binary: Any, **about: Any) -> None:
        """Nothing: the server has no downloads."""
        binary.close()
