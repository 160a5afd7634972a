"""The review app for the terminal (Textual).

Importing this package costs nothing: Textual is loaded when the app is opened.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moderation.config import Config
    from tui.app import ReviewApp as ReviewApp

__all__ = ["ReviewApp", "run"]


def run(path: Path, moderator: str, config: Config | None = None) -> int:
    """Review the queue in the database `path` as `moderator`, until the person quits.

    Returns 0, or 3 when the database could not be opened and the person gave up. Needs
    a terminal: whether there is one is for the caller to find out first. With `config`
    its rules' thresholds, its `[review]` and the theme chosen last hold.

    Raises:
        Exception: a bug of ours ended the app; the terminal is as it was.
        ConfigError: `[review.keys]` names what is no action or no key, or clashes.
    """
    from tui.app import ReviewApp
    from tui.setup import Setup, state_file

    setup = Setup() if config is None else Setup.of(config, state_file())
    app = ReviewApp(path, moderator, setup)
    # What has been loaded stays. Looking through it for garbage takes a tenth of a second,
    # for which one key in a dozen would wait.
    gc.freeze()
    app.run()
    if app.crash is not None:
        raise app.crash
    return app.return_code or 0


def __getattr__(name: str) -> object:
    if name == "ReviewApp":
        from tui.app import ReviewApp

        return ReviewApp
    raise AttributeError(name)
