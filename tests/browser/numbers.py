"""Numbers as the page writes them, made by other means than the page's."""

from decimal import Decimal

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(value: float, digits: int = 2) -> str:
    """1.13×10⁻⁴; plain between 0.01 and 10000."""
    if value == 0:
        return "0"
    factor, power = f"{value:.{digits - 1}e}".split("e")
    exponent = int(power)
    if -2 <= exponent < 4:
        return f"{Decimal(f'{value:.{max(digits, exponent + 1)}g}').normalize():f}"
    lead = Decimal(factor).normalize()
    return ("" if lead == 1 else f"{lead}×") + f"10{str(exponent).translate(_RAISED)}"


def percent(share: float) -> str:
    """94.6 %, and "< 0.1 %" for what is little."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{Decimal(f'{100 * share:.1f}').normalize():f} %"
