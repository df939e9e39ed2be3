"""How much of each supply and class of days goes to each kind of clinic, when not everybody accepts
everything.

Rows of one kind are interchangeable here, so the same few sums that decide feasibility of totals also say how
much may be promised at each step without making the rest impossible; no flow has to be searched.
"""

import numpy as np

from .tables import Ints
from .totals import Network


class Routing:
    """Keeps what is still to be shipped feasible, class by class.

    stock: grains by supply and class, shape (M, K + 1). With several supplies it is first reduced to what
    leaves, latest classes spared first, which makes the earliest classes lexicographically largest. With
    one supply every step may take all there is.
    """

    def __init__(self, network: Network, totals: Ints, stock: Ints) -> None:
        self.network = network
        self.stock = stock.copy()
        if len(stock) == 1:
            return
        self.above = network.above(totals)
        self.after = np.zeros_like(network.after)
        self.after[:, :-1] = np.cumsum(stock[:, ::-1], axis=1)[:, ::-1]
        for place in range(stock.shape[1], 0, -1):
            for supply in range(len(stock)):
                self._spare(supply, place)

    def _excess(self) -> Ints:
        choices = self.network.choices
        demand: Ints = -self.after[np.arange(len(choices))[:, None], choices].sum(axis=0)
        for kind, latest in enumerate(self.network.latest):
            demand += self.above[kind][latest]
        return demand

    def _spare(self, supply: int, place: int) -> None:
        concerned = self.network.choices[supply] < place
        spare = min(-int(self._excess()[concerned].max()), int(self.stock[supply, place - 1]))
        self.stock[supply, place - 1] -= spare
        self.after[supply, :place] -= spare

    def headroom(self, supply: int, kind: int, place: int) -> int:
        """Most grains of this class and supply that may still go to clinics of this kind."""
        quota = int(self.stock[supply, place - 1])
        if len(self.stock) == 1:
            return quota
        concerned = (self.network.choices[supply] < place) & (self.network.latest[kind] >= place)
        return min(quota, -int(self._excess()[concerned].max(initial=-quota)))

    def send(self, supply: int, kind: int, place: int, grains: int) -> None:
        """Book `grains` of this class and supply to this kind of clinics."""
        self.stock[supply, place - 1] -= grains
        if len(self.stock) > 1:
            self.after[supply, :place] -= grains
            self.above[kind, :place] -= grains
