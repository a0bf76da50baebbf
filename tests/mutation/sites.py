"""Where the sources can be mutated, by the operators of cosmic-ray, and a sample of it that a seed decides."""

import ast
import dataclasses
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider

PACKAGES = ("models", "risk")

#: Each changes a sign, a bound, a number, a condition or a loop; replacements that hardly ever live are left out.
_BINARY = "Add_Sub Sub_Add Mul_Div Div_Mul FloorDiv_Div Mod_Mul Pow_Mul BitAnd_BitOr BitOr_BitAnd"
_COMPARISON = "Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Eq_NotEq NotEq_Eq Is_IsNot IsNot_Is"
OPERATORS = (
    *(f"ReplaceBinaryOperator_{each}" for each in _BINARY.split()),
    *(f"ReplaceComparisonOperator_{each}" for each in _COMPARISON.split()),
    *(f"ReplaceUnaryOperator_{each}" for each in ("USub_UAdd", "Delete_Not", "Delete_Invert")),
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "NumberReplacer", "ZeroIterationForLoop"),
)
_KERNEL = re.compile(r"(?:^|_)(?:kernel|intrinsic|njit)\b")


@dataclasses.dataclass(frozen=True)
class Site:
    """One mutant: the n-th place (``occurrence``) in a file where an operator applies.

    ``lines`` are those of the statement, or of the body of the function whose header it stands in; ``compiled`` says
    that it is part of a kernel, or of what kernels take in when they are compiled; ``name`` is what a statement
    outside of functions defines, "" within one.
    """

    file: str
    operator: str
    occurrence: int
    line: int
    lines: tuple[int, ...]
    compiled: bool
    name: str

    @property
    def stratum(self) -> str:
        """Package and its part: models/blast, risk/rules, risk."""
        return "/".join(Path(self.file).parts[:-1][:2])

    def mutated(self, source: str) -> str:
        """The source of the file with this mutation."""
        found: str | None = mutate_code(source, OperatorProvider()[self.operator](), self.occurrence)
        if found is None:
            raise ValueError(f"no mutation: {self}")
        return found


def all_sites(root: Path, within: Iterable[str] = ("",)) -> list[Site]:
    """Every mutant of the packages, file by file; only of files whose path begins as one of those told."""
    files = [file for name in PACKAGES for file in sorted((root / name).rglob("*.py"))]
    chosen = [file for file in files if file.relative_to(root).as_posix().startswith(tuple(within))]
    return [site for file in chosen for site in _sites(file, root)]


def sample(sites: Iterable[Site], number: int, seed: int) -> list[Site]:
    """Draw mutants without replacement, from each stratum in proportion to its size, at least one."""
    strata: dict[str, list[Site]] = {}
    for site in sites:
        strata.setdefault(site.stratum, []).append(site)
    total = sum(map(len, strata.values()))
    drawn = []
    for name in sorted(strata):
        count = min(len(strata[name]), max(1, round(number * len(strata[name]) / total)))
        drawn += random.Random(f"{seed} {name}").sample(strata[name], count)
    random.Random(seed).shuffle(drawn)  # so that the first of them are a sample, too
    return drawn


def _sites(file: Path, root: Path) -> Iterator[Site]:
    source = file.read_text(encoding="utf-8")
    places = _Places(ast.parse(source))
    nodes = list(ast_nodes(get_ast(source)))
    for name in OPERATORS:
        operator = OperatorProvider()[name]()
        positions = (position for node in nodes for position in operator.mutation_positions(node))
        for occurrence, ((line, column), _) in enumerate(positions):
            if not places.annotation(line, column):
                lines, compiled, defines = places.around(line)
                yield Site(file.relative_to(root).as_posix(), name, occurrence, line, lines, compiled, defines)


class _Places:
    """Functions, kernels, statements and annotations of one file, by line."""

    def __init__(self, tree: ast.Module) -> None:
        self.functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        self.statements = [each for each in ast.walk(tree) if isinstance(each, ast.stmt)]
        self.has_kernels = any(map(_is_kernel, self.functions))
        notes = [
            note
            for each in ast.walk(tree)
            for note in (getattr(each, "annotation", None), getattr(each, "returns", None))
            if isinstance(note, ast.expr)
        ]
        self.notes = [((n.lineno, n.col_offset), (n.end_lineno or 0, n.end_col_offset or 0)) for n in notes]

    def annotation(self, line: int, column: int) -> bool:
        return any(start <= (line, column) < end for start, end in self.notes)

    def around(self, line: int) -> tuple[tuple[int, ...], bool, str]:
        """Lines that run when this one does, whether it is compiled, what it defines outside of functions."""
        within = [each for each in self.functions if _first(each) <= line <= (each.end_lineno or 0)]
        statement = max((each for each in self.statements if _first(each) <= line <= _last(each)), key=_first)
        if not within:
            return tuple(range(_first(statement), _last(statement) + 1)), self.has_kernels, _defined(statement)
        compiled = any(map(_is_kernel, within))
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):  # a default
            return tuple(range(statement.body[0].lineno, (statement.end_lineno or 0) + 1)), compiled, ""
        return tuple(range(_first(statement), _last(statement) + 1)), compiled, ""


def _is_kernel(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(_KERNEL.search(ast.unparse(each).split("(")[0]) for each in function.decorator_list)


def _first(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


def _last(statement: ast.stmt) -> int:
    """Last line of a simple statement, or of the header of one that holds others."""
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if not body:
        return statement.end_lineno or statement.lineno
    first = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else _first(body[0])
    return max(statement.lineno, first - 1)


def _defined(statement: ast.stmt) -> str:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    names = [each.id for target in targets if target for each in ast.walk(target) if isinstance(each, ast.Name)]
    return names[0] if names else getattr(statement, "name", "")
