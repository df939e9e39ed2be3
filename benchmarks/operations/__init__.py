"""The operations in the order of the table; each is one small file: setup, request, floor."""

from benchmarks.operation import Operation
from benchmarks.operations.dispense import DISPENSE
from benchmarks.operations.register import REGISTER_5, REGISTER_100
from benchmarks.operations.sort import SORT_1, SORT_100

OPERATIONS: list[Operation] = [REGISTER_5, REGISTER_100, SORT_1, SORT_100, DISPENSE]
