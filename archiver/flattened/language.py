"""Whether pieces of text are in the same language: by script, and by the small words of languages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache, lru_cache

from archiver import resources

__all__ = ["ends_open", "hits", "is_small", "languages"]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NO_WORDS = re.compile(r"https?://\S+|\bpic\.\w{1,20}\.\w{2,5}/\w+|[#@＃]\w+")
_LAST = re.compile(r"(?<![\w'’])[^\W\d_]+(?:['’][^\W\d_]+)?\Z")
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "hi": re.compile(r"[\u0900-\u0d7f]"),
    "ka": re.compile(r"[\u10a0-\u10ff\u0530-\u058f]"),
}
_OTHER = re.compile("[\u0370-\u03ff\u0530-\u05ff\u0900-\u0eff\u10a0-\u10ff\u3040-\u9fff\uac00-\ud7af]")
# Japanese is written with Chinese signs too.
_BOTH = {"zh": frozenset(("zh", "ja"))}
_SIGNS_A_WORD = 3
_LEAST_WORDS = 2
_LONGEST = 1500


@cache
def _words() -> dict[str, frozenset[str]]:
    """Each small word and the languages that have it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code, words in resources.read_json("flattened", "languages.json").items():
        if code != "about":
            for word in words.split():
                found[word].add(code)
    return {word: frozenset(codes) for word, codes in found.items()}


@lru_cache(maxsize=1024)
def _counts(text: str) -> Counter[str]:
    """How often each language shows in a text: its small words, or the signs that it alone has."""
    text = _NO_WORDS.sub(" ", text[:_LONGEST])
    counts: Counter[str] = Counter()
    if _OTHER.search(text):
        for code, script in _SCRIPTS.items():
            seen = len(script.findall(text)) // _SIGNS_A_WORD
            if seen:
                counts[code] += seen
    known = _words()
    for word in known.keys() & set(_WORD.findall(text.lower().replace("’", "'"))):
        counts.update(known[word])
    return counts


def languages(text: str) -> frozenset[str]:
    """The languages that a text may be in; none where it does not tell."""
    counts = _counts(text)
    most = max(counts.values(), default=0)
    if most < _LEAST_WORDS:
        return frozenset()
    best = frozenset(code for code, count in counts.items() if count >= most - most // 4)
    return best.union(*(_BOTH.get(code, frozenset()) for code in best))


def ends_open(text: str) -> bool:
    """Whether the last word is one that a sentence goes on after: a small word of some language."""
    last = _LAST.search(text)
    return last is not None and last[0].lower().replace("’", "'") in _words()


def is_small(word: str) -> bool:
    """Whether a word is one of the commonest small words of some language."""
    return word.lower().replace("’", "'") in _words()


def hits(text: str, codes: frozenset[str]) -> int:
    """How much of a text tells that it is in one of these languages."""
    counts = _counts(text)
    return max((counts[code] for code in codes), default=0)
