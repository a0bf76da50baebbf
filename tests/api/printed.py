"""What the command prints, as tests read it."""

import json


def refuse(text):
    raise AssertionError(f"{text} in JSON")


def document(out):
    """Give the one JSON document, without NaN, that stands on standard output."""
    assert out.endswith("\n")
    assert out.count("\n") == 1
    return json.loads(out, parse_constant=refuse)


def flat(text):
    """Text without the frames and line breaks of a terminal."""
    return "".join(sign for sign in text if not 0x2500 <= ord(sign) < 0x2580 and not sign.isspace())


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
