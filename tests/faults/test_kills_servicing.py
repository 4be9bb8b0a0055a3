"""kill -9 at every named place of paying later, expiring, cancelling, refunding and updating; the
same message again from another process: done once, in every set of books.
"""

from pathlib import Path

import pytest
from tests.faults.servicing_process import FINE, KILLED, run

PLACES = {
    "pay": (
        "change.claimed",
        "change.recorded",
        "change.fulfilled",
        "exchange.reply-kept",
        "store.ClaimKey.before-commit",
        "store.ClaimKey.after-commit",
        "store.RecordOrder.before-commit",
        "store.RecordOrder.after-commit",
        "store.KeepReply.before-commit",
        "fulfil.authorise.called",
        "fulfil.issue.called",
        "fulfil.capture.called",
        "gateway.authorise.after-commit",
        "gateway.capture.after-commit",
    ),
    "declined": ("fulfil.authorise.called", "store.RecordOrder.after-commit:2"),
    "refused": (
        "change.refused",
        "store.DropClaim.before-commit",
        "store.DropClaim.after-commit",
    ),
    "half declined": (
        "fulfil.authorise.called:2",
        "fulfil.release-money.before",
        "fulfil.release-money.called",
        "fulfil.release-money.recorded",
    ),
    "page": (
        "fulfil.redirect.before",
        "fulfil.redirect.called",
        "fulfil.redirect.recorded",
        "pages.open_page.before-commit",
        "pages.open_page.after-commit",
    ),
    "callback": (
        "callback.recorded",
        "pages.capture.before-commit",
        "pages.capture.after-commit",
        "store.RecordOrder.before-commit",
        "store.RecordOrder.after-commit",
    ),
    "callback lost": (
        "fulfil.close-page.before",
        "fulfil.close-page.called",
        "fulfil.close-page.recorded",
        "pages.close_page.before-commit",
        "pages.close_page.after-commit",
    ),
    "voucher": (
        "vouchers.authorise.before-commit",
        "vouchers.authorise.after-commit",
        "vouchers.capture.before-commit",
        "vouchers.capture.after-commit",
    ),
    "voucher let go": ("vouchers.release.before-commit", "vouchers.release.after-commit"),
    "voucher given back": ("vouchers.refund.before-commit", "vouchers.refund.after-commit"),
    "page given back": ("pages.refund.before-commit", "pages.refund.after-commit"),
    "page let go": ("pages.release.before-commit", "pages.release.after-commit"),
    "correct with a partner": (
        "fulfil.partner-rename.before",
        "fulfil.partner-rename.called",
        "fulfil.partner-rename.recorded",
        "partner.rename.before-commit",
        "partner.rename.after-commit",
    ),
    "ask a partner for help": (
        "fulfil.partner-serve.before",
        "fulfil.partner-serve.called",
        "fulfil.partner-serve.recorded",
        "partner.serve.before-commit",
        "partner.serve.after-commit",
    ),
    "name restored at a partner": (
        "fulfil.restore-partner-name.before",
        "fulfil.restore-partner-name.called",
        "fulfil.restore-partner-name.recorded",
    ),
    "split with a partner": (
        "split.recorded",
        "fulfil.partner-divide.before",
        "fulfil.partner-divide.called",
        "fulfil.partner-divide.recorded",
        "partner.divide.before-commit",
        "partner.divide.after-commit",
        "fulfil.split.called",
    ),
    "rebook on a page": (
        "change.recorded",
        "fulfil.redirect.called",
        "fulfil.redirect.recorded",
        "pages.open_page.after-commit",
    ),
    "rebook paid on a page": (
        "callback.recorded",
        "fulfil.add-flights.called",
        "fulfil.exchange.called",
        "fulfil.capture.called",
        "pages.capture.after-commit",
        "fulfil.drop-flights.called",
    ),
    "rebook paid, callback lost": (
        "fulfil.close-page.called",
        "fulfil.close-page.recorded",
        "fulfil.exchange.called",
    ),
    "rebook not paid": (
        "callback.recorded",
        "fulfil.release-hold.before",
        "fulfil.release-hold.called",
        "fulfil.release-hold.recorded",
    ),
    "swap paid on a page": (
        "callback.recorded",
        "fulfil.issue-emd.called",
        "fulfil.capture.called",
        "fulfil.void.called",
    ),
    "reprice": (
        "change.recorded",
        "change.fulfilled",
        "store.RecordOrder.before-commit",
        "store.RecordOrder.after-commit",
        "exchange.reply-kept",
    ),
    "drop all": (
        "change.recorded",
        "fulfil.release-seats.before",
        "fulfil.release-seats.called",
        "fulfil.release-seats.recorded",
        "pss.cancel.before-commit",
        "pss.cancel.after-commit",
    ),
    "expire": (
        "fulfil.expire.before",
        "fulfil.expire.called",
        "fulfil.expire.recorded",
        "fulfil.release-seats.called",
        "pss.cancel.after-commit",
    ),
    "drop one": (
        "change.recorded",
        "fulfil.release-part.before",
        "fulfil.release-part.called",
        "fulfil.release-part.recorded",
        "pss.cancel_part.before-commit",
        "pss.cancel_part.after-commit",
    ),
    "cancel": (
        "change.recorded",
        "fulfil.refund-documents.before",
        "fulfil.refund-documents.called",
        "fulfil.refund-documents.recorded",
        "fulfil.refund-documents.called:2",
        "pss.refund.before-commit",
        "pss.refund.after-commit",
        "fulfil.refund.called",
        "gateway.refund.after-commit",
        "fulfil.release-seats.called",
    ),
    "airline": (
        "feed.before",
        "feed.recorded",
        "store.RecordHeard.before-commit",
        "store.RecordHeard.after-commit",
        "fulfil.reaccommodate.before",
        "fulfil.reaccommodate.called",
        "fulfil.reaccommodate.recorded",
        "pss.reaccommodate.before-commit",
        "pss.reaccommodate.after-commit",
        "fulfil.revalidate.before",
        "fulfil.revalidate.called",
        "fulfil.revalidate.called:2",
        "fulfil.revalidate.recorded",
        "pss.revalidate.before-commit",
        "pss.revalidate.after-commit",
        "pss.schedule.after-commit",
        "notify.before",
        "notify.sent",
        "notify.recorded",
        "store.LeaseNotifications.after-commit",
        "store.EndNotification.before-commit",
        "store.EndNotification.after-commit",
    ),
    "a partner flies": (
        "fulfil.reaccommodate.called",
        "fulfil.reaccommodate.recorded",
        "fulfil.partner-book.before",
        "fulfil.partner-book.called",
        "fulfil.partner-book.recorded",
        "partner.book.before-commit",
        "partner.book.after-commit",
        "fulfil.partner-issue.called",
        "fulfil.partner-issue.recorded",
        "partner.documents.after-commit",
        "fulfil.reaccommodate.called:2",
        "fulfil.reaccommodate.recorded:2",
        "notify.sent",
    ),
    "take the partner's": (
        "change.recorded",
        "fulfil.hand-over.before",
        "fulfil.hand-over.called",
        "fulfil.hand-over.recorded",
        "pss.reaccommodate.after-commit",
        "pss.set_coupon.after-commit",
    ),
    "give back the partner's": (
        "change.recorded",
        "fulfil.void.called",
        "fulfil.partner-cancel.before",
        "fulfil.partner-cancel.called",
        "fulfil.partner-cancel.recorded",
        "partner.cancel.after-commit",
        "fulfil.refund.called",
        "fulfil.release-seats.called",
    ),
    "other equipment": (
        "fulfil.reaccommodate.recorded",
        "fulfil.reseat.before",
        "fulfil.reseat.called",
        "fulfil.reseat.recorded",
        "fulfil.seat.called",
        "pss.assign_seats.after-commit",
    ),
    "deliver": (
        "delivery.claimed",
        "delivery.before",
        "delivery.recorded",
        "store.RecordOrder.after-commit",
        "store.KeepReply.after-commit",
        "fulfil.use-coupon.before",
        "fulfil.use-coupon.called",
        "fulfil.use-coupon.recorded",
        "pss.set_coupon.before-commit",
        "pss.set_coupon.after-commit",
    ),
    "lapse": (
        "fulfil.lapse.before",
        "fulfil.lapse.called",
        "fulfil.lapse.recorded",
    ),
    "rebook": (
        "change.recorded",
        "pss.hold.after-commit",
        *(
            f"fulfil.{step}.{moment}"
            for step in ("divide", "add-flights", "exchange", "issue-charge", "drop-flights")
            for moment in ("before", "called", "recorded")
        ),
        *(
            f"pss.{verb}.{moment}-commit"
            for verb in ("divide", "add_flights", "exchange", "drop_flights")
            for moment in ("before", "after")
        ),
        "fulfil.capture.called",
    ),
    "split": (
        "split.recorded",
        "fulfil.split.before",
        "fulfil.split.called",
        "fulfil.split.recorded",
        "pss.divide.before-commit",
        "pss.divide.after-commit",
        "store.RecordOrder.before-commit",
        "store.RecordOrder.after-commit",
        "store.RecordOrder.before-commit:2",
        "store.RecordOrder.after-commit:2",
    ),
    "rename": (
        "change.recorded",
        *(
            f"fulfil.{step}.{moment}"
            for step in ("rename", "exchange", "reissue-emd", "capture", "issue-charge")
            for moment in ("before", "called", "recorded")
        ),
        "pss.rename.before-commit",
        "pss.rename.after-commit",
        "fulfil.update-booking.called",
    ),
    "rename restored": tuple(
        f"fulfil.{step}.{moment}"
        for step in ("restore", "restore-emd", "restore-name")
        for moment in ("before", "called", "recorded")
    ),
    "rebook with services": (
        "fulfil.associate.before",
        "fulfil.associate.called",
        "fulfil.associate.recorded",
        "fulfil.associate.called:4",
        "pss.associate.before-commit",
        "pss.associate.after-commit",
        "fulfil.exchange.called",
        "fulfil.refund-documents.called",
        "fulfil.refund.called",
    ),
    "rebook seated": (
        "pss.hold_seats.after-commit",
        "fulfil.seat.called",
        "fulfil.associate.called",
    ),
    "rebook with services restored": (
        "fulfil.associate.called:6",
        "fulfil.restore.called",
        "fulfil.associate.called:9",
    ),
    "change of a hold": (
        "change.recorded",
        "fulfil.authorise.called",
        "fulfil.add-flights.called",
        "fulfil.drop-flights.called",
        "fulfil.issue.called",
    ),
    "others than the airline's": (
        "change.recorded",
        "fulfil.add-flights.called",
        "fulfil.drop-flights.called",
    ),
    "rebook revalidated": (
        "pss.revalidate.before-commit",
        "pss.revalidate.after-commit",
    ),
    "rebook restored": (
        "fulfil.restore.before",
        "fulfil.restore.called",
        "fulfil.restore.recorded",
        "fulfil.drop-flights.called",
    ),
    "rebook declined": (
        "fulfil.release-hold.before",
        "fulfil.release-hold.called",
        "fulfil.release-hold.recorded",
        "pss.release.after-commit",
    ),
    "give back one way": (
        "fulfil.exchange.called:2",
        "fulfil.drop-flights.called",
        "fulfil.refund.called",
        "fulfil.refund.recorded",
    ),
    "add seat": (
        "pss.hold_seats.before-commit",
        "pss.hold_seats.after-commit",
        "change.recorded",
        "fulfil.seat.before",
        "fulfil.seat.called",
        "fulfil.seat.recorded",
        "pss.assign_seats.before-commit",
        "pss.assign_seats.after-commit",
    ),
    "swap seat": (
        "change.recorded",
        "fulfil.seat.called",
        "fulfil.capture.called",
        "fulfil.capture.recorded",
        "fulfil.void.called",
    ),
    "update": (
        "change.recorded",
        "fulfil.update-booking.before",
        "fulfil.update-booking.called",
        "fulfil.update-booking.recorded",
        "pss.update_services.before-commit",
        "pss.update_services.after-commit",
    ),
    "add": (
        "change.recorded",
        "fulfil.authorise.called",
        "fulfil.update-booking.called",
        "fulfil.issue-emd.before",
        "fulfil.issue-emd.called",
        "fulfil.issue-emd.recorded",
        "fulfil.issue-emd.called:2",
        "fulfil.capture.called",
        "pss.issue.after-commit",
        "store.RecordOrder.before-commit",
        "store.RecordOrder.after-commit",
    ),
    "add declined": ("fulfil.authorise.called", "store.RecordOrder.after-commit:2"),
    "remove": (
        "change.recorded",
        "fulfil.void.called",
        "fulfil.void.called:2",
        "fulfil.refund.called",
        "fulfil.update-booking.called",
    ),
}


@pytest.mark.wide
@pytest.mark.slow
@pytest.mark.parametrize(
    ("flow", "place"), [(flow, place) for flow, places in PLACES.items() for place in places]
)
def test_killed_and_done_again(tmp_path: Path, flow: str, place: str) -> None:
    data = tmp_path / "data"
    for at, wanted in ((place, KILLED), ("", FINE)):
        code = run(data, flow, at)
        failed = data / "failed"
        assert code == wanted, failed.read_text() if failed.exists() else code
