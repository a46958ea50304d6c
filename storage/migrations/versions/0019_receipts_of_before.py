"""What came as the receipt of a parcel before there was a mark for it"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_PHOTOS = {
    "sqlite": "json_each(contents.body, '$.photos') AS photo",
    "postgresql": "json_array_elements_text(contents.body::json -> 'photos') AS photo(value)",
}
_RECEIPTS = """
UPDATE evidence SET receipt = true WHERE (case_id, file) IN ({of_parcels} EXCEPT {others})
"""
_SHOWN = """
SELECT history.case_id, photo.value FROM history
JOIN contents ON contents.case_id = history.case_id AND contents.seq = history.seq
CROSS JOIN {photos} WHERE history.event {which} ('sent', 'late_proof')
"""


def upgrade() -> None:
    photos = _PHOTOS[op.get_bind().dialect.name]
    of_parcels, others = (_SHOWN.format(photos=photos, which=each) for each in ("IN", "NOT IN"))
    op.execute(_RECEIPTS.format(of_parcels=of_parcels, others=others))


def downgrade() -> None:
    """The mark stays: it is right."""
