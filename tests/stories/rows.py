# ruff: noqa: E501
"""Which story makes which transition: row of the table and event, by the name of the story."""

from __future__ import annotations

from collections.abc import Mapping

MADE_BY: Mapping[str, str] = {
    "test_a_mug_goes_back_and_the_money_comes": "02 submit, 07 approve, 29 sent, 33 receive, 36 refund, 54 paid",
    "test_a_silent_seller_agrees": "15 decision_due, 30 ship_due",
    "test_whoever_declines_the_automatic_offer_gets_the_card_to_send_by_and_the_seller_hears": "03 submit, 22 decline",
    "test_a_pre_moderated_seller_waits_for_the_moderator": "04 submit, 19 reject",
    "test_a_photo_that_was_cut_and_saved_again_is_found_and_only_staff_are_told": "16 decision_due",
    "test_a_refund_without_return_leaves_the_product": "10 refund_without_return",
    "test_a_question_is_answered_with_a_photo_alone": "11 ask, 12 answer",
    "test_a_moderator_asks_and_the_seller_decides_after_the_answer": "14 approve, 19 ask",
    "test_each_party_sees_what_the_other_shows_and_the_moderator_sees_all": "14 reject, 49 decide",
    "test_a_moderator_approves_for_the_seller": "19 approve",
    "test_an_offer_is_accepted_and_the_product_stays": "09 offer, 20 accept",
    "test_an_offer_can_be_any_sum_below_the_price_and_only_grow": "24 offer",
    "test_each_side_reads_how_many_offers_are_left": "21 decline, 25 offer",
    "test_cancelling_is_asked_about_before_it_is_done": "28 cancel",
    "test_postage_that_nobody_could_value_is_confirmed_by_the_staff_later": "2.8 confirm_shipping, 39 inspect_due",
    "test_a_part_can_be_accepted_and_the_rest_goes_on": "38 verdict",
    "test_without_an_address_nothing_is_approved": "X-48 set_address",
    "test_a_dispute_is_decided_with_reasons_and_everybody_reads_them": "08 reject, 40 open_dispute, 44 reply",
    "test_a_dispute_after_receipt_ends_with_money_that_an_admin_pays": "37 reject, 42 open_dispute",
    "test_a_ruling_for_the_seller_ends_the_return_without_money": "50 decide",
    "test_a_ruling_that_the_parcel_is_on_its_way_lets_the_return_go_on": "32 track, 34 transit_unlock_due, 34 where_is_the_refund, 48 transit_cap_due, 51 decide",
    "test_a_dispute_that_opens_by_itself_ends_as_both_propose": "35 transit_auto_due, 52 accept, 52 settle",
    "test_the_staff_talk_in_a_topic_and_pass_on_what_they_mark": "53 withdraw, 57 reopen",
    "test_lost_disputes_lead_a_seller_s_requests_to_the_moderators": "45 dispute_reply_due",
    "test_a_customer_hears_of_a_late_refund_at_once_and_then_once_a_week": "55a refund_eta_due",
    "test_an_override_that_moves_money_needs_a_second_person": "56 override",
    "test_questions_end_in_an_offer_in_money_or_in_what_silence_does": "13 ask, 14 offer, 14 refund_without_return, 17 clarify_due, 18 clarify_due, 23 offer_due, 26 reject, 27 counter_due, 41 appeal_due",
    "test_a_moderator_offers_a_part_and_his_silence_approves_the_second_time": "19 offer, 19a premod_due, 26 approve",
    "test_late_proofs_are_confirmed_denied_or_come_too_late": "31 late_proof, 31 approve, 31 reject, 31 late_proof_due, 31 proof_due",
    "test_whoever_is_silent_in_a_dispute_has_decided_it": "2.3 dispute_decide_due, 43 appeal_due, 46 dispute_reply_due, 47 dispute_reply_due, 47 receive, 48 receive",
    "test_a_photo_beside_the_code_of_the_case_is_proof": "29a get_code, 29a prove, 38a get_code, 38a prove",
}
"""A story that makes less fails, and so does the table if a row of it is made by none."""

OF_SERVICES = "33 delivered_due, 47 delivered_due, 48 delivered_due, 55 payment_failed"
"""What carrier and payment side begin: they are no people, and press nothing."""
