"""What can go wrong in the store."""

from sqlalchemy.exc import DontWrapMixin

from parkrisk.models.errors import ParkRiskError


class StoreError(ParkRiskError):
    """Root of the errors of the store."""

    code = "store.error"


class BadAddress(StoreError):
    """The address of the database is no address of a SQLite file or a PostgreSQL database."""

    code = "store.bad_address"

    def __init__(self) -> None:
        super().__init__(
            "数据库地址无效：应为 sqlite:///文件 或 postgresql://用户@主机/库",
            "the database address must be sqlite:///FILE or postgresql://USER@HOST/NAME",
        )


class Unreachable(StoreError):
    """The database cannot be opened."""

    code = "store.unreachable"

    def __init__(self) -> None:
        super().__init__("无法打开数据库，详见日志", "the database cannot be opened; see the log")


class NewerDatabase(StoreError):
    """The database was written by a later release."""

    code = "store.newer_database"

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"数据库由更新的版本写入（结构 {revision}），请升级本程序",
            f"the database was written by a newer release (schema {revision}); upgrade this program",
        )


class NotFound(StoreError):
    """The tenant has no such thing."""

    code = "store.not_found"

    def __init__(self, what_zh: str, what_en: str) -> None:
        super().__init__(f"没有此{what_zh}", f"there is no such {what_en}")


class BadCursor(StoreError):
    """The cursor is not one that a list gave."""

    code = "store.bad_cursor"

    def __init__(self) -> None:
        super().__init__("翻页标记无效，请从第一页重新开始", "the cursor is not valid; start again from the first page")


class KeyReused(StoreError):
    """An idempotency key came again with another request."""

    code = "store.idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "此 Idempotency-Key 已用于另一请求", "this Idempotency-Key was used before with a different request"
        )


class UnstorableText(StoreError, DontWrapMixin):
    """Text with a NUL or half a surrogate pair, which a database cannot hold."""

    code = "store.unstorable_text"

    def __init__(self) -> None:
        super().__init__(
            "文字含有无法保存的字符（空字符或不完整的代理对）",
            "the text has characters that cannot be stored (NUL or half a surrogate pair)",
        )
