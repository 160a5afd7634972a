"""Comment moderation on your own machine: rules, a toxicity model, a review queue."""

# Nothing is imported before it is asked for, not even `typing`: `moderation --version` and
# the completion of the shell wait for this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from moderation.comments import Assessment, Author, Comment, Thread
    from moderation.scan import Scanner

__version__ = "0.1.0"

__all__ = ["Assessment", "Author", "Comment", "Scanner", "Thread", "__version__"]

_MODULES = {
    "Assessment": "moderation.comments",
    "Author": "moderation.comments",
    "Comment": "moderation.comments",
    "Scanner": "moderation.scan",
    "Thread": "moderation.comments",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
