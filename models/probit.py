"""Probit to probability, shared by people and equipment."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from parkrisk.models._jit import kernel
from parkrisk.models.bounds import bounded
from parkrisk.models.errors import OutOfRange


@kernel
def probability_kernel(probit: float) -> float:
    """P = Φ(Y - 5), for one probit."""
    return 0.5 * math.erfc((5.0 - probit) / math.sqrt(2.0))


@kernel
def _probabilities(probit: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.empty(probit.size)
    for i in range(probit.size):
        out[i] = probability_kernel(probit[i])
    return out


def probability(probit: ArrayLike) -> NDArray[np.float64]:
    """Turn probits into probabilities.

    Parameters
    ----------
    probit : float or array
        Y of a probit relation; -inf means no dose.

    Returns
    -------
    array, same shape as ``probit``
        Φ(Y - 5).

    Raises
    ------
    OutOfRange
        A probit is NaN.

    References
    ----------
    .. [1] D.J. Finney, *Probit Analysis*, 3rd ed., Cambridge University Press, 1971.

    Examples
    --------
    >>> probability([5.0]).tolist()
    [0.5]
    """
    values = np.asarray(probit, dtype=np.float64)
    if np.isnan(values).any():
        raise OutOfRange("概率单位含非数值 (NaN)", "a probit is NaN")
    return _probabilities(values.ravel()).reshape(values.shape)


def dose_probability(dose: ArrayLike, intercept: float, slope: float) -> NDArray[np.float64]:
    """Probability by Pr = intercept + slope ln(dose); 0 without a dose.

    Parameters
    ----------
    dose : float or array
        Not negative, in the unit for which the constants hold.
    intercept, slope : float
        Constants of the probit.

    Raises
    ------
    OutOfRange
        A dose is negative or NaN.

    Examples
    --------
    >>> dose_probability([0.0, 1.0], 5.0, 2.0).tolist()
    [0.0, 0.5]
    """
    doses = bounded(dose, "剂量", "dose", np.inf)
    with np.errstate(divide="ignore"):
        return probability(intercept + slope * np.log(doses))
