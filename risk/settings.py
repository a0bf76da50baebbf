"""What an assessment may be asked to do differently; every choice here is printed with the result."""

import math
from dataclasses import dataclass, field

from parkrisk.models.errors import OutOfRange
from parkrisk.models.footprint import PolarGrid
from parkrisk.risk.mapping.contours import CONTOUR_LEVELS, checked_levels
from parkrisk.risk.mapping.loads import check_rose
from parkrisk.scenarios.ignition.located import check_method


@dataclass(frozen=True)
class Settings:
    """Choices of method and resolution.

    Parameters
    ----------
    loss_set : str
        Set of losses of containment and their frequencies: a name in ``scenarios/data/loss_of_containment.csv``.
    frequency_cut_off : float
        Losses of containment rarer than this are dropped and counted. [1/yr]
    delayed_ignition : str
        "free_field": a cloud that did not ignite at once ignites at its largest extent. "located": only where it meets
        an ignition source, see ``parkrisk.scenarios.ignition.located``.
    wind_rose : str
        How individual risk reads the wind rose between its directions: "piecewise_constant" within each sector, or
        "mean_preserving_linear" between their centres. Societal risk takes it as constant within each sector.
    grid : PolarGrid
        Resolution around each source.
    cell_m : float or None
        Cell of the risk raster; None: the finest of 10, 20, 50, 100 ... m that keeps it below half a million cells. [m]
    margin_m : float
        How far the raster reaches beyond units and targets at least; it grows until the outermost contour closes. [m]
    contour_levels : tuple of float
        Levels of individual risk to draw. [1/yr]
    time_to_failure_mode : str
        Reading of the time-to-failure probit: a mode name of ``parkrisk.models.vulnerability.fragility``.
    domino_histories : int
        Sampled cascades per primary event, at least 1.
    domino_standard_error : float or None
        Asked for, relative to the expected number of secondary failures per year: more cascades are sampled until it
        is met, or there are ``domino_most_histories`` of each primary event. None: as it comes.
    domino_most_histories : int
        At least ``domino_histories``.
    threads : int or None
        Threads of the parallel kernels; the result does not depend on it.

    Raises
    ------
    OutOfRange
        An unknown ``delayed_ignition`` or ``wind_rose``; contour levels, ``cell_m`` or ``margin_m`` make no map; or
        numbers of cascades or their error do not fit.
    """

    loss_set: str = "aqt3046"
    frequency_cut_off: float = 1e-8
    delayed_ignition: str = "free_field"
    wind_rose: str = "piecewise_constant"
    grid: PolarGrid = field(default_factory=PolarGrid)
    cell_m: float | None = None
    margin_m: float = 500.0
    contour_levels: tuple[float, ...] = CONTOUR_LEVELS
    time_to_failure_mode: str = "response_times"
    domino_histories: int = 100
    domino_standard_error: float | None = None
    domino_most_histories: int = 100_000
    threads: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is unknown, and a map that cannot be."""
        check_method(self.delayed_ignition)
        check_rose(self.wind_rose)
        checked_levels(self.contour_levels)
        if self.domino_standard_error is not None and not self.domino_standard_error > 0.0:
            raise OutOfRange("domino_standard_error 必须为正", "domino_standard_error must be above 0")
        if self.domino_most_histories < self.domino_histories:
            raise OutOfRange(
                "domino_most_histories 不得小于 domino_histories",
                "domino_most_histories must not be below domino_histories",
            )
        if self.cell_m is not None and not 0.0 < self.cell_m < math.inf:
            raise OutOfRange("cell_m 必须为正的有限数", "cell_m must be above 0 and finite")
        if not 0.0 <= self.margin_m < math.inf:
            raise OutOfRange("margin_m 必须为不小于 0 的有限数", "margin_m must be 0 or more and finite")
