"""What holds for every test."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True, scope="session")
def nobodys_cache():
    """No test reads or writes the caches of whoever runs it, in no process."""
    before = os.environ.get("MODERATION_CACHE")
    os.environ["MODERATION_CACHE"] = "off"
    yield
    if before is None:
        del os.environ["MODERATION_CACHE"]
    else:
        os.environ["MODERATION_CACHE"] = before
