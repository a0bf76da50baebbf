"""A document with every kind of block, in both languages."""

from datetime import date

from matplotlib.figure import Figure as Drawing

from parkrisk.api.report.content import (
    Bullets,
    Callout,
    Cell,
    Chapter,
    Document,
    Facts,
    Figure,
    Paragraph,
    Section,
    Table,
)

HOSTILE = '#set page() $x^2$ \\ "quoted" <tag> & @ref *bold* _low_ `raw` // no comment'


def drawn(folder, name="curve"):
    """A picture as SVG and PNG; its path without ending."""
    drawing = Drawing(figsize=(6.0, 3.0))
    drawing.add_subplot().plot([1, 2, 3], [1, 4, 9])
    for ending in ("svg", "png"):
        drawing.savefig(folder / f"{name}.{ending}", metadata={"Date": None} if ending == "svg" else None)
    return folder / name


def blocks_of_every_kind(picture, zh=True):
    """One block of each kind, with words that a test can look for."""
    name = "东港石化甲醇储罐" if zh else "Methanol tank East"
    rows = tuple(
        (f"V-{n:03d}", name, f"{n / 7:.2f}×10⁻⁵", Cell("ok", "good") if n % 3 else Cell("over", "bad"))
        for n in range(70)
    )
    header = ("编号", "名称", "风险〔/年〕", "结论") if zh else ("id", "name", "risk [/yr]", "verdict")
    wide_header = tuple(f"c{n}" for n in range(12))
    return (
        Paragraph("本段为正文，说明评估范围。" * 6 if zh else "This is running text about the scope. " * 6),
        Paragraph("小字说明。" if zh else "A small remark.", small=True),
        Bullets(("第一点", "第二点") if zh else ("first point", "second point")),
        Bullets(("先做这个", "再做那个") if zh else ("do this first", "then that"), numbered=True),
        *(
            Callout(kind, f"提示{kind}" if zh else f"message {kind}", name)
            for kind in ("good", "bad", "unknown", "note")
        ),
        Facts((("园区", name), ("digest", "0123456789abcdef" * 4))),
        Table(
            "设备清单" if zh else "List of units",
            header,
            rows,
            "llrc",
            (1.0, 2.0, 1.0, 1.0),
            note="来源：示例" if zh else "source: sample",
        ),
        Figure(picture, "风险曲线" if zh else "A curve", 0.8, note="图注" if zh else "remark"),
        Table(
            "宽表" if zh else "A wide table",
            wide_header,
            (tuple(Cell(str(n), "muted" if n % 2 else "strong") for n in range(12)),) * 3,
            "r" * 12,
            wide=True,
        ),
        Paragraph("宽表之后。" if zh else "After the wide table."),
        Table("单元格含义" if zh else "Meanings", ("a", "b"), ((Cell("缺", "unknown"), HOSTILE), ("", "")), "lc"),
    )


def document(folder, lang="zh", **more):
    """A report with two chapters of every kind of block."""
    zh = lang == "zh"
    blocks = blocks_of_every_kind(drawn(folder), zh)
    chapter = Chapter(
        "园区概况" if zh else "The park",
        blocks[:2],
        (Section("设备" if zh else "Units", blocks), Section("末节" if zh else "Last", blocks[:1])),
    )
    given = {
        "lang": lang,
        "title": "示范化工园区整体性安全风险评估报告" if zh else "Safety risk of a sample park",
        "subtitle": "样本" if zh else "a sample",
        "cover": (("园区", "示范园区"), ("摘要值", "fedcba9876543210" * 4))
        if zh
        else (("park", "Sample"), ("digest", "fedcba9876543210" * 4)),
        "summary": (Callout("bad", "等级 B" if zh else "grade B", HOSTILE), blocks[9]),
        "chapters": (chapter, Chapter("结论" if zh else "Conclusion", blocks[:1])),
        "running_head": "示范园区 · 报告" if zh else "sample park · report",
        "dated": date(2025, 3, 1),
        "notices": (
            Callout("note", "示范数据" if zh else "demonstration", "数据均为假定" if zh else "all data assumed"),
        ),
    }
    return Document(**(given | more))
