from hypothesis import given, settings
from hypothesis import strategies as st

from donations.models import CUSTODY_STEPS
from inventory.models import MOVEMENT_STEPS
from reports.accounts import ITEMS, REJECTS, ROAD, STOCK, Book, Flow, split

UNITS = st.integers(0, 1000)
CUSTODY = [tuple(map(str, step)) for step in CUSTODY_STEPS]
# A conversion comes in pairs that add up to nothing.
LEDGER = [tuple(map(str, step)) for step in MOVEMENT_STEPS if step[0] != "convert"]


def flows(steps: list[tuple[str, ...]]) -> st.SearchStrategy[list[Flow]]:
    backwards = [("reversal", target, source) for _kind, source, target in steps]
    one = st.tuples(st.sampled_from(steps + backwards), UNITS, UNITS)
    return st.lists(one.map(lambda drawn: Flow(*drawn[0], "", drawn[1], drawn[2])), max_size=20)


@settings(deadline=None)
@given(flows(CUSTODY))
def test_custody_accounts_balance_for_any_flows(steps: list[Flow]) -> None:
    accounts = [book.account(steps) for book in (ITEMS, REJECTS)]

    assert [account.left for account in accounts] == [account.right for account in accounts]


@settings(deadline=None)
@given(flows(LEDGER))
def test_stock_accounts_balance_for_any_flows(steps: list[Flow]) -> None:
    accounts = [book.account(steps) for book in (STOCK, ROAD)]

    assert [account.left for account in accounts] == [account.right for account in accounts]


def test_account_shows_a_step_without_a_name() -> None:
    account = Book(inside=("shelf",), gains={}, losses={}).account(
        [Flow("stolen", "shelf", "street", "", 0, 3)]
    )

    assert (account.left, account.right) == (0, -3)


def test_reversal_counts_in_the_column_it_takes_back_from() -> None:
    steps = [
        Flow("dispatch", "reserved", "in_transit", "", 0, 10),
        Flow("reversal", "in_transit", "reserved", "", 0, 4),
    ]

    account = STOCK.account(steps)

    assert (account["left"], account["arrived"]) == (6, 0)


def test_correction_downwards_lowers_what_was_registered() -> None:
    steps = [
        Flow("registered", "outside", "at_point", "", 0, 10),
        Flow("corrected", "at_point", "outside", "", 0, 4),
    ]

    assert ITEMS.account(steps)["registered"] == 6


def test_surplus_has_its_own_column() -> None:
    account = ITEMS.account([Flow("surplus", "outside", "counted", "", 0, 2)])

    assert (account["registered"], account["surplus"]) == (0, 2)


def test_split_nets_reversals_and_hides_typed_words() -> None:
    steps = [
        Flow("rejected", "counted", "in_bin", "damaged", 0, 7),
        Flow("rejected", "counted", "in_bin", "张三 13800138000", 0, 2),
        Flow("reversed", "in_bin", "counted", "damaged", 0, 3),
    ]

    assert split(steps, target="in_bin", known={"damaged"}) == {"damaged": 4, "other": 2}
