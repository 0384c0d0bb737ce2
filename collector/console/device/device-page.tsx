import { Button } from '@mantine/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { z } from 'zod';
import type { DeviceResponse, FleetRow, MomentResponse, scanResponse } from '../../../shared/api/schemas.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import { type Contradiction, contradictionsOf } from '../../../shared/device/contradiction.ts';
import { supportWords } from '../fleet/columns.tsx';
import { neighbours } from '../fleet/current-list.ts';
import { DeviceHelp } from '../help/device-help.tsx';
import { Ago, dateTime } from '../parts/ago.tsx';
import { TypedConfirmation } from '../parts/dialogs.tsx';
import { TroubleFace, WaitingLines } from '../parts/face.tsx';
import { count, PLATFORM_NAMES } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import { PresenceShape, StateShape } from '../parts/mark.tsx';
import { useKey } from '../shell/keys.tsx';
import { useConsole } from '../state/console-state.ts';
import { usePlace } from '../state/place.ts';
import { useStore } from '../state/store.ts';
import { useAnswer } from '../state/use-answer.ts';
import { now } from '../time.ts';
import { ContradictionLines, Contradictions } from './contradictions.tsx';
import { OverviewTab, RawTab } from './device-tabs.tsx';
import { SOURCE_NAMES } from './facts.ts';
import { FindingsTab } from './findings-tab.tsx';
import { HistoryTab } from './history-tab.tsx';
import { NowCard, ThenCard } from './now-card.tsx';
import { SourcesTab } from './sources-tab.tsx';
import { TimelineTab } from './timeline-tab.tsx';
import { type LiveView, useDevice } from './use-device.ts';
import { WhatMatters } from './what-matters.tsx';

const TABS = [
  ['overview', 'Overview'],
  ['findings', 'Findings'],
  ['history', 'History'],
  ['timeline', 'Timeline'],
  ['sources', 'Sources'],
  ['raw', 'Raw'],
] as const;
type TabId = (typeof TABS)[number][0];
/** What only an agent tells is not there without one. */
const LONE_TABS = TABS.filter(([key]) => key === 'overview' || key === 'sources' || key === 'raw');

/** What is going on with this machine right now, and what has it been through? */
export function DevicePage({ id }: { id: string }) {
  const console = useConsole();
  const { params, setParams, go } = usePlace();
  const { device, trouble, live, viewers, reload } = useDevice(id);
  useStore(console.fleetVersion);
  const row = console.fleet.get(id) ?? device?.row;
  const tabs = row?.noAgent === true ? LONE_TABS : TABS;
  const tab: TabId = tabs.find(([key]) => key === params.get('tab'))?.[0] ?? 'overview';
  const at = momentOf(params.get('at'));
  const moment = useAnswer<MomentResponse>(
    at === null ? null : `devices/${encodeURIComponent(id)}/moment?at=${at}`,
  );
  const pick = useCallback(
    (when: number | null) => setParams({ at: when === null ? null : String(when) }),
    [setParams],
  );
  const near = neighbours(id);
  const openTab = useCallback(
    (next: TabId, check: string | null = null) =>
      setParams({ tab: next === 'overview' ? null : next, check }),
    [setParams],
  );

  useEffect(() => {
    document.title = `${row?.name ?? 'Device'} · Trayline`;
  }, [row?.name]);
  useKey(
    useMemo(() => {
      const step = (to: string | null) => () => {
        if (to !== null) go(`/devices/${to}`, { tab: tab === 'overview' ? null : tab });
      };
      return { '[': step(near.before), ']': step(near.after) };
    }, [near.before, near.after, go, tab]),
  );

  if (device === null || row === undefined) {
    return trouble ? (
      <div className="page-pad">
        <TroubleFace trouble={trouble} retry={reload} level="h1" />
        <Link to="/">Back to the fleet</Link>
      </div>
    ) : (
      <DeviceWaiting row={row} />
    );
  }
  const past = at !== null;
  // Merged facts are kept as they are now only: of then nothing is known of what contradicted.
  const contradictions = past ? [] : contradictionsOf(device.record);
  const showSources = () => openTab('sources');
  return (
    <div className="page-pad">
      <Top device={device} row={row} live={live} reload={reload} near={near} />
      {device.revokedAt === null ? null : <Revoked device={device} reload={reload} />}
      {past ? (
        <div className="note attention line-apart" style={{ marginBottom: 16 }} role="status">
          <span>
            <strong>As it was on {dateTime(at)}.</strong> Score, findings and curves are from then.
          </span>
          <Button variant="default" onClick={() => pick(null)}>
            Back to now
          </Button>
        </div>
      ) : null}
      {past || row.noAgent === true ? null : <DeviceHelp id={id} />}
      <div className="two">
        {row.noAgent === true ? (
          <NoAgentCard device={device} contradictions={contradictions} showSources={showSources} />
        ) : past && moment.trouble ? (
          <TroubleFace trouble={moment.trouble} retry={moment.reload} />
        ) : past && moment.value === null ? (
          <section className="card">
            <WaitingLines what="the device as it was" lines={6} />
          </section>
        ) : (
          <WhatMatters
            row={row}
            score={past ? (moment.value?.score ?? null) : device.score}
            past={past}
            contradictions={contradictions}
            showEvidence={check => openTab('findings', check)}
            showSources={showSources}
          />
        )}
        {row.noAgent === true ? null : past ? (
          <ThenCard id={id} at={at} />
        ) : (
          <NowCard row={row} live={live} viewers={viewers} />
        )}
      </div>
      <Tabs tabs={tabs} tab={tab} open={openTab} />
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`}>
        {tab === 'overview' &&
          (past ? (
            <div className="stack">
              <p className="quiet">
                Merged facts are kept as they are now only. These are the checks as they were then.
              </p>
              <FindingsTab
                findings={moment.value?.findings ?? {}}
                platform={row.platform}
                lit={null}
                at={at}
              />
            </div>
          ) : (
            <OverviewTab device={device} />
          ))}
        {tab === 'findings' && (
          <FindingsTab
            findings={past ? (moment.value?.findings ?? {}) : device.findings}
            platform={row.platform}
            lit={params.get('check')}
            at={at}
          >
            <Contradictions contradictions={contradictions}>
              <button type="button" className="linkish" onClick={showSources}>
                Who says what
              </button>
            </Contradictions>
          </FindingsTab>
        )}
        {tab === 'history' && <HistoryTab id={id} />}
        {tab === 'timeline' && <TimelineTab id={id} score={device.score.value} at={at} pick={pick} />}
        {tab === 'sources' && <SourcesTab device={device} reload={reload} />}
        {tab === 'raw' && <RawTab device={device} />}
      </div>
    </div>
  );
}

function momentOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

const PRESENCE_WORDS = { live: 'LIVE', stale: 'STALE', silent: 'GAP' } as const;

function Top({
  device,
  row,
  live,
  reload,
  near,
}: {
  device: DeviceResponse;
  row: FleetRow;
  live: LiveView;
  reload: () => void;
  near: ReturnType<typeof neighbours>;
}) {
  const console = useConsole();
  const [revoking, setRevoking] = useState(false);
  const link = useStore(console.link);
  // While the collector is away nothing here can be called live.
  const presence = link.is !== 'open' && row.presence === 'live' ? 'stale' : row.presence;
  const heard = Math.max(live.receivedAt ?? 0, row.lastSeen ?? 0);
  return (
    <div className="device-top">
      <div className="stack" style={{ gap: 4 }}>
        <div className="device-title">
          <StateShape state={row.state} size={16} />
          <h1>{row.name}</h1>
          <span className={`mark strong tone-${presence}`} role="status">
            <PresenceShape presence={presence} />
            {row.noAgent === true ? 'NO AGENT' : PRESENCE_WORDS[presence]}{' '}
          </span>
          <span className="quiet num" style={{ minWidth: 84 }}>
            {heard === 0 ? (
              'never heard'
            ) : (
              <>
                <Ago at={heard} /> ago
              </>
            )}
          </span>
        </div>
        <p className="quiet">
          {row.person ?? 'person not known'} · {row.os ?? PLATFORM_NAMES[row.platform]} · {supportWords(row)}{' '}
          · {row.model ?? 'model not known'}
          {row.duplicate ? (
            <>
              {' '}
              ·{' '}
              <Link to={`/devices/${row.id}`} params={{ tab: 'sources' }}>
                says it is another device too
              </Link>
            </>
          ) : null}
        </p>
      </div>
      <div className="line">
        {near.at >= 0 ? (
          <span className="line quiet small num" style={{ gap: 4 }}>
            {near.before === null ? null : (
              <Link to={`/devices/${near.before}`} className="chip">
                <kbd>[</kbd>
                <span className="sr">previous device</span>
              </Link>
            )}
            <span>
              {count(near.at + 1)} of {count(near.of)}
            </span>
            {near.after === null ? null : (
              <Link to={`/devices/${near.after}`} className="chip">
                <kbd>]</kbd>
                <span className="sr">next device</span>
              </Link>
            )}
          </span>
        ) : null}
        {console.may('helpdesk') && row.noAgent !== true ? (
          <ScanButton device={device} row={row} reload={reload} />
        ) : null}
        {console.may('admin') && device.revokedAt === null && row.noAgent !== true ? (
          <Button variant="default" onClick={() => setRevoking(true)}>
            Revoke
          </Button>
        ) : null}
      </div>
      {revoking ? (
        <TypedConfirmation
          title={`Revoke ${row.name}?`}
          name={row.name}
          action="Revoke this device"
          close={() => setRevoking(false)}
          run={async () => {
            const answer = await console.request(
              'POST',
              `devices/${encodeURIComponent(device.row.id)}/revoke`,
            );
            if (!answer.ok) return answer.trouble;
            console.notify(`${row.name} is revoked and may not connect any more.`);
            reload();
            return null;
          }}
        >
          <p>
            <strong>{row.name}</strong>, used by <strong>{row.person ?? 'a person not known'}</strong>, is
            disconnected at once and leaves the fleet. From then on:
          </p>
          <ul style={{ paddingLeft: 20 }}>
            <li>nobody sees its state, and nothing it does while revoked is recorded here, ever</li>
            <li>what was recorded until now stays readable on this page</li>
            <li>it can be let in again with Restore, but the time in between is lost</li>
          </ul>
        </TypedConfirmation>
      ) : null}
    </div>
  );
}

/** It has never talked to us: who knows it then. */
function NoAgentCard({
  device,
  contradictions,
  showSources,
}: {
  device: DeviceResponse;
  contradictions: readonly Contradiction[];
  showSources: () => void;
}) {
  const sources = new Set(
    Object.values(device.record).flatMap(({ source, rivals = [] }) => [
      source,
      ...rivals.map(rival => rival.source),
    ]),
  );
  const names = [...sources].map(source => SOURCE_NAMES[source]);
  return (
    <section className="card stack" aria-labelledby="no-agent">
      <h2 id="no-agent">No agent runs on it</h2>
      <p>
        It is known from {names.length === 0 ? 'other systems' : names.join(', ')} alone. There is no live
        view, no history and nothing it can be asked for.
      </p>
      <ContradictionLines contradictions={contradictions} open={showSources} />
      <p className="quiet">
        Install the agent there to see it as it is. It is then taken for this device by its serial number.
      </p>
    </section>
  );
}

function Revoked({ device, reload }: { device: DeviceResponse; reload: () => void }) {
  const console = useConsole();
  const [busy, setBusy] = useState(false);
  return (
    <div className="note trouble line-apart" style={{ marginBottom: 16 }}>
      <span>
        <strong>Revoked</strong> on {dateTime(device.revokedAt ?? 0)}: it may not connect, and what you see is
        from before.
      </span>
      {console.may('admin') ? (
        <Button
          variant="default"
          loading={busy}
          onClick={() => {
            setBusy(true);
            void console
              .request('POST', `devices/${encodeURIComponent(device.row.id)}/restore`)
              .then(answer => {
                setBusy(false);
                if (answer.ok) {
                  console.notify(`${device.row.name} may connect again.`);
                  reload();
                } else console.notify(`${answer.trouble.title}. ${answer.trouble.next}`, 'trouble');
              });
          }}
        >
          Restore
        </Button>
      ) : null}
    </div>
  );
}

/** After this long without the last answers the page stops promising them. */
const SCAN_PATIENCE_MS = 90 * SECOND;

/** Asks for all checks now and counts the answers as they come. */
function ScanButton({ device, row, reload }: { device: DeviceResponse; row: FleetRow; reload: () => void }) {
  const console = useConsole();
  const [asked, setAsked] = useState<{ at: number; before: ReadonlyMap<string, number> } | null>(null);
  const [busy, setBusy] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const checks = Object.entries(device.findings);
  const answered =
    asked === null ? 0 : checks.filter(([id, finding]) => finding.at > (asked.before.get(id) ?? 0)).length;
  const of = checks.length;
  const finished = asked !== null && of > 0 && answered >= of;
  useEffect(() => {
    if (!finished) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setAsked(null), 4000);
  }, [finished]);

  // A check that gives the same answer again changes nothing but its age, and the socket tells of changes only.
  const waiting = asked !== null && !finished;
  useEffect(() => {
    if (!waiting) return;
    const poll = setInterval(reload, 1500);
    return () => clearInterval(poll);
  }, [waiting, reload]);

  const ask = async () => {
    setBusy(true);
    const before = new Map(checks.map(([id, finding]) => [id, finding.at]));
    const answer = await console.request<z.infer<typeof scanResponse>>(
      'POST',
      `devices/${encodeURIComponent(row.id)}/scan`,
      {},
    );
    setBusy(false);
    if (!answer.ok) return console.notify(`${answer.trouble.title}. ${answer.trouble.next}`, 'trouble');
    if (!answer.value.sent)
      return console.notify(
        `${row.name} is not connected. It scans by itself when it comes back.`,
        'trouble',
      );
    setAsked({ at: now(), before });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setAsked(null), SCAN_PATIENCE_MS);
  };
  if (asked !== null) {
    return (
      <span className="line" role="status">
        <progress max={Math.max(1, of)} value={answered} aria-label="Checks answered" />
        <span className="num small" style={{ minWidth: 150 }}>
          {finished ? `All ${of} checks answered` : `${answered} of ${of} checks answered`}
        </span>
      </span>
    );
  }
  return (
    <Button
      loading={busy}
      disabled={row.presence !== 'live'}
      onClick={() => void ask()}
      title={row.presence === 'live' ? 'Run all checks now' : 'Only while the device is live'}
    >
      Ask for a scan
    </Button>
  );
}

function Tabs({
  tabs,
  tab,
  open,
}: {
  tabs: typeof LONE_TABS | typeof TABS;
  tab: TabId;
  open: (tab: TabId) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  return (
    <div
      ref={list}
      className="tabs"
      role="tablist"
      aria-label="About this device"
      onKeyDown={event => {
        const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (by === 0) return;
        event.preventDefault();
        const at = tabs.findIndex(([key]) => key === tab);
        const next = tabs[(at + by + tabs.length) % tabs.length];
        if (!next) return;
        open(next[0]);
        list.current?.querySelector<HTMLElement>(`#tab-${next[0]}`)?.focus();
      }}
    >
      {tabs.map(([key, name]) => (
        <button
          key={key}
          id={`tab-${key}`}
          type="button"
          role="tab"
          className="tab"
          aria-selected={key === tab}
          aria-controls="tab-panel"
          tabIndex={key === tab ? 0 : -1}
          onClick={() => open(key)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function DeviceWaiting({ row }: { row: FleetRow | undefined }) {
  return (
    <div className="page-pad">
      <div className="device-top">
        <h1>{row?.name ?? 'Loading the device'}</h1>
      </div>
      <div className="two">
        <section className="card" style={{ minHeight: 320 }}>
          <h2>What matters</h2>
          <WaitingLines what="the device" lines={7} />
        </section>
        <section className="card" style={{ minHeight: 320 }}>
          <h2>Now</h2>
        </section>
      </div>
    </div>
  );
}
