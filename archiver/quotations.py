"""Where the prose of an article quotes, in quotation marks, the words of a post that it also embeds.

A wrong tie is worse than none. What is quoted must be the words of the post in their order, and the prose
must say whose words they are, or that they were posted; words that the post itself quotes are somebody
else's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, cached_property

from archiver import resources, speech
from archiver.flattened.language import languages
from archiver.model import Quotation, Sighting
from archiver.speech import Prose, Spoken

__all__ = ["tied"]

_RUN = 3
"""How many words in a row a post and what is quoted of it must share to be compared."""
_LEAST_WITH_BOTH, _LEAST_IN_PARAGRAPH, _LEAST_WITH_POSTING, _LEAST_WITH_AUTHOR, _LEAST_NEARBY = (
    4,
    6,
    8,
    10,
    12,
)
"""How many words of a post, without a change, are enough where the sentence names both the author and the
posting; the paragraph both of them; the sentence the posting; the sentence the author, or the paragraph one
of them; the passage one of them."""
_LEAST_CHANGED, _ALIKE = 6, 0.8
_LEAST_STEMS, _SHARED_STEMS, _STEM, _LONG_WORD = 4, 0.3, 4, 5
_FARTHEST = 1500
_LEAST_TRANSLATED = 40
_NEAR = 600
"""How many characters before and after count as the same passage of an article."""
_MOST_COMPARED, _MOST_IN_RUN, _MOST_WORDS = 3, 20, 1000
_LEAST_NAME = 3
# What an editor leaves out or puts in.
_LEFT_OUT = re.compile(r"[\[(]?(?:…|\.{3,20})[\])]?|\[[^\[\]]{2,80}\]")
_CAPITAL = re.compile(r"\[(\w)\](?=\w)")
_CHANGING = ("…", "...", "[")
# "Name: what they say" in a post.
_SPEAKER = re.compile(r"^\W{0,10}[^\W\d][^\n.!?|:]{1,40}:[^\S\n]+(?=\S)", re.MULTILINE)
_HANDLE_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_DIGITS = re.compile(r"\d")
_MARKS = ".,;:!?()[]“”„\"'‘’«»"


@dataclass
class _Post:
    """A post that an article embeds, as it is compared."""

    number: int
    seen: Sighting

    @cached_property
    def placed(self) -> list[tuple[str, int, int]]:
        return speech.words(self.seen.text or "")[:_MOST_WORDS]

    @cached_property
    def words(self) -> list[str]:
        return speech.said(self.seen.text or "")[:_MOST_WORDS]

    @cached_property
    def joined(self) -> str:
        return "\0".join(["", *self.words, ""])

    @cached_property
    def others(self) -> list[tuple[int, int]]:
        """Where the post itself quotes somebody: between marks, or behind a name and a colon."""
        text = self.seen.text or ""
        lines = [(found.end(), _line_end(text, found.end())) for found in _SPEAKER.finditer(text)]
        return [*speech.quoted(text), *lines]

    @cached_property
    def stems(self) -> frozenset[str]:
        """What a translation may share with it; the author's name does not count."""
        return _stems(self.seen.text or "") - {name[:_STEM] for name in self.names}

    @cached_property
    def names(self) -> frozenset[str]:
        """The words by which prose names the author."""
        found = speech.said(self.seen.author_name or "")
        found += [speech.folded(word) for word in _HANDLE_WORD.findall(self.seen.handle or "")]
        found.append((self.seen.handle or "").casefold())
        return frozenset(_bare(word) for word in found if len(word) >= _LEAST_NAME or not word.isascii())


@dataclass(frozen=True, slots=True)
class _Tie:
    post: _Post
    kind: str
    count: int
    alike: float = 1.0


def tied(seen: Sequence[Sighting], prose: Prose) -> list[tuple[Quotation, ...]]:
    """For each quote of an article the places at which its prose quotes the same post, in order. ``seen``
    have the numbers of the embeds of ``prose``. Of quotes with the same words the first is quoted."""
    posts = [_Post(number, one) for number, one in enumerate(seen) if one.text and one.kind == "embed"]
    found: list[list[Quotation]] = [[] for _ in seen]
    spoken = list(speech.spoken(prose.text)) if posts else []
    runs = _runs(posts) if spoken else {}
    for one in spoken:
        tie = _same(one, prose, runs) or _translated(one, prose, posts)
        if tie:
            found[tie.post.number].append(_quotation(one, prose, tie))
    return [tuple(several) for several in found]


def _runs(posts: Iterable[_Post]) -> dict[tuple[str, ...], list[_Post]]:
    """The posts by what they say, word by word."""
    found: defaultdict[tuple[str, ...], list[_Post]] = defaultdict(list)
    for post in posts:
        for run in _in_a_row(post.words):
            having = found[run]
            if len(having) < _MOST_IN_RUN and post not in having[-1:]:
                having.append(post)
    return found


def _in_a_row(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(words[first:] for first in range(_RUN)), strict=False)


def _same(one: Spoken, prose: Prose, runs: dict[tuple[str, ...], list[_Post]]) -> _Tie | None:
    """The post whose words stand there, in its language."""
    text = prose.text[one.start : one.end]
    if text.isascii() and text.count(" ") < _RUN - 1:
        return None
    is_whole = not any(sign in text for sign in _CHANGING)
    parts = [text] if is_whole else _LEFT_OUT.split(_CAPITAL.sub(r"\1", text))
    pieces = [speech.said(part) for part in parts]
    said = [word for piece in pieces for word in piece]
    shared = [run for run in _in_a_row(said) if run in runs]
    if not shared:
        return None
    near: Counter[int] = Counter()
    by_number: dict[int, _Post] = {}
    for run in shared:
        for post in runs[run]:
            near[post.number] += 1
            by_number[post.number] = post
    ranked = sorted(near, key=lambda number: (-near[number], number))[:_MOST_COMPARED]
    ties = [_compared(by_number[number], pieces, said) for number in ranked]
    believed = [tie for tie in ties if tie and _is_believed(tie, one, prose)]
    return max(believed, key=lambda tie: (tie.alike, -tie.post.number), default=None)


def _compared(post: _Post, pieces: list[list[str]], said: list[str]) -> _Tie | None:
    """How what is quoted stands to the words of a post; None where it is not of it."""
    places = _places(post, [piece for piece in pieces if piece])
    if places:
        if any(_is_others(post, *place) for place in places):
            return None
        return _Tie(post, "verbatim" if len(said) == len(post.words) else "shortened", len(said))
    if len(said) < _LEAST_CHANGED or len(said) > len(post.words) * 2:
        return None
    blocks = SequenceMatcher(None, post.words, said, autojunk=False).get_matching_blocks()
    alike = sum(block.size for block in blocks) / len(said)
    longest = max(blocks, key=lambda block: block.size)
    if alike < _ALIKE or longest.size < _RUN or _is_others(post, longest.a, longest.a + longest.size):
        return None
    return _Tie(post, "changed", len(said), alike)


def _places(post: _Post, pieces: Iterable[list[str]]) -> list[tuple[int, int]]:
    """Where each piece stands among the words of a post, one behind the other; empty where one does not."""
    found = []
    at = 0
    for piece in pieces:
        wanted = "\0".join(["", *piece, ""])
        at = post.joined.find(wanted, at)
        if at < 0:
            return []
        first = post.joined.count("\0", 0, at)
        found.append((first, first + len(piece)))
        at += len(wanted) - 1
    return found


def _is_others(post: _Post, first: int, last: int) -> bool:
    """Whether words of a post are somebody's whom it quotes."""
    start, end = post.placed[first][1], post.placed[last - 1][2]
    return any(begin <= start and end <= stop for begin, stop in post.others)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _is_believed(tie: _Tie, one: Spoken, prose: Prose) -> bool:
    """Whether the prose says enough of whose words they are."""
    here = _signs(tie.post, speech.sentence(prose.text, one))
    if len(here) == 2:
        return tie.count >= min(_LEAST_WITH_BOTH, len(tie.post.words))
    if tie.kind == "changed":
        return bool(here) and tie.count >= _LEAST_NEARBY
    if tie.count >= (_LEAST_WITH_AUTHOR if "author" in here else _LEAST_WITH_POSTING) and here:
        return True
    paragraph = _signs(tie.post, _paragraph(one, prose))
    if tie.count >= (_LEAST_IN_PARAGRAPH if len(paragraph) == 2 else _LEAST_WITH_AUTHOR) and paragraph:
        return True
    return tie.count >= _LEAST_NEARBY and bool(_signs(tie.post, _around(one, prose)))


def _paragraph(one: Spoken, prose: Prose) -> str:
    first = max(prose.text.rfind("\n", 0, one.start), one.start - _NEAR) + 1
    last = prose.text.find("\n", one.end, one.end + _NEAR)
    text = prose.text[first : last if last >= 0 else one.end + _NEAR]
    return text.replace(prose.text[one.start : one.end], " ")


def _around(one: Spoken, prose: Prose) -> str:
    return f"{prose.text[max(0, one.start - _NEAR) : one.start]} {prose.text[one.end : one.end + _NEAR]}"


def _signs(post: _Post | None, text: str) -> list[str]:
    """By what a piece of prose tells whose words it quotes: the author is named, or the posting."""
    said = set(map(_bare, speech.said(text)))
    found = ["author"] if post and said & post.names else []
    return [*found, "platform"] if _says_posted(text, said) else found


def _says_posted(text: str, said: Iterable[str]) -> bool:
    begins, joined, alone = _posting()
    if any(word.startswith(begins) for word in said) or any(piece in text for piece in joined):
        return True
    return any(word.strip(_MARKS) in alone for word in text.split())


@cache
def _posting() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    table = resources.read_json("quotations.json")
    return tuple(map(_bare, table["begins"])), tuple(table["joined"]), tuple(table["alone"])


def _bare(word: str) -> str:
    """A word in lower case, without diacritics."""
    if word.isascii():
        return word.casefold()
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))


def _translated(one: Spoken, prose: Prose, posts: Sequence[_Post]) -> _Tie | None:
    """The post of which a translation stands there: near it, said to be posted, its author named close by,
    in another language, with many of its names, numbers and words that the languages share."""
    if one.end - one.start < _LEAST_TRANSLATED or not any(_is_near(one, prose, post) for post in posts):
        return None
    text, sentence = prose.text[one.start : one.end], speech.sentence(prose.text, one)
    stems = _stems(text)
    if len(stems) < _LEAST_STEMS or "platform" not in _signs(None, sentence.replace(text, " ")):
        return None
    ties = []
    for post in posts:
        if not _is_near(one, prose, post):
            continue
        shared = stems & post.stems
        alike = len(shared) / len(stems)
        if len(shared) >= _LEAST_STEMS and alike >= _SHARED_STEMS and _is_of_author(post, one, prose):
            ties.append(_Tie(post, "translated", len(shared), alike))
    ties = [tie for tie in ties if _in_another_language(text, tie.post.seen.text or "")]
    return ties[0] if len(ties) == 1 else None


def _is_near(one: Spoken, prose: Prose, post: _Post) -> bool:
    """Whether the embed of a post stands close to what is quoted."""
    at = prose.embeds.get(post.number)
    return at is not None and abs(at - one.start) <= _FARTHEST


def _is_of_author(post: _Post, one: Spoken, prose: Prose) -> bool:
    return "author" in _signs(post, _around(one, prose))


def _in_another_language(one: str, other: str) -> bool:
    here, there = languages(one), languages(other)
    return bool(here and there) and not here & there


def _stems(text: str) -> frozenset[str]:
    """What words of two languages may share: how long ones begin, and numbers."""
    found = map(_bare, speech.said(text))
    return frozenset(
        word if _DIGITS.match(word) else word[:_STEM]
        for word in found
        if len(word) >= _LONG_WORD or _DIGITS.match(word)
    )


def _quotation(one: Spoken, prose: Prose, tie: _Tie) -> Quotation:
    sentence = speech.sentence(prose.text, one)
    signs = _signs(tie.post, sentence)
    in_page = bool(prose.blocks)
    return Quotation(
        kind=tie.kind,
        text=" ".join(prose.text[one.start : one.end].split()),
        sentence=" ".join(sentence.split()),
        signs=tuple(signs or ["near"]),
        place=prose.place(one.start) if in_page else None,
        span=None if in_page else (one.start, one.end),
    )
