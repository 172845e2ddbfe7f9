import re
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from servicedesk.lists.models import ReferenceCounter
from servicedesk.lists.references import WIDEST_STEP, take_references


def numbers(references: list[str]) -> list[int]:
    return [int(reference[-6:]) for reference in references]


@pytest.mark.django_db
class TestReferences:
    def test_read_as_prefix_year_and_six_digits(self):
        [reference] = take_references("INC", 2026)

        assert re.fullmatch(r"INC-2026-00000[1-4]", reference)

    def test_increase_by_one_to_four(self):
        taken = numbers(take_references("INC", 2026, 200))

        steps = {later - earlier for earlier, later in zip([0, *taken], taken, strict=False)}
        assert steps == set(range(1, WIDEST_STEP + 1))

    def test_go_on_where_they_stood(self):
        first, second = take_references("INC", 2026, 3), take_references("INC", 2026, 3)

        assert numbers(second)[0] > numbers(first)[-1]

    def test_of_each_prefix_and_year_begin_afresh(self):
        take_references("INC", 2026, 50)

        assert numbers(take_references("REQ", 2026))[0] <= WIDEST_STEP
        assert numbers(take_references("INC", 2027))[0] <= WIDEST_STEP

    def test_go_on_beyond_six_digits(self):
        ReferenceCounter.objects.create(prefix="INC", year=2026, last=999_999)

        assert re.fullmatch(r"INC-2026-100000[0-3]", take_references("INC", 2026)[0])

    def test_are_none_when_none_are_wanted(self):
        assert take_references("INC", 2026, 0) == []

    def test_of_a_transaction_that_is_not_kept_were_never_given(self):
        with pytest.raises(KeyError), transaction.atomic():
            take_references("INC", 2026, 5)
            raise KeyError

        assert ReferenceCounter.objects.count() == 0

    def test_have_one_counter_for_each_prefix_and_year(self):
        ReferenceCounter.objects.create(prefix="INC", year=2026)

        with pytest.raises(IntegrityError), transaction.atomic():
            ReferenceCounter.objects.create(prefix="INC", year=2026)


@pytest.mark.django_db(transaction=True)
def test_sixteen_who_take_references_at_once_get_different_ones():
    gate, taken, refused = Barrier(16), [], []

    def take():
        gate.wait()
        try:
            for _ in range(5):
                with transaction.atomic():
                    taken.extend(take_references("INC", 2026, 2))
        except Exception as error:
            refused.append(error)
        finally:
            connection.close()

    takers = [Thread(target=take) for _ in range(16)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    assert refused == []
    assert (len(taken), len(set(taken))) == (160, 160)
    assert max(numbers(taken)) == ReferenceCounter.objects.get().last
