"""From contributions to the logarithm of a price to contributions in currency."""

import numpy as np

from housing_spark.explanation.trees import Numbers


def in_currency(base: float, found: Numbers) -> tuple[float, Numbers]:
    """Contributions in currency, which add up to the price exactly.

    Each is multiplied by the logarithmic mean of the base price and the price, (p - b) / (ln p - ln b): the one factor
    for all that leaves no residual and does not depend on an order (logarithmic mean Divisia index, Ang 2005).

    Args:
        base: The logarithm of the base price.
        found: Contributions to the logarithm, shape (rows, sources).
    """
    change = found.sum(axis=1)
    is_still = change == 0
    rate = np.where(is_still, 1.0, np.expm1(change) / np.where(is_still, 1.0, change))
    price = float(np.exp(base))
    return price, found * (price * rate)[:, None]
