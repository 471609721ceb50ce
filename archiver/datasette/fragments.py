"""A quote as its article's markup shows it: cleaned by nh3 of everything but words and their order, and shown
in a frame of its own in which nothing runs, nothing is loaded, and no link leads anywhere."""

from __future__ import annotations

from functools import cache

__all__ = ["can_show", "cleaned"]

_TAGS = (
    "a abbr b bdi bdo blockquote br caption cite code dd del div dl dt em figcaption figure h1 h2 h3 h4 h5"
    " h6 hr i ins kbd li mark ol p pre q s samp small span strong sub sup table tbody td tfoot th thead time"
    " tr u ul wbr"
)
_WITH_CONTENT = (
    "script style template noscript iframe object embed svg math video audio canvas head title textarea"
    " select option button form"
)
_ATTRIBUTES = {"*": {"lang", "dir"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_LONGEST = 200_000


def can_show(fragment: str | None) -> bool:
    """Whether there is anything in it that a browser would show otherwise than as plain text, and nh3 is
    there to clean it: it comes with ``archiver[datasette]``."""
    text = (fragment or "").lstrip()
    return text.startswith("<") and ">" in text and _has_cleaner()


def cleaned(fragment: str) -> str:
    """The markup without scripts, styles, pictures, frames, forms and addresses: HTML that may stand in a
    page. Of very long markup the beginning."""
    import nh3

    return nh3.clean(
        fragment[:_LONGEST],
        tags=set(_TAGS.split()),
        clean_content_tags=set(_WITH_CONTENT.split()),
        attributes=_ATTRIBUTES,
        url_schemes=set(),
        link_rel=None,
    )


@cache
def _has_cleaner() -> bool:
    try:
        import nh3  # noqa: F401
    except ImportError:
        return False
    return True
