"""Commands that show what an archive can prove, and that take words out of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from archiver.commands.printing import write
from archiver.options import option

__all__ = ["COMMANDS"]


@click.command()
@click.argument("file", metavar="DB|PROOF.json")
@option("--anchor", "published", metavar="SIZE:ROOT", help="A root that was published; it must fit.")
@option("--json", "as_json", is_flag=True, help="As JSON Lines.")
def verify(file: str, published: str | None, as_json: bool) -> None:
    """Prove that nothing stored has changed; or check a proof.

    \b
      archiver verify quotes.db
      archiver verify quotes.db --anchor 1204:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
      archiver verify proof.json

    Every row is compared with the log of all that came in, every body is unpacked, and what follows from
    other rows is made again. Each row that is not as it was is named. Exit code: 0 when all is as it was
    written, 1 when something is not.
    """
    from archiver.evidence import proofs
    from archiver.evidence.verify import anchor_of, verify
    from archiver.show import one_line

    anchor = anchor_of(published) if published else None
    proof = proofs.read(file) if proofs.is_proof(file) else None
    count = 0
    for finding in verify(file, anchor) if proof is None else proofs.check(proof, anchor):
        count += 1
        _print_finding(finding._asdict(), as_json)
    if count:
        click.echo(f"{one_line(file)}: {count} thing{'s' * (count != 1)} not as written.", err=True)
        click.get_current_context().exit(1)
    size, root = (proof["size"], proof["root"]) if proof else proofs.anchor(file)
    click.echo(f"{one_line(file)}: all as written. {size} entries lead to the root {root}.", err=True)


@click.command()
@click.argument("db", metavar="DB")
@click.argument("quote", metavar="QUOTE")
@option("--output", "-o", metavar="FILE", help="Write to FILE instead of standard output.")
def prove(db: str, quote: str, output: str | None) -> None:
    """Write a proof of one quote that can be checked without the archive.

    \b
      archiver prove quotes.db 0aa2532b0fc4d19a53cf -o proof.json
      archiver verify proof.json

    QUOTE is an id of the table quotes, its beginning, or the key of a post that is quoted once. Whoever
    has the proof and a root that was published (archiver anchor) can see that the quote, and the capture
    that shows it, stood in the archive when that root was published.
    """
    from archiver import export
    from archiver.evidence import proofs
    from archiver.show import json_text

    text = json_text(proofs.prove(db, quote), 2) + "\n"
    if output:
        export.write(output, [text])
    else:
        write(text)


@click.command()
@click.argument("db", metavar="DB")
@option("--json", "as_json", is_flag=True, help="As JSON.")
def anchor(db: str, as_json: bool) -> None:
    """Print the root over all that came in, to be published or stamped.

    \b
      archiver anchor quotes.db
      archiver anchor quotes.db > anchor.txt && ots stamp anchor.txt
      git tag -a archive-2026-01 -m "$(archiver anchor quotes.db)"
      archiver anchor quotes.db | awk '{print $4}' | xargs openssl ts -query -sha256 -out root.tsq -digest

    Anything that shows the line to the world at a known time will do: a newspaper, a signed git tag, an
    OpenTimestamps or RFC 3161 stamp. From then on, nothing that is in the archive now can be changed
    without archiver verify --anchor telling so.
    """
    from archiver.evidence import proofs
    from archiver.show import json_text

    found = proofs.anchor(db)
    write(json_text(found._asdict()) + "\n" if as_json else f"archiver log {found.size} {found.root}\n")


@click.command()
@click.argument("db", metavar="DB")
@click.argument("post", metavar="POST")
@option("--reason", required=True, metavar="TEXT", help="Why; it is kept, and shown to whoever asks.")
@option("--json", "as_json", is_flag=True, help="As JSON.")
def redact(db: str, post: str, reason: str, as_json: bool) -> None:
    """Take the words of a post out of the archive, and keep them out.

    \b
      archiver redact quotes.db 1532643572627645381 --reason "Court order 12/2026"

    The words go out of every table, the search index, the articles that are kept, and the pages of the
    file, the records of it out of the WARC files that archiver has written. A tombstone stays: which post
    it was, who quoted it when, that it was redacted and why. Posts that hold the same words go with it.
    Proofs of everything else hold as before. The sources outside of the archive that hold the words are
    printed. Copies of the archive made before are not changed.
    """
    from archiver import query, run
    from archiver.evidence.redaction import redact as take_out
    from archiver.show import json_text, one_line

    done = take_out(db, query.post(db, post)["id"], reason, run.now())
    if as_json:
        write(json_text(asdict(done)) + "\n")
        return
    for source in done.sources:
        click.echo(one_line(source, 1000))
    click.echo(
        f"Redacted: {', '.join(map(one_line, done.posts))} ({done.quotes} quotes, {done.captures} captures)."
        + " The sources above hold the words as before." * bool(done.sources),
        err=True,
    )


def _print_finding(finding: dict[str, Any], as_json: bool) -> None:
    from archiver.show import json_text, one_line

    if as_json:
        write(json_text(finding) + "\n")
    else:
        click.echo(f"{finding['table']} {one_line(finding['row'])}: {one_line(finding['problem'], 400)}")


COMMANDS = (verify, prove, anchor, redact)
