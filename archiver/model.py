"""The values that everything speaks in: frozen, comparable, picklable, without a line of behaviour.

A Sighting is what the article *shows*; a Quote is what we *understand* by it. Printed words stay in
the Sighting as they were printed, whatever the reading of them says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

__all__ = [
    "Article",
    "Document",
    "Extraction",
    "Link",
    "Moment",
    "Note",
    "Quotation",
    "Quote",
    "Sighting",
]


@dataclass(frozen=True, slots=True)
class Document:
    """An article exactly as received.

    ``kind`` is ``"html"`` (anything that holds markup) or ``"text"``. ``charset`` is what the
    transport declared (HTTP or WARC header, a user's option), None where it said nothing.
    ``captured_at`` is UTC ISO 8601 with ``Z``, None where only the time of reading is known.
    ``captured_by`` says on whose word, where that is not plain from the other fields. ``container`` is
    the archive file that holds the record, ``record_offset`` its byte offset; ``recorded``: it holds it
    because what was fetched is recorded there. ``etag`` and
    ``last_modified`` are what the server gave to ask by whether the page has changed, ``memento`` the
    address of the archived copy that stands in for a page that is gone.
    """

    body: bytes
    kind: str = "html"
    source: str = "-"
    url: str | None = None
    charset: str | None = None
    captured_at: str | None = None
    origin: str | None = None
    media_type: str | None = None
    http_status: int | None = None
    container: str | None = None
    record_offset: int | None = None
    warc_record_id: str | None = None
    captured_by: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    memento: str | None = None
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """What the document says of itself; every field None where it says nothing."""

    url: str | None = None
    title: str | None = None
    site: str | None = None
    byline: str | None = None
    published_on: str | None = None
    changed_on: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link inside a post. ``kind``: url, media, hashtag, mention, quoted or replied."""

    kind: str
    text: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A post as one article shows it, in the article's own words.

    ``form`` and ``kind`` take the values of the contract. ``text`` is None where the article
    carries none, never "" and never a placeholder. ``native_id`` is an id that stands in an
    attribute of its own; ``url`` the post's address as written; ``datetime_written`` a machine
    time as written in an attribute. ``span`` counts characters of the decoded text document;
    ``place`` says where in an HTML document. ``doubts`` are flag codes noticed while seeing;
    ``counts`` what readers did with the post when it was copied (likes, reposts, replies …).
    """

    platform: str
    form: str
    kind: str = "embed"
    position: int = 0
    place: str | None = None
    span: tuple[int, int] | None = None
    fragment: str = ""
    context_before: str = ""
    context_after: str = ""
    text: str | None = None
    author_name: str | None = None
    handle: str | None = None
    date_written: str | None = None
    datetime_written: str | None = None
    url: str | None = None
    native_id: str | None = None
    language: str | None = None
    links: tuple[Link, ...] = ()
    doubts: tuple[str, ...] = ()
    confidence: float = 1.0
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, how fine it is known, and on whose word.

    ``value`` is exact (aware, UTC) or None; ``earliest`` and ``latest`` bound what is known.
    ``basis``: id, attribute, printed, interpolated, or None where nothing is known.
    """

    value: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a post as the prose of its article quotes them too. ``kind``: verbatim, shortened, changed
    or translated; ``text`` is what stands between the quotation marks, ``sentence`` the sentence around;
    ``signs`` by what else they are tied (author, platform, near). ``span`` counts characters of a text
    document, ``place`` says where in a page."""

    kind: str
    text: str
    sentence: str
    signs: tuple[str, ...] = ()
    place: str | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The post as we understand it. ``key`` is its identity, ``url`` its canonical address,
    ``written_on`` the printed date as ISO day, ``text_state`` full, truncated or missing,
    ``confidence`` 0 to 1. ``media_key`` is the key that the platform's own media code alone would give,
    None where the post shows none: by it a quote without an id is known again. ``id_range``: the first
    and the last id that a post of that time can have, where it carries none and ids hold a time.
    ``quotations``: where the prose of the article quotes the post as well."""

    key: str
    sighting: Sighting
    native_id: str | None = None
    url: str | None = None
    written_on: str | None = None
    posted: Moment = field(default_factory=Moment)
    text_state: str = "full"
    flags: tuple[str, ...] = ()
    confidence: float = 1.0
    media_key: str | None = None
    id_range: tuple[str, str] | None = None
    quotations: tuple[Quotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something seen and not understood. ``code`` is a stable word, ``place`` where, ``detail`` what."""

    code: str
    place: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """The answer for one Document. ``charset`` is the encoding the body was read in; ``citations``
    whether links in prose were asked for; ``metadata`` ``head``, or ``full`` where all of the page was read
    for what the article says of itself."""

    document: Document
    article: Article = field(default_factory=Article)
    quotes: tuple[Quote, ...] = ()
    notes: tuple[Note, ...] = ()
    charset: str | None = None
    citations: bool = False
    metadata: str = "head"
