"""The rule book: every rule that the program may act on, with where it stands.

`S1:40` is line 40 of source S1 (S0 the customer guide, S1 the seller's rules of returns, S2 pick-up
points and the partner warehouse, S3 order management). `source`: a source says so. `settled`: the
sources clash or are silent, and a key of the policy holds the choice. `ext`: another public page
of the same marketplace says so. `assume`: nobody says it; a choice of this program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class RuleKind(StrEnum):
    """How sure a rule is."""

    SOURCE = "source"
    SETTLED = "settled"
    EXT = "ext"
    ASSUME = "assume"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in one sentence of plain English, and its places in the sources."""

    id: str
    source: str
    text: str
    kind: RuleKind


def _read(book: str) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for row in book.strip().splitlines():
        id, source, kind, text = (cell.strip() for cell in row.split("|"))
        if id in rules:
            raise ValueError(f"{id} stands twice in the rule book")
        rules[id] = Rule(id, source, text, RuleKind(kind))
    return rules


RULES: Mapping[str, Rule] = _read(
    """
A-09 | S0:37 | source | Orders brought by the platform's partners go back to its warehouse in Podolsk.
C-01 | S0:3 | source | Before assembly an order is cancelled, not returned.
C-02 | S0:5 | source | Only received orders can be returned.
C-03 | S0:8 | source | A return may begin at an order: choose its products.
C-04 | S0:10 | source | A return may begin at My returns: choose products and proceed.
C-05 | S0:8 | source | Several products may be returned in one go.
C-06 | S0:12 | source | A reason must be given.
C-07 | S0:14 | source | A request is usually approved within 3 days.
C-08 | S0:14 | source | The customer can follow the status of a return.
C-09 | S0:16 | source | The customer ships within 7 days of the approval, or the request is overdue.
C-10 | S0:17 | source | For defective or wrong products the customer keeps and shows the receipt.
C-11 | S0:21 | source | The customer checks that everything is there and packs with care.
C-12 | S0:21 | source | The customer photographs the product before shipping, against disputes.
C-13 | S0:23 | source | A sheet with the return number lies in the parcel.
C-14 | S0:25,29 | source | The return number also stands on the shipping form, next to the recipient.
C-15 | S0:27 | source | The customer hands the parcel to the post office.
C-16 | S0:30 | source | The customer pays the shipping and, if need be, the customs fees.
C-17 | S0:30 | source | Packaging and delivery are reimbursed only for defective or wrong products.
C-18 | S0:31; S1:65 | source | The customer confirms the sending with the receipt and the track number.
C-19 | S0:35 | source | Any local post that delivers to Russia will do.
C-20 | S0:37 | source | The return address and the recipient are fixed.
C-21 | S0:41 | source | The money comes after the goods are back.
C-22 | S0:47 | source | After a courier's delivery the customer pays the transport company.
W-01 | S1:5-6 | source | Food and pet food: only if something is wrong with it, within 1 day.
W-02 | S1:7-8 | source | Digital and made-to-order products: only if something is wrong, within 7 days.
W-03 | S1:9-10 | source | Books, hygiene, Christmas products, hosiery, medical devices: within 7 days.
W-04 | S1:11 | source | All other products: within 15 days.
W-05 | S1:12 | ext | Of proper quality: unused, complete and in its undamaged packaging.
W-06 | S1:13 | source | Products with fuel only with an empty tank or cylinder.
W-07 | S1:14 | ext | Of improper quality: wrong, incomplete, expired, damaged, fake or not working.
W-08 | S1:15; S3:35 | source | In a dispute about a wrong or damaged product a video of the packing helps.
W-09 | S1:19 | source | A seller's own warranty lasts at least 14 days from the delivery.
W-10 | S1:20 | source | Technically complex products without one have a warranty of 365 days.
W-11 | S1:21 | ext | Documents may be asked for on a warranty return.
W-12 | S1:22 | source | A technically complex product needs a conclusion that the defect is significant.
W-13 | S1:23 | source | Within the warranty a service centre may repair the product.
W-14 | S1:19-20 | settled | Windows count from the delivery.
D-01 | S1:24; S2:49,74 | source | A request needs its reason and a picture of the product.
D-02 | S1:25-29 | source | The seller learns of a request at once.
D-03 | S1:30 | source | The returns report lists the returned products.
D-04 | S1:31 | source | Customer and seller settle it between themselves, except for disputes.
D-05 | S1:32-33 | source | Requests are handled by the seller or, pre-moderated, by the platform.
D-06 | S1:34 | source | The seller can view the requests.
D-07 | S1:35,40,58 | source | The seller decides within 24 hours, or the request is approved or moderated.
D-08 | S1:35-36 | ext | The seller may approve, reject, refund without return or offer a part.
D-09 | S1:37 | source | Up to 1,800 RUB a part is offered at once; refused, the request is approved.
D-10 | S1:38 | ext | Proper quality: the customer pays the way back; improper: the seller.
D-11 | S1:39 | source | The platform's courier and pick-up points cannot send products abroad.
D-12 | S1:40 | source | A question to the customer extends the consideration to 3 days.
D-13 | S1:41 | source | After the approval the customer ships and gives the track number.
D-14 | S1:41 | source | The seller confirms that the return was received.
D-15 | S2:4 | source | A rejection describes its reason in detail.
D-16 | S2:4 | source | The seller checks the law for the category.
D-17 | S2:5 | source | To offer a partial compensation is the recommended first move.
ST-01 | S1:58 | source | New request: 1 day to decide.
ST-02 | S1:59 | source | Awaiting clarification with the seller: 3 days for additional information.
ST-03 | S1:60 | source | Partial compensation offered: the customer has 3 days to consider it.
ST-04 | S1:61 | source | Offer refused: the seller answers within 3 days, or the request is approved.
ST-05 | S1:62 | source | Partial compensation approved: the money comes within 3 to 10 days.
ST-06 | S1:63 | source | Approved: the customer has 4 days to send it.
ST-07 | S1:64 | source | Rejected by the seller: the customer has 5 days to open a dispute.
ST-08 | S1:65 | source | Overdue: not sent, or not reported as sent, within 4 days.
ST-09 | S1:66 | source | No dispute within the time: the rejection is final.
ST-10 | S1:67 | source | Dispute opened: the platform considers it and decides.
ST-11 | S1:68 | source | The platform decided the dispute for the seller.
ST-12 | S1:69-70 | source | The customer canceled before handing the return over.
ST-13 | S1:69-70 | source | Canceled because the customer did nothing.
T-01 | S1:73 | source | On the way: the parcel is followed by its track number.
T-02 | S1:42 | source | From the 15th day on the customer may ask where the refund is.
T-03 | S1:42 | source | After more than 31 days the platform itself opens the dispute.
T-04 | S1:74 | source | More than 30 days on the way: the platform checks whether it was received.
T-05 | S1:43 | source | The seller is told of the dispute.
T-06 | S1:43 | source | A seller who is silent in the dispute loses it.
T-07 | S1:43 | source | A parcel still on its way is judged after it has arrived.
R-01 | S1:44,47,52,77 | source | After receipt the seller has 7 days, or the money is refunded by itself.
R-02 | S1:47-48 | source | After receipt the seller refunds or rejects.
R-03 | S1:47 | source | Returned as defective and no defect found: the seller may reject.
R-04 | S1:49-50 | source | The refund names the cost of delivery beside the price.
R-05 | S1:51 | source | No more than 5,000 RUB are refunded for the shipping.
R-06 | S1:46 | source | After a rejection on receipt the customer can open a dispute.
R-07 | S1:78 | source | No dispute within 5 days: rejected by mutual consent.
R-08 | S1:79 | source | Dispute opened after receipt.
R-09 | S1:80 | source | After receipt the platform decided for the seller.
R-10 | S1:81 | source | A refund is paid within 3 to 10 days.
R-11 | S1:45 | ext | The platform decides a dispute for the customer or for the seller.
M-01 | S1:53 | source | Moderators watch how sellers handle requests.
M-02 | S1:54 | settled | A seller's requests may be pre-moderated.
M-03 | S2:7 | source | A seller may ask for pre-moderation.
M-04 | S1:55 | source | VAT and duty for the export from Russia are the seller's.
O-08 | S3:37 | source | A product that the parcel did not hold is paid by the seller to the customer at once.
O-09 | S3:39-43 | source | The seller may contest such a deduction within 30 days, with the packing video.
O-16 | S3:63,69 | source | Presumably delivered: 15 minutes to dispute the receipt.
O-24 | S3:102-104 | source | Without passport data within 24 hours the order is cancelled.
X-01 | S0:16; S1:63,65 | settled | To ship: 4 days by the seller's table, 7 by the customer's guide.
X-02 | S0:14; S1:35,40,58,59 | settled | To decide: 24 hours; with a question 3 days since the request.
X-03 | S1:40 | settled | Silence approves, unless something is flagged: then moderators decide.
X-04 | S1:42,74 | settled | The platform disputes a parcel after 31 days on its way.
X-05 | S1:42 | settled | Times are counted to the second, not to the end of a day.
X-06 | S1:66,78 | settled | A rejection without a dispute has one name before and one after receipt.
X-07 | S1:67,74,79 | settled | One status for all disputes, with a kind.
X-08 | S1:68,80 | settled | One status for all disputes that the seller won.
X-09 | S1:43 | assume | In a dispute the seller has 48 hours, the moderator 3 days; silent staff are paged.
X-10 | S1:43 | assume | A lost parcel's dispute can be decided 60 days after shipping.
X-11 | S1:37 | assume | Up to and with 1,800.00 RUB a unit, half of the price is offered at once.
X-12 | S1:60 | settled | An offer that is not answered counts as declined.
X-13 | S1:40,59 | settled | At the end of the clarification who owes an answer loses; 48 hours at least.
X-14 | S1:61 | assume | A seller makes 3 offers at most, each higher than the last.
X-15 | S1:65,69 | settled | Canceled, inactive and overdue are three ends; a new request stays possible.
X-16 | S1:46,78 | settled | A dispute after receipt: within 5 days from the rejection.
X-17 | S1:47-50,81 | settled | A refund says who decided it.
X-18 | S0:41; S1:62,81 | settled | A refund not paid on day 10 pages the staff.
X-19 | S0:30; S1:55 | settled | Customs: into Russia the customer pays, out of Russia the seller.
X-20 | S0:17,30; S1:51 | settled | Shipping and packaging together are refunded up to 5,000.00 RUB a case.
X-21 | S0:25 | settled | A parcel without a number waits to be identified; none is refused for it.
X-22 | S2:2,10,70,100 | settled | What a seller may do with goods depends on the seller's country.
X-23 | S2:44,114 | settled | Business type for the partner warehouse: return the product.
X-24 | S2:59,89 | settled | A product that was not checked may stay so.
X-25 | S2:61-64,90-93 | settled | Four grades, each with both of its names.
X-26 | S2:64,93 | assume | A block stops new returns at once and is confirmed by staff within 72 hours.
X-27 | S2:2,67 | assume | Stored goods are asked about again after 60 days.
X-28 | S2:8-10 | settled | Goods disposed of for silence are compensated too.
X-29 | S2:14-28 | settled | The upper bound of each band belongs to it.
X-30 | S2:13 | settled | A compensation is credited within 7 days from the refund.
X-31 | S1:19-20 | settled | A window runs from the delivery through the end of its last local day.
X-32 | S0:5; S3:63 | settled | Received means delivered; presumably delivered is not yet.
X-33 | S3:63,69 | settled | After 15 minutes an undisputed order is delivered, also at night.
X-34 | S3:76; S1:67 | settled | A disputed order is not a disputed return.
X-35 | S3:84; S0:3 | settled | Until assembly the customer may cancel an order.
X-36 | S3:39 | settled | A deduction can be disputed for 30 days from its day.
X-37 | S0:17; S1:5; S2:14 | settled | Each reason has a class, which decides window, photos and shipping.
X-38 | S2:13 | settled | A compensation follows the worse of reason and grade.
X-39 | S1:19-20 | settled | For a defect the longer of window and warranty holds; no warranty is under 14 days.
X-40 | S1:5-8 | settled | The reason is asked before the window is judged.
X-41 | - | settled | A unit in a live or refunded case cannot be returned again.
X-42 | S4:24 | settled | No instructions in 5 days: the money is refunded.
X-43 | S4:20,27 | settled | The outer parcel may be opened; seals count only where listed.
X-44 | S4:22,27-32 | settled | A local return needs no proof of its reason; its condition is checked.
X-45 | S4:22 | settled | The amount claimed is at most the price paid.
X-46 | S1:73; S2:51,55 | settled | One status for a return on its way, whatever its route.
X-47 | S1:39 | settled | Pick-up points serve only the way inside Russia.
X-48 | S0:37; S1:41 | settled | Without the seller's address the time to ship has not begun.
X-49 | S0:17; S1:24 | settled | Photos: one, or two if something is wrong; ten at most.
X-50 | S1:54; S2:7 | assume | Pre-moderation on request, by staff, or after 3 lost disputes in 30 days.
X-51 | S1:35,44 | settled | Timers elapse; windows end at local midnight.
X-52 | S1:65 | settled | 48 hours after overdue a receipt from before the deadline revives the case.
X-53 | S0:31; S1:41 | settled | The track number may come by button or in a message.
X-54 | S1:62 | ext | The seller may refund at once and leave the product with the customer.
X-55 | S1:60 | settled | A part is more than nothing and less than the price paid.
X-56 | S0:8 | settled | A case is one seller's one shipment, with a verdict for each line.
X-57 | - | settled | At exactly the deadline, the deadline wins.
X-58 | - | settled | Time in which nobody could reach us is given back to whoever owed an act.
H-01 | S1:12 | ext | Proper quality: marketable, unused, packaging undamaged, nothing activated, complete.
H-02 | S1:14 | ext | Improper quality: wrong, incomplete, expired, damaged, fake or not working well.
H-03 | S1:21 | ext | On a warranty return: a service centre's conclusion, warranty card, receipt.
H-05 | S1:35-36 | ext | Decisions: inspect, reject, refund without return, offer compensation.
H-06 | S1:38 | ext | Proper quality: the customer pays the shipment; improper: the seller.
H-07 | S1:48-49 | ext | If defective or wrong, price and return cost are refunded; otherwise the price.
H-08 | S1:45 | ext | Disputes: 5 days to open, 3 to decide; kinds and their decisions.
H-11 | S3:84 | ext | The customer may cancel while the order awaits packaging.
"""  # noqa: E501 - a table: one rule a line
)
