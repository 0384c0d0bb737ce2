import { Button, Modal, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type {
  Decision,
  DecisionsResponse,
  MatchIssueEntry,
  MatchIssuesResponse,
  MatchMember,
} from '../../../shared/api/integrations.ts';
import { EVIDENCE } from '../device/evidence.ts';
import { useWindow } from '../fleet/use-window.ts';
import { Ago } from '../parts/ago.tsx';
import { Face, TroubleFace, WaitingLines } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import { useKey } from '../shell/keys.tsx';
import { useConsole } from '../state/console-state.ts';
import { usePlace } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';
import { MATTER_ORDER, MATTERS, memberWords } from './decide.ts';
import { BelongsDialog, SettleDialog, useDecide } from './decide-dialog.tsx';
import { plural } from './words.ts';

/** Entries asked for at once; more of them are found by their kind. */
const LIMIT = 5000;
/** Equal heights make the list arithmetic, however long it is. */
const ROW = 74;
const CARD = 150;

/** Which records were matched in a way somebody should look at, and what has been decided? */
export function MatchesPage() {
  const { params, setParams } = usePlace();
  const isDecided = params.get('show') === 'decided';
  useEffect(() => {
    document.title = 'Matches · Trayline';
  }, []);
  return (
    <div className="matches">
      <div className="matches-head">
        <p className="small">
          <Link to="/integrations">Integrations</Link>
        </p>
        <div className="line-apart">
          <h1>Matches</h1>
          <div className="line">
            <button
              type="button"
              className="chip"
              aria-pressed={!isDecided}
              onClick={() => setParams({ show: null })}
            >
              To look at
            </button>
            <button
              type="button"
              className="chip"
              aria-pressed={isDecided}
              onClick={() => setParams({ show: 'decided', kind: null })}
            >
              Decided
            </button>
          </div>
        </div>
      </div>
      {isDecided ? <Decided /> : <ToLookAt />}
    </div>
  );
}

function ToLookAt() {
  const { params, setParams } = usePlace();
  const kind = MATTER_ORDER.find(one => one === params.get('kind')) ?? null;
  const asked = useAnswer<MatchIssuesResponse>(
    `match/issues?limit=${LIMIT}${kind === null ? '' : `&kind=${kind}`}`,
  );
  const text = params.get('q') ?? '';
  const wanted = useDeferredValue(text).trim().toLowerCase();
  const [open, setOpen] = useState<MatchIssueEntry | null>(null);
  const issues = asked.value?.issues ?? NONE;
  const shown = useMemo(
    () =>
      issues
        .filter(
          entry => (kind === null || entry.kind === kind) && (wanted === '' || hayOf(entry).includes(wanted)),
        )
        .toSorted((one, other) => MATTER_ORDER.indexOf(one.kind) - MATTER_ORDER.indexOf(other.kind)),
    [issues, kind, wanted],
  );
  const { value } = asked;
  if (value === null) {
    return (
      <div className="page-pad">
        {asked.trouble ? (
          <TroubleFace trouble={asked.trouble} retry={asked.reload} />
        ) : (
          <WaitingLines what="the matches" lines={10} />
        )}
      </div>
    );
  }
  const total = Object.values(value.counts).reduce((sum, one) => sum + one, 0);
  const among = kind === null ? total : value.counts[kind];
  return (
    <>
      <div className="matches-head">
        <div className="counts">
          {MATTER_ORDER.filter(one => value.counts[one] > 0 || one === kind).map(one => (
            <button
              key={one}
              type="button"
              className="chip"
              title={MATTERS[one].about}
              aria-pressed={kind === one}
              onClick={() => setParams({ kind: kind === one ? null : one })}
            >
              {MATTERS[one].word} <span className="num">{count(value.counts[one])}</span>
            </button>
          ))}
        </div>
        <div className="line">
          <TextInput
            aria-label="Search matches"
            placeholder="Name, serial number, account"
            leftSection={<IconSearch size={16} />}
            style={{ width: 280 }}
            value={text}
            onChange={event => setParams({ q: event.currentTarget.value })}
          />
          <span role="status" className="quiet num">
            {count(shown.length)} of {count(among)}
            {issues.length < among
              ? `; the first ${count(issues.length)} are here, choose a kind for others`
              : ''}
          </span>
        </div>
      </div>
      {total === 0 ? (
        <Face title="Nothing to look at">
          <p>
            Every record of another system is one device with its agent, and nothing about it is in doubt.
          </p>
        </Face>
      ) : shown.length === 0 ? (
        <Face title="None of these matches fits">
          <Button variant="default" onClick={() => setParams({ q: null, kind: null })}>
            Show all
          </Button>
        </Face>
      ) : (
        <List entries={shown} settle={setOpen} viewKey={`${kind ?? ''} ${wanted}`} />
      )}
      {open === null ? null : <Settle entry={open} close={() => setOpen(null)} changed={asked.reload} />}
    </>
  );
}

const NONE: readonly MatchIssueEntry[] = [];

function hayOf({ value, why, members }: MatchIssueEntry): string {
  return [
    value ?? '',
    why,
    ...members.flatMap(one => [memberWords(one), one.vendorId, one.device?.name ?? '']),
  ]
    .join('\n')
    .toLowerCase();
}

function List({
  entries,
  settle,
  viewKey,
}: {
  entries: readonly MatchIssueEntry[];
  settle: (entry: MatchIssueEntry) => void;
  /** Changes when somebody asks for another list: it then starts from the top. */
  viewKey: string;
}) {
  const console = useConsole();
  const box = useRef<HTMLUListElement>(null);
  const isSmall = useMediaQuery('(max-width: 760px)', false, { getInitialValueInEffect: false }) ?? false;
  const height = isSmall ? CARD : ROW;
  const { first, last, show } = useWindow(box, { count: entries.length, height, head: 0 });
  const at = useRef(-1);
  const [wish, setWish] = useState<number | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another list goes back to the top
  useEffect(() => {
    box.current?.scrollTo({ top: 0 });
    at.current = -1;
  }, [viewKey]);
  useKey(
    useMemo(() => {
      const step = (by: number) => () => {
        const next = Math.max(0, Math.min(entries.length - 1, at.current + by));
        at.current = next;
        show(next);
        setWish(next);
      };
      return { j: step(1), k: step(-1) };
    }, [entries, show]),
  );
  // A row that was just scrolled to is there only after the next drawing.
  useEffect(() => {
    if (wish === null) return;
    box.current?.querySelector<HTMLElement>(`[data-place="${wish}"] .match-open`)?.focus();
    setWish(null);
  }, [wish]);

  const may = console.may('admin');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling list must be reachable with the keyboard
    <ul ref={box} className="matches-box" aria-label="Matches to look at" tabIndex={0}>
      <li aria-hidden="true" style={{ height: first * height }} />
      {entries.slice(first, last).map((entry, i) => (
        <li
          key={entry.id}
          className="match"
          data-place={first + i}
          style={{ height }}
          aria-setsize={entries.length}
          aria-posinset={first + i + 1}
        >
          <span className="match-kind strong">{MATTERS[entry.kind].word}</span>
          <div className="match-what">
            <p className="cut" title={entry.why}>
              {entry.why}
            </p>
            <p className="cut quiet small">
              {entry.by === null || entry.value === null ? null : (
                <>
                  {EVIDENCE[entry.by]} <code>{entry.value}</code> ·{' '}
                </>
              )}
              {entry.members.map((member, place) => (
                <span key={member.key}>
                  {place > 0 ? ' · ' : ''}
                  <MemberLink member={member} />
                </span>
              ))}
            </p>
          </div>
          <Button
            variant="default"
            className="match-open"
            aria-label={`${may ? 'Settle' : 'Show'} ${MATTERS[entry.kind].word.toLowerCase()}: ${entry.members[0]?.name ?? entry.id}`}
            onClick={() => {
              at.current = first + i;
              settle(entry);
            }}
          >
            {may ? 'Settle' : 'Show'}
          </Button>
        </li>
      ))}
      <li aria-hidden="true" style={{ height: Math.max(0, entries.length - last) * height }} />
    </ul>
  );
}

function MemberLink({ member }: { member: MatchMember }) {
  const words = memberWords(member);
  return member.device === null || member.device.id === '' ? (
    words
  ) : (
    <Link to={`/devices/${member.device.id}`} params={{ tab: 'sources' }}>
      {words}
    </Link>
  );
}

function Settle({
  entry,
  close,
  changed,
}: {
  entry: MatchIssueEntry;
  close: () => void;
  changed: () => void;
}) {
  const console = useConsole();
  const { members, kind, why, by, value } = entry;
  const about = (
    <>
      <p>{why}</p>
      {by === null || value === null ? null : (
        <p className="quiet">
          {EVIDENCE[by]}: <code className="wrap">{value}</code>
        </p>
      )}
      <ul className="match-members">
        {members.map(member => (
          <li key={member.key} className="wrap">
            <MemberLink member={member} />
            <span className="quiet small">
              {' '}
              {member.device === null ? 'of no device' : `of ${member.device.name}`} ·{' '}
              <code>{member.vendorId}</code>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
  if (!console.may('admin')) {
    return (
      <Modal opened onClose={close} title={MATTERS[kind].word} closeButtonProps={{ 'aria-label': 'Close' }}>
        <div className="form">{about}</div>
      </Modal>
    );
  }
  if (kind === 'no-agent' || kind === 'no-row') {
    const keys = members.map(({ key }) => key);
    return (
      <BelongsDialog
        members={keys}
        from={keys}
        name={members[0]?.name ?? 'This record'}
        close={close}
        changed={changed}
      >
        {about}
      </BelongsDialog>
    );
  }
  return (
    <SettleDialog entry={entry} title={MATTERS[kind].word} close={close} changed={changed}>
      {about}
    </SettleDialog>
  );
}

function Decided() {
  const asked = useAnswer<DecisionsResponse>('match/decisions');
  const console = useConsole();
  const decide = useDecide(asked.reload);
  const [busy, setBusy] = useState<string | null>(null);
  if (asked.value === null) {
    return (
      <div className="page-pad">
        {asked.trouble ? (
          <TroubleFace trouble={asked.trouble} retry={asked.reload} />
        ) : (
          <WaitingLines what="what was decided" />
        )}
      </div>
    );
  }
  const decisions = asked.value.decisions.toReversed();
  const back = async ({ id }: Decision) => {
    setBusy(id);
    const trouble = await decide({ add: [], remove: [id] }, 'The decision is taken back.');
    setBusy(null);
    if (trouble !== null) console.notify(`${trouble.title}. ${trouble.next}`, 'trouble');
  };
  if (decisions.length === 0) {
    return (
      <Face title="Nothing has been decided by hand">
        <p>Which records are one device is told by what they have in common.</p>
      </Face>
    );
  }
  return (
    <div className="page-pad">
      <section className="card stack" aria-label="Decided by hand">
        <p className="quiet">
          {plural(decisions.length, 'decision')}, newest first. They hold whatever is read later.
        </p>
        <ul className="decisions">
          {decisions.map(decision => (
            <li key={decision.id} className="line-apart">
              <div className="stack grow" style={{ gap: 0 }}>
                <p className="wrap">
                  <strong>{decision.pin.kind === 'split' ? 'Never one device' : 'One device'}</strong>
                  {decision.pin.despiteSerials === true ? ' although their serial numbers differ' : ''}:{' '}
                  <MemberLink member={decision.one} /> and <MemberLink member={decision.other} />
                </p>
                <p className="quiet small">
                  By {decision.by}, <Ago at={decision.at} /> ago
                </p>
              </div>
              {console.may('admin') ? (
                <Button
                  variant="default"
                  loading={busy === decision.id}
                  aria-label={`Take back: ${memberWords(decision.one)} and ${memberWords(decision.other)}`}
                  onClick={() => void back(decision)}
                >
                  Take back
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
