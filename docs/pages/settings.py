"""Settings: the environment that the service and the engine read."""

from pages.marked import code, page, plain, table
from parkrisk.api.service.settings import described

_OF_ENGINE = (
    ("PARKRISK_CACHE_DIR", "the user's cache folder", "缓存文件夹：编译的内核、足迹、流体物性", "Folder of caches: compiled kernels, footprints, fluids"),
    ("PARKRISK_FOOTPRINT_CACHE_MB", "1000", "磁盘上足迹缓存的上限 [MB]；0：不缓存", "Most footprints kept on disk [MB]; 0: none"),
)  # fmt: skip


def pages() -> dict[str, str]:
    """One page."""
    head = ("setting", "default", "meaning", "含义")
    rows = [(code(each.name), code(each.default), plain(each.en), plain(each.zh)) for each in described()]
    engine = [(code(name), plain(default), plain(en), plain(zh)) for name, default, zh, en in _OF_ENGINE]
    return {
        "settings": page(
            "Settings 设置",
            "Settings come from the environment; an unknown name with the prefix `PARKRISK_` is an error. Of the service, a setting may also lie as a "
            "file of its name under `/run/secrets`. `assess` itself reads no environment: the same inputs give the same result.",
            "## Engine and caches 计算",
            table(head, engine),
            "## Service 服务",
            table(head, rows),
        )
    }
