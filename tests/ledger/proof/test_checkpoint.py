"""Checkpoints and the cosignatures of their witnesses."""

import string
from base64 import b64encode
from functools import partial
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proof.inclusion import EMPTY_ROOT
from ledger.proof.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    NoteRefused,
    Signer,
    checked,
    cosigned,
    opened,
    read_checkpoint,
    signed,
)
from tests.ledger.proof.test_note import (
    CHECKPOINT,
    LOG,
    NOTE,
    TEXT,
    TIME,
    WITNESSES,
    flip,
    refused,
    rewritten,
)

# The body of the example of c2sp.org/tlog-checkpoint and tlog-cosignature.
SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = b64encode(sha256(b"root").digest()).decode()
OTHER_LOG = Signer("ledger.example/main", ED25519, bytes(range(1, 33)))


def test_the_checkpoint_of_the_specification() -> None:
    """Origin, size and root, and the message that a witness signs."""
    checkpoint = read_checkpoint(SOFA)

    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20_852_163
    assert checkpoint.text == SOFA
    witness = WITNESSES[0].verifier
    note = cosigned(signed(SOFA, LOG), WITNESSES[0], TIME)
    message = f"cosignature/v1\ntime 1679315147\n{SOFA}".encode()
    expected = witness.id + TIME.to_bytes(8) + WITNESSES[0].sign(message)
    assert note.endswith(f"\n— w1.example {b64encode(expected).decode()}\n")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        f"o\n5\n{ROOT}",
        f"\n5\n{ROOT}\n",
        f"o\n05\n{ROOT}\n",
        f"o\n+5\n{ROOT}\n",
        f"o\n-5\n{ROOT}\n",
        f"o\n5 \n{ROOT}\n",
        f"o\n٥\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n{10**30}\n{ROOT}\n",
        f"o\n0\n{ROOT}\n",
        f"o\n5\n{ROOT}\n\n",
        f"o\n5\n{ROOT}\next\n\n",
        f"o\n5\n{ROOT}\n\next\n",
        "o\n5\nAAAA\n",
        "o\n5\n\n",
        "o\n5\n",
        f"o\n{ROOT}\n5\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(body: str) -> None:
    """Numbers without leading zeros, 32 bytes of root, no empty lines."""
    refused("note.checkpoint", read_checkpoint, body)


@pytest.mark.parametrize("root", [ROOT[:-2] + "t=", ROOT[:-1], ROOT + "=", f" {ROOT}", "!" * 44])
def test_a_root_in_other_base64_is_refused(root: str) -> None:
    """One root has one spelling."""
    with pytest.raises(NoteRefused):
        read_checkpoint(f"o\n5\n{root}\n")


@given(
    st.text(string.printable[:94] + "账簿 ", min_size=1),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(string.printable[:94] + " —", min_size=1)),
)
def test_a_checkpoint_is_read_back(
    origin: str, size: int, root: bytes, extension: list[str]
) -> None:
    """Extension lines too."""
    checkpoint = Checkpoint(origin, size, root, tuple(extension))

    assert read_checkpoint(checkpoint.text) == checkpoint
    assert checked(signed(checkpoint.text, LOG), [LOG.verifier]).checkpoint == checkpoint


def test_a_checkpoint_of_the_empty_log() -> None:
    """Size 0 and the hash of nothing."""
    assert read_checkpoint(Checkpoint("o", 0, EMPTY_ROOT).text).size == 0


@pytest.mark.parametrize("extension", ["", "a\nb", "\t"])
def test_a_checkpoint_of_odd_lines_is_not_made(extension: str) -> None:
    """A checkpoint that could not be read back is not written."""
    refused("note.checkpoint", Checkpoint, "o", 5, bytes(32), (extension,))


def test_witnesses_are_counted() -> None:
    """Enough of the trusted ones, each once, with the time of its last signature."""
    one, two = (each.verifier for each in WITNESSES)
    note = cosigned(cosigned(NOTE, WITNESSES[0], TIME + 9), WITNESSES[0], TIME)

    result = checked(note, [LOG.verifier], [one, two], 1)
    assert result.checkpoint == CHECKPOINT
    assert result.signers == (LOG.verifier,)
    assert result.witnesses == ((one, TIME + 9),)
    refused("note.witnesses", checked, note, [LOG.verifier], [one, two], 2)
    refused("note.witnesses", checked, note, [LOG.verifier], [two], 1)
    both = cosigned(note, WITNESSES[1], TIME)
    assert len(checked(both, [LOG.verifier], [two, one], 2).witnesses) == 2
    assert checked(both, [LOG.verifier]).witnesses == ()


def test_nobody_counts_twice() -> None:
    """Not under two names, and a log is not its own witness."""
    again = Signer("alias.example", COSIGNATURE, WITNESSES[0].seed)
    itself = Signer("itself.example", COSIGNATURE, LOG.seed)
    note = cosigned(cosigned(cosigned(NOTE, WITNESSES[0], TIME), again, TIME), itself, TIME)
    known = [each.verifier for each in (WITNESSES[0], again, itself)]

    refused("note.witnesses", checked, note, [LOG.verifier], known, 2)
    assert checked(note, [LOG.verifier], known, 1)


def test_a_cosignature_holds_for_its_time_and_checkpoint() -> None:
    """Another time, another body, another bit: a wrong signature of a trusted witness."""
    note = cosigned(NOTE, WITNESSES[0], TIME)
    known = [WITNESSES[0].verifier]
    for at in range(4, 76):
        wrong = rewritten(note, -2, partial(flip, at, 0))
        refused("note.bad-signature", checked, wrong, [LOG.verifier], known)
    moved = Checkpoint(CHECKPOINT.origin, 6, CHECKPOINT.root)
    wrong = signed(moved.text, LOG) + note.split("\n")[-2] + "\n"
    refused("note.bad-signature", checked, wrong, [LOG.verifier], known)


def test_a_time_beyond_the_bounds() -> None:
    """Below 2**63, as the specification has it."""
    for time in (-1, 2**63):
        refused("note.time", cosigned, NOTE, WITNESSES[0], time)
    late = 2**63
    message = f"cosignature/v1\ntime {late}\n{CHECKPOINT.text}".encode()
    run = WITNESSES[0].verifier.id + late.to_bytes(8) + WITNESSES[0].sign(message)
    note = f"{NOTE}— w1.example {b64encode(run).decode()}\n"
    refused("note.bad-signature", opened, note, [WITNESSES[0].verifier])


def test_no_key_does_the_work_of_another_kind() -> None:
    """A log's key does not witness, a witness's key does not sign, and neither is trusted so."""
    witness = WITNESSES[0]

    refused("note.key-kind", signed, TEXT, witness)
    refused("note.key-kind", cosigned, NOTE, LOG, TIME)
    refused("note.key-kind", checked, NOTE, [witness.verifier])
    refused("note.key-kind", checked, NOTE, [LOG.verifier], [LOG.verifier])
    refused("note.checkpoint", cosigned, signed(TEXT, LOG), witness, TIME)


def test_another_log_of_the_same_name_is_unknown() -> None:
    """The key decides, not the name."""
    refused("note.unknown-keys", checked, NOTE, [OTHER_LOG.verifier])


def test_the_origin_may_be_asked_for() -> None:
    """One key may sign for several books; the reader may want this one."""
    assert checked(NOTE, [LOG.verifier], origin="ledger.example/main")
    other = partial(checked, origin="ledger.example/other")
    refused("note.origin", other, NOTE, [LOG.verifier])


def test_a_note_that_is_no_checkpoint() -> None:
    """Signed by the log, but of something else."""
    refused("note.checkpoint", checked, signed(TEXT, LOG), [LOG.verifier])
