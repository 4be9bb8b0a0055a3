"""The simulator's tables. One file is one airline's whole PSS.

`used` of a class counts the seats sold and held in it and in every lower class of its cabin, so
that nesting (a lower class never takes what a higher one needs) is one comparison a row.
"""

from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS classes (
  flight TEXT NOT NULL,
  rbd TEXT NOT NULL,
  cabin TEXT NOT NULL,
  place INTEGER NOT NULL,          -- in its cabin, 0 the highest
  authorised INTEGER NOT NULL,
  used INTEGER NOT NULL CHECK (used BETWEEN 0 AND authorised),
  sold INTEGER NOT NULL CHECK (sold >= 0),
  held INTEGER NOT NULL CHECK (held >= 0),
  seeded INTEGER NOT NULL,         -- sold before this simulator began to count
  PRIMARY KEY (flight, rbd)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holds (
  reference TEXT PRIMARY KEY,
  state TEXT NOT NULL,             -- held, booked, released, lapsed
  expires_us INTEGER NOT NULL,
  body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS holds_by_expiry ON holds (expires_us) WHERE state = 'held';
CREATE TABLE IF NOT EXISTS seats (
  flight TEXT NOT NULL,
  seat TEXT NOT NULL,
  passenger_id TEXT NOT NULL,
  holder TEXT NOT NULL,            -- a hold's reference, or a PNR's locator
  expires_us INTEGER,              -- of a hold; a PNR keeps its seats
  PRIMARY KEY (flight, seat)       -- one live holder a seat
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_seat_a_passenger ON seats (holder, flight, passenger_id);
CREATE INDEX IF NOT EXISTS seats_by_expiry ON seats (expires_us) WHERE expires_us IS NOT NULL;
CREATE TABLE IF NOT EXISTS pnrs (
  locator TEXT PRIMARY KEY,
  order_id TEXT NOT NULL,
  cancelled INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_live_pnr_an_order ON pnrs (order_id) WHERE cancelled = 0;
CREATE TABLE IF NOT EXISTS documents (
  number TEXT PRIMARY KEY,
  first TEXT NOT NULL,             -- the first number of its conjunction set
  locator TEXT NOT NULL,
  associated_with TEXT,            -- of an EMD-A: the ticket's first number
  body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_by_set ON documents (first);
CREATE INDEX IF NOT EXISTS documents_by_locator ON documents (locator);
CREATE INDEX IF NOT EXISTS documents_by_ticket ON documents (associated_with)
  WHERE associated_with IS NOT NULL;
CREATE TABLE IF NOT EXISTS calls (
  reference TEXT PRIMARY KEY,
  verb TEXT NOT NULL,
  asked BLOB NOT NULL,             -- digest of the request
  subject TEXT NOT NULL            -- the locator, or the first document's number
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed (
  cursor INTEGER PRIMARY KEY AUTOINCREMENT,
  body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS schedule (
  flight TEXT PRIMARY KEY,
  itinerary TEXT NOT NULL,         -- the flight's number and first day
  body BLOB                        -- what operates now; NULL: nothing
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS schedule_by_itinerary ON schedule (itinerary);
CREATE TABLE IF NOT EXISTS counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
"""
