"""Foreign digests: what is kept elsewhere is named in the log by its digest, each once."""

from uuid import UUID

from ledger.core.command import Cite
from ledger.core.fields import digests_of, fields_of, strings_of, word_of
from ledger.core.record import ForeignDigest
from ledger.core.refusals import ForeignDigestConflict, Malformed
from ledger.core.state import DONE, REPLAYED, Cited, Outcome, State

DIGEST_BYTES = 32
READERS = {
    "what": word_of,
    "reference": word_of,
    "digest": lambda value, at: bytes.fromhex(digests_of([value], at)[0]),
    "metadata": strings_of,
}


def read_cite(sent: object) -> Cite:
    """Read a foreign digest from parsed JSON; refuse what is missing, unknown or of another type.

    The digest is a SHA-256 in lower-case hexadecimal.
    """
    return Cite(**fields_of(sent, READERS, ("what", "reference", "digest"), "a foreign digest"))


def cite(state: State, item: Cite, actor: UUID | None) -> Outcome:
    """Write a foreign digest into the log; the same again is a replay, another is a conflict."""
    for at, value in (("what", item.what), ("reference", item.reference)):
        if word_of(value, at) != value:
            raise Malformed(at, "is not in its normal form")
    if len(item.digest) != DIGEST_BYTES:
        raise Malformed("digest", "is no SHA-256")
    metadata = strings_of(item.metadata, "metadata")
    key = (item.what, item.reference)
    known = state.cited.get(key)
    if known is not None:
        if (known.digest, dict(known.metadata)) != (item.digest, metadata):
            raise ForeignDigestConflict(*key)
        return Outcome(REPLAYED, None, known.seq)
    seq = state.append(ForeignDigest(*key, item.digest, metadata, actor))
    state.put(state.cited, key, Cited(item.digest, metadata, seq))
    return Outcome(DONE, None, seq)
