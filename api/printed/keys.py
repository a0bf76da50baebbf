"""What ``parkrisk keys list`` prints."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from parkrisk.api.printed import terminal
from parkrisk.api.printed.terminal import Columns, listed, pick

_KEYS: Columns = {
    "id": ("编号", "id", ""),
    "role": ("角色", "role", ""),
    "name": ("名称", "name", ""),
    "created": ("创建", "created", ""),
    "expires": ("到期", "expires", ""),
    "revoked": ("撤销", "revoked", ""),
    "last_used": ("最近使用", "last used", ""),
}


def show_keys(keys: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Print the keys of a tenant; times are UTC, to the minute."""
    table = pd.DataFrame(keys, columns=list(_KEYS))
    for name in ("created", "expires", "revoked", "last_used"):
        table[name] = [pick(lang, "无", "never") if at is None else at[:16].replace("T", " ") for at in table[name]]
    terminal.OUT.print(listed(pick(lang, "密钥", "keys"), table, _KEYS, lang))
