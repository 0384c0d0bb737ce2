import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Decision, DeviceMember, DeviceSourcesResponse } from '../../../shared/api/integrations.ts';
import type { DeviceResponse } from '../../../shared/api/schemas.ts';
import type { Contradiction } from '../../../shared/device/contradiction.ts';
import {
  type Claim,
  FIELD_KEYS,
  type FieldKey,
  type MergedField,
  SOURCES,
  type Source,
} from '../../../shared/device/device.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import { normaliseMac, normaliseSerial, normaliseUuid } from '../../../shared/device/identity.ts';
import { memberWords } from '../integrations/decide.ts';
import { ApartDialog, BelongsDialog, useDecide } from '../integrations/decide-dialog.tsx';
import { Ago, dateTime } from '../parts/ago.tsx';
import { TroubleNote, WaitingLines } from '../parts/face.tsx';
import { Link } from '../parts/link.tsx';
import { useConsole } from '../state/console-state.ts';
import { useAnswer } from '../state/use-answer.ts';
import { Contradictions } from './contradictions.tsx';
import { EVIDENCE } from './evidence.ts';
import { unknownWords } from './fact.tsx';
import { claimText, FACTS, SOURCE_NAMES } from './facts.ts';

const NONE: readonly Contradiction[] = [];

/** Who says what: what cannot all be true, one row per fact and one column per system, and why they are one device. */
export function SourcesTab({ device, reload }: { device: DeviceResponse; reload: () => void }) {
  const path = `devices/${encodeURIComponent(device.row.id)}/sources`;
  const asked = useAnswer<DeviceSourcesResponse>(device.revokedAt === null ? path : null);
  const sources = asked.value;
  return (
    <div className="stack-wide">
      {device.duplicates.length > 0 ? <Duplicates device={device} /> : null}
      <Contradictions contradictions={sources?.contradictions ?? NONE} />
      {device.revokedAt !== null ? null : sources === null ? (
        <section className="card">
          <h2>Systems that know it</h2>
          {asked.trouble ? (
            <TroubleNote trouble={asked.trouble} />
          ) : (
            <WaitingLines what="the systems" lines={3} />
          )}
        </section>
      ) : (
        <Members
          sources={sources}
          changed={() => {
            asked.reload();
            reload();
          }}
        />
      )}
      <WhoSaysWhat device={device} contradictions={sources?.contradictions ?? []} />
      <Identifiers identity={device.identity} />
      {device.row.noAgent === true ? null : (
        <section className="card" aria-labelledby="enrolled">
          <h2 id="enrolled">Enrolment</h2>
          <p>
            Let in on {dateTime(device.enrolledAt)} by {device.enrolledBy}. Agent{' '}
            {device.agentVersion ?? 'version not known'}
            {device.arch === null ? '' : ` for ${device.arch}`}.{' '}
            {device.clockSkewMs === null
              ? 'Its clock has not been compared yet.'
              : `Its clock is ${Math.abs(Math.round(device.clockSkewMs))} ms ${device.clockSkewMs >= 0 ? 'ahead of' : 'behind'} the collector’s.`}
          </p>
        </section>
      )}
    </div>
  );
}

function Duplicates({ device }: { device: DeviceResponse }) {
  return (
    <section className="card stack" aria-labelledby="twice">
      <h2 id="twice" className="tone-will-block">
        Another device says it is the same machine
      </h2>
      <p>
        One of them is probably a clone or a restored copy. Enrol one of them again, so that each has its own
        key.
      </p>
      <ul style={{ listStyle: 'none' }}>
        {device.duplicates.map(twin => (
          <li key={twin.id}>
            <Link to={`/devices/${twin.id}`}>{twin.name}</Link>{' '}
            <span className="quiet">has the same {twin.same.map(identifierName).join(', ')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function WhoSaysWhat({
  device,
  contradictions,
}: {
  device: DeviceResponse;
  contradictions: readonly Contradiction[];
}) {
  const seen = new Set<string>();
  for (const field of Object.values(device.record)) {
    seen.add(field.source);
    for (const rival of field.rivals ?? []) seen.add(rival.source);
  }
  const sources = SOURCES.filter(source => seen.has(source));
  const disputed = new Set(contradictions.flatMap(({ sides }) => sides.map(({ field }) => field)));
  // What is disputed comes first, the rest stays in its order.
  const keys = FIELD_KEYS.filter(key => device.record[key] !== undefined).toSorted(
    (one, other) => Number(disputed.has(other)) - Number(disputed.has(one)),
  );
  return (
    <section className="card" aria-labelledby="says">
      <h2 id="says">Who says what</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling table must be reachable with the keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label="Who says what, by fact and system">
        <table className="table says">
          <thead>
            <tr>
              <th>Fact</th>
              {sources.map(source => (
                <th key={source}>{SOURCE_NAMES[source]}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {keys.map(key => {
              const field = device.record[key];
              return field === undefined ? null : (
                <tr key={key} className={disputed.has(key) ? 'contradicted' : ''}>
                  <td>{FACTS[key].label}</td>
                  {sources.map(source => (
                    <Cell
                      key={source}
                      name={key}
                      field={field}
                      source={source}
                      isDisputed={disputed.has(key)}
                    />
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <p className="quiet small" style={{ marginTop: 8 }}>
        Bold is what counts. Ages are since the value was true, by the source’s clock.
      </p>
    </section>
  );
}

function Cell({
  name,
  field,
  source,
  isDisputed,
}: {
  name: FieldKey;
  field: MergedField;
  source: Source;
  isDisputed: boolean;
}) {
  const claims: Claim[] = [field, ...(field.rivals ?? [])].filter(claim => claim.source === source);
  if (claims.length === 0) return <td className="quiet">–</td>;
  return (
    <td className="wrap">
      {claims.map(claim => {
        const text = claimText(name, claim);
        const wins = claim === field && text !== null;
        const differs = isDisputed && claim !== field && text !== null && text !== claimText(name, field);
        const last = claim.lastValue;
        return (
          <div key={`${claim.observedAt} ${claim.receivedAt} ${text ?? ''}`} className="cell-claim">
            <span className={wins ? 'strong' : differs ? 'tone-will-block' : text === null ? 'quiet' : ''}>
              {text ?? `◌ ${unknownWords(claim)}`}
            </span>
            {text === null && last !== undefined ? (
              <span className="quiet small"> (was {FACTS[name].format(last)})</span>
            ) : null}
            {differs ? <span className="tag tone-will-block">contradicts</span> : null}{' '}
            <span className="quiet small">
              <Ago at={claim.observedAt} />
            </span>
          </div>
        );
      })}
    </td>
  );
}

/** Why these records are one device, what was noticed, and what people decided. */
function Members({ sources, changed }: { sources: DeviceSourcesResponse; changed: () => void }) {
  const console = useConsole();
  const decide = useDecide(changed);
  const [busy, setBusy] = useState<string | null>(null);
  const [open, setOpen] = useState<{ what: 'apart' | 'belongs'; member: DeviceMember } | null>(null);
  const { members, issues, decisions } = sources;
  const lead = members.find(({ agent }) => agent !== null) ?? members[0];
  const keys = members.map(({ key }) => key);
  const may = console.may('admin');

  const back = async (decision: Decision) => {
    setBusy(decision.id);
    const trouble = await decide({ add: [], remove: [decision.id] }, 'The decision is taken back.');
    setBusy(null);
    if (trouble !== null) console.notify(`${trouble.title}. ${trouble.next}`, 'trouble');
  };

  return (
    <section className="card stack" aria-labelledby="members">
      <h2 id="members">Systems that know it</h2>
      {issues.map(issue => (
        <p key={`${issue.kind} ${issue.members.join(' ')}`} className="note attention">
          {issue.why}{' '}
          <span className="quiet small wrap">
            {issue.members
              .map(key =>
                nameOfMember(
                  members.find(one => one.key === key),
                  key,
                ),
              )
              .join(' · ')}
          </span>{' '}
          <Link to="/integrations/matches" params={{ kind: issue.kind }}>
            Settle it
          </Link>
        </p>
      ))}
      <div className="table-scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th>System</th>
              <th>Account</th>
              <th>Calls it</th>
              <th>Taken for this device by</th>
              <th>Last heard of it</th>
              <th>Read</th>
              <th className="end">
                <span className="sr">Decide</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {members.map(member => {
              const { record } = member;
              const called = record?.name ?? member.key;
              return (
                <tr key={member.key}>
                  <td data-label="System" className="strong">
                    {record === null ? 'Agent' : SOURCE_NAMES[record.source]}
                    {record?.demo === true ? <span className="tag">demo</span> : null}
                  </td>
                  <td data-label="Account">{record === null ? '' : record.accountLabel}</td>
                  <td data-label="Calls it" className="wrap">
                    {record === null ? (
                      <code>{member.agent}</code>
                    ) : (
                      <>
                        {record.name ?? <span className="quiet">no name</span>}{' '}
                        <code className="quiet small">{record.vendorId}</code>
                      </>
                    )}
                  </td>
                  <td data-label="Taken by" className="wrap">
                    {member.by === null ? (
                      <span className="quiet">stands alone</span>
                    ) : (
                      <>
                        {EVIDENCE[member.by]}{' '}
                        {member.value === null ? null : <code className="quiet small">{member.value}</code>}
                      </>
                    )}
                  </td>
                  <td data-label="Last heard of it">
                    {record === null ? '' : <Ago at={record.observedAt} />}
                  </td>
                  <td data-label="Read">{record === null ? '' : <Ago at={record.receivedAt} />}</td>
                  <td data-label="Decide" className="end">
                    {may ? (
                      <span className="decide">
                        {member !== lead && members.length > 1 ? (
                          <Button
                            variant="default"
                            size="compact-sm"
                            aria-label={`${called} is another device`}
                            onClick={() => setOpen({ what: 'apart', member })}
                          >
                            Another device
                          </Button>
                        ) : null}
                        {member !== lead || record !== null ? (
                          <Button
                            variant="default"
                            size="compact-sm"
                            aria-label={`${called} belongs to…`}
                            onClick={() => setOpen({ what: 'belongs', member })}
                          >
                            Belongs to…
                          </Button>
                        ) : null}
                      </span>
                    ) : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {decisions.length === 0 ? null : (
        <ul className="contradictions">
          {decisions.map(decision => (
            <li key={decision.id} className="line-apart">
              <span className="wrap">
                <strong>{decision.pin.kind === 'split' ? 'Never one device' : 'One device'}</strong>:{' '}
                {memberWords(decision.one)} and {memberWords(decision.other)}{' '}
                <span className="quiet small">
                  decided by {decision.by} on {dateTime(decision.at)}
                </span>
              </span>
              {may ? (
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
      )}
      {open?.what === 'apart' ? (
        <ApartDialog
          member={open.member.key}
          name={nameOfMember(open.member, open.member.key)}
          sources={sources}
          close={() => setOpen(null)}
          changed={changed}
        />
      ) : null}
      {open?.what === 'belongs' ? (
        <BelongsDialog
          members={[open.member.key]}
          from={keys}
          name={nameOfMember(open.member, open.member.key)}
          close={() => setOpen(null)}
          changed={changed}
        />
      ) : null}
    </section>
  );
}

function nameOfMember(member: DeviceMember | undefined, key: string): string {
  if (member === undefined) return key;
  const { record, agent } = member;
  return record === null
    ? `Agent ${agent ?? key}`
    : `${SOURCE_NAMES[record.source]} (${record.accountLabel}): ${record.name ?? record.vendorId}`;
}

function Identifiers({ identity }: { identity: DeviceIdentity }) {
  return (
    <section className="card" aria-labelledby="identifiers">
      <h2 id="identifiers">Identifiers</h2>
      <div className="table-scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th>What</th>
              <th>As it is said</th>
              <th>As it is matched</th>
            </tr>
          </thead>
          <tbody>
            {identifiersOf(identity).map(([name, said, matched]) => (
              <tr key={name}>
                <td data-label="What">{name}</td>
                <td data-label="As it is said" className="mono wrap">
                  {said ?? <span className="quiet">not known</span>}
                </td>
                <td data-label="As it is matched" className="mono wrap">
                  {matched ?? (
                    <span className="quiet">
                      not used: {said === null ? 'not known' : 'shared by many machines'}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function identifierName(id: string): string {
  return (
    { serial: 'serial number', hardwareUuid: 'hardware UUID', machineId: 'machine id', macs: 'MAC address' }[
      id
    ] ?? id
  );
}

function identifiersOf(identity: DeviceIdentity): [string, string | null, string | null][] {
  const macs = identity.macs.map(mac => normaliseMac(mac)).filter(mac => mac !== null);
  return [
    ['Serial number', identity.serial, normaliseSerial(identity.serial)],
    ['Hardware UUID', identity.hardwareUuid, normaliseUuid(identity.hardwareUuid)],
    ['Machine id (hashed)', identity.machineId, identity.machineId],
    [
      'MAC addresses',
      identity.macs.length === 0 ? null : identity.macs.join(', '),
      macs.length === 0 ? null : macs.join(', '),
    ],
    ['Host name', identity.hostname, null],
  ];
}
