import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../../shared/problem/problem.ts';
import { number } from './row.ts';

/*
 * Layout. Devices have a small integer inside (`devices.n`), because it stands in the key of every reading. What changes at
 * different paces lies in different tables: an UPDATE writes its whole row again, and a row that spills over into overflow
 * pages writes them all, so the small `streams` row that every commit touches must not carry the large JSON texts.
 *
 * There is one truth for findings: `history`. A row with `whole` = 1 is the whole state, the others are changes to it; what
 * a device has now is its newest whole row (`checks.keyframe`) and the changes after it. A snapshot is so written once, a
 * change writes only itself, and any moment is read from one whole row and few changes.
 *
 * A device's entries are a chain: each names the one before (`previous`), `checks.newest` is its end. An index over device and
 * time would touch another page for every device of a commit and write each whole into the log, 4 KiB for a line of a few
 * hundred bytes; the chain costs eight bytes. Only the rare whole states are indexed, as places to start from.
 *
 * `history.id` grows with arrival and orders a device's entries even when the collector's clock was set back.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE devices (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL UNIQUE,
    enrolled_at INTEGER NOT NULL,
    enrolled_by TEXT NOT NULL,
    revoked_at INTEGER,
    demo INTEGER NOT NULL,
    identity TEXT NOT NULL,
    agent TEXT,
    clock_skew_ms REAL
  );
  CREATE TABLE streams (
    device INTEGER PRIMARY KEY,
    stream TEXT,
    acked INTEGER NOT NULL,
    last_seen INTEGER,
    record_behind INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE checks (
    device INTEGER PRIMARY KEY,
    keyframe INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    keyframe_at INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    checks TEXT NOT NULL
  );
  CREATE TABLE records (device INTEGER PRIMARY KEY, record TEXT NOT NULL);
  CREATE TABLE scores (device INTEGER PRIMARY KEY, score TEXT NOT NULL);
  CREATE TABLE day_scores (
    day TEXT NOT NULL,
    device INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (day, device)
  ) WITHOUT ROWID;

  CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,
    whole INTEGER NOT NULL,
    removed TEXT,
    findings TEXT NOT NULL,
    score TEXT,
    previous INTEGER
  );
  CREATE INDEX history_keyframes ON history (device, at) WHERE whole = 1;

  CREATE TABLE events (
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,
    i INTEGER NOT NULL,
    by_device INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT,
    PRIMARY KEY (device, at, i)
  ) WITHOUT ROWID;

  CREATE TABLE samples (
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,
    i INTEGER NOT NULL,
    m0 REAL, m1 REAL, m2 REAL, m3 REAL, m4 REAL, m5 REAL, m6 REAL, m7 REAL,
    PRIMARY KEY (device, at, i)
  ) WITHOUT ROWID;
  CREATE TABLE quarters (
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,
    n INTEGER NOT NULL,
    m0 REAL, m1 REAL, m2 REAL, m3 REAL, m4 REAL, m5 REAL, m6 REAL, m7 REAL,
    PRIMARY KEY (device, at)
  ) WITHOUT ROWID;
  CREATE TABLE days (
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,
    n INTEGER NOT NULL,
    m0 REAL, m1 REAL, m2 REAL, m3 REAL, m4 REAL, m5 REAL, m6 REAL, m7 REAL,
    PRIMARY KEY (device, at)
  ) WITHOUT ROWID;
  CREATE TABLE late_quarters (
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (device, at)
  ) WITHOUT ROWID;
  CREATE TABLE late_days (
    device INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (device, at)
  ) WITHOUT ROWID;

  CREATE TABLE enrolment_tokens (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    secret_hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    max_uses INTEGER,
    uses INTEGER NOT NULL,
    revoked_at INTEGER
  );
  CREATE TABLE waiting (
    id TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL UNIQUE,
    identity TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    address TEXT NOT NULL,
    rejected INTEGER NOT NULL
  );
  CREATE INDEX waiting_by_last_seen ON waiting (last_seen);

  CREATE TABLE people (
    user_key TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_sign_in INTEGER,
    disabled INTEGER NOT NULL,
    locked_until INTEGER,
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL,
    failures INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE sessions (
    id_hash TEXT PRIMARY KEY,
    user_key TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX sessions_of_person ON sessions (user_key);
  CREATE TABLE api_tokens (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    secret_hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    last_used INTEGER,
    revoked_at INTEGER
  );

  CREATE TABLE audit (
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    data TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
  );
  CREATE INDEX audit_of_subject ON audit (subject, n);

  CREATE TABLE probe (n INTEGER PRIMARY KEY, filler BLOB);
  `,
  `
  CREATE TABLE agent_settings (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    settings TEXT NOT NULL,
    hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
  );
  `,
  `
  CREATE TABLE accounts (
    connector TEXT NOT NULL,
    account TEXT NOT NULL,
    label TEXT NOT NULL,
    settings TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    saved_by TEXT NOT NULL,
    demo INTEGER NOT NULL,
    standing TEXT NOT NULL,
    PRIMARY KEY (connector, account)
  ) WITHOUT ROWID;
  CREATE TABLE observations (
    n INTEGER PRIMARY KEY,
    connector TEXT NOT NULL,
    account TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    observation TEXT NOT NULL,
    UNIQUE (connector, account, vendor_id)
  );
  CREATE TABLE pins (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    pin TEXT NOT NULL,
    at INTEGER NOT NULL,
    by TEXT NOT NULL
  );
  CREATE TABLE precedence (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    field_order TEXT NOT NULL,
    hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL
  );
  `,
  `
  CREATE TABLE help (
    device INTEGER NOT NULL,
    id TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    over INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (device, id)
  );
  CREATE INDEX help_in_line ON help (over, received_at, device, id);
  CREATE INDEX help_waiting ON help (state) WHERE over = 0;
  `,
];

/**
 * Brings the database to this version's layout, one transaction per step.
 * @throws Problem `store-newer` when a later version wrote it: guessing at an unknown layout could damage it.
 */
export function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get();
  const version = row === undefined ? 0 : number(row, 'user_version');
  if (version > MIGRATIONS.length) {
    throw new Problem(
      'store-newer',
      `the data folder has layout ${version}, this version knows up to ${MIGRATIONS.length}`,
    );
  }
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(sql);
      database.exec(`PRAGMA user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
